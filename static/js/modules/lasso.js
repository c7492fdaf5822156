import { overlaps, rectangle } from "../logic/picked.js";
import { selected } from "./selection.js";

const CARD = "[data-grid] [data-picture]";
const CONTROLS = "a, button, input, select, textarea, summary, label, dialog, [data-picture], .tray";
const DRAG_PX = 6;
const JITTER_PX = 10;
const PRESS_MS = 500;

/** Choosing pictures by hand: a rectangle drawn in a `[data-room]`, and a finger that stays on a picture. */
export function listenForHands(scope) {
  scope.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    if (event.pointerType === "touch") press(event);
    else if (mayDraw(event)) draw(event);
  });
  scope.addEventListener("contextmenu", (event) => {
    if (event.pointerType === "touch" && event.target.closest?.(CARD)) event.preventDefault();
  });
}

/** From an empty place of the room; with Shift from a picture as well. Not from its scrollbar. */
function mayDraw(event) {
  const room = event.target.closest?.("[data-room]");
  const control = event.target.closest?.(CONTROLS);
  if (!room || (control && !(event.shiftKey && control.closest(CARD)))) return false;
  return event.clientX < room.getBoundingClientRect().left + room.clientWidth;
}

function draw(begin) {
  const room = begin.target.closest("[data-room]");
  const scroller = room.closest(".stage__main") ?? document.scrollingElement;
  // In the room's own measure, so that the corner stays where it was put while the room scrolls.
  const point = (event) => ({ x: event.clientX + scroller.scrollLeft, y: event.clientY + scroller.scrollTop });
  const from = point(begin);
  const adds = begin.shiftKey || begin.ctrlKey || begin.metaKey;
  const before = adds ? selected() : [];
  let frame = null;

  const move = (event) => {
    const to = point(event);
    if (!frame && Math.hypot(to.x - from.x, to.y - from.y) < DRAG_PX) return;
    frame ??= newFrame();
    const box = rectangle(from, to);
    const [left, top] = [box.left - scroller.scrollLeft, box.top - scroller.scrollTop];
    const [width, height] = [box.right - box.left, box.bottom - box.top];
    Object.assign(frame.style, { translate: `${left}px ${top}px`, width: `${width}px`, height: `${height}px` });
    const area = { left, top, right: left + width, bottom: top + height };
    const hit = [...room.querySelectorAll(CARD)].filter((card) => overlaps(card.getBoundingClientRect(), area));
    tell({ ids: hit.map((card) => card.dataset.id), to: before });
  };
  const end = (event) => {
    document.removeEventListener("pointermove", move);
    document.removeEventListener("dragstart", stop, true);
    if (frame) {
      frame.remove();
      swallowClick();
    } else if (event.type === "pointerup" && !adds) tell({ ids: [], to: [] });
  };
  document.addEventListener("pointermove", move);
  document.addEventListener("dragstart", stop, true);
  for (const type of ["pointerup", "pointercancel"]) document.addEventListener(type, end, { once: true });
}

function newFrame() {
  const frame = document.createElement("div");
  frame.className = "lasso";
  document.body.append(frame);
  document.getSelection()?.removeAllRanges();
  return frame;
}

/** A finger that stays on a picture chooses it; from then on a tap does. */
function press(begin) {
  const link = begin.target.closest?.(`${CARD} [data-picture-link]`);
  if (!link) return;
  const timer = setTimeout(() => {
    tell({ ids: [link.closest("[data-picture]").dataset.id], turn: true });
    link.addEventListener("pointerup", swallowClick, { once: true });
  }, PRESS_MS);
  const left = new AbortController();
  const leave = (event) => {
    const near = Math.hypot(event.clientX - begin.clientX, event.clientY - begin.clientY) < JITTER_PX;
    if (event.type === "pointermove" && near) return;
    clearTimeout(timer);
    left.abort();
  };
  for (const type of ["pointermove", "pointerup", "pointercancel"]) {
    document.addEventListener(type, leave, { signal: left.signal });
  }
}

const tell = (detail) => document.dispatchEvent(new CustomEvent("darkroom:pick", { detail }));

function stop(event) {
  event.preventDefault();
  event.stopPropagation();
}

/**
 * The click that ends a drawing or a long press must not open the picture under it, nor turn it over again. It comes at
 * once, or not at all; the window hears it before everybody else.
 */
function swallowClick() {
  window.addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => window.removeEventListener("click", stop, { capture: true }), 50);
}
