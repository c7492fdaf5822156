import { decode } from "../logic/thumbhash.js";

const CARD = ":is([data-grid], .tray) [data-picture]";
const HOVER_MS = 350;
const STAND_IN_PX = 16;
// Not every browser tells of idle moments.
const later = window.requestIdleCallback ?? ((call) => setTimeout(() => call({ timeRemaining: () => 5 }), 50));
const waiting = new Set();
// Only what is about to be seen: a long page of pictures would keep a phone at drawing for a second.
const near = new IntersectionObserver(cameNear, { rootMargin: "100% 0px", scrollMargin: "100% 0px" });
const sheet = document.createElement("canvas");

/**
 * What a card gets from a script: the tools under the pointer or the focus (one set, lent to the card that is looked
 * at, so that a thousand cards weigh what their pictures weigh), a stand-in until its picture is there, a film that runs
 * while one points at it. `darkroom:pictures` { root } tells of cards that came by fetch.
 */
export function furnishPictures(scope) {
  scope.addEventListener("pointerover", ({ target, pointerType }) => {
    const card = target.closest?.(CARD);
    if (card && pointerType !== "touch") lend(card);
  });
  scope.addEventListener("focusin", ({ target }) => {
    const card = target.closest?.(CARD);
    if (card) lend(card);
  });
  scope.addEventListener("pointerover", film);
  for (const [type, root] of [["darkroom:pictures", "root"], ["htmx:load", "elt"]]) {
    scope.addEventListener(type, ({ detail }) => standIn(detail[root]));
  }
  standIn(scope);
}

function lend(card) {
  if (card.querySelector("[data-tools]")) return;
  const pattern = card.closest("[data-trash]") ? "picture-tools-trash" : "picture-tools";
  const tools = document.getElementById(pattern)?.content.firstElementChild.cloneNode(true);
  if (!tools) return;
  if (!card.dataset.seed) tools.querySelector("[data-use=seed]")?.remove();
  // A narrow card has room for what cannot be done by opening it.
  const width = card.clientWidth;
  if (width < 132) tools.querySelector("[data-act=download]")?.remove();
  if (width < 104) tools.querySelector("[data-use=like]")?.remove();
  for (const other of document.querySelectorAll("[data-picture].has-tools")) {
    if (!other.contains(document.activeElement)) takeBack(other);
  }
  card.append(tools);
  card.classList.add("has-tools");
}

function takeBack(card) {
  card.classList.remove("has-tools");
  card.querySelector("[data-tools]").remove();
}

/** A still that moves while somebody points at it. */
function film({ target, pointerType }) {
  const card = target.closest?.(`${CARD}[data-kind=video]`);
  if (!card || pointerType === "touch" || card.querySelector("video")) return;
  const leave = () => {
    clearTimeout(timer);
    card.querySelector("video")?.remove();
  };
  const timer = setTimeout(() => {
    const video = document.createElement("video");
    Object.assign(video, { className: "picture__film", muted: true, loop: true, autoplay: true, playsInline: true });
    video.src = `/api/images/${encodeURIComponent(card.dataset.id)}/file`;
    video.setAttribute("aria-hidden", "true");
    card.querySelector("[data-picture-link]").append(video);
  }, HOVER_MS);
  card.addEventListener("pointerleave", leave, { once: true });
}

function standIn(root) {
  for (const card of root.querySelectorAll("[data-picture][data-placeholder]")) near.observe(card);
}

/** Drawn in the browser's idle moments: scrolling comes first, and most pictures are there before their turn comes. */
function cameNear(entries) {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    waiting.add(target);
  }
  if (waiting.size) later(drawSome);
}

function drawSome(deadline) {
  for (const card of waiting) {
    waiting.delete(card);
    if (card.isConnected) draw(card);
    if (deadline.timeRemaining() < 2) break;
  }
  if (waiting.size) later(drawSome);
}

function draw(card) {
  const image = card.querySelector("img");
  const hash = card.dataset.placeholder;
  if (!image || !hash || image.complete) return;
  delete card.dataset.placeholder;
  const url = drawn(hash);
  if (!url) return;
  const link = image.parentElement;
  link.style.backgroundImage = `url(${url})`;
  // A picture that can be seen through would show its stand-in behind it.
  image.addEventListener("load", () => link.style.removeProperty("background-image"), { once: true });
}

function drawn(hash) {
  const picture = decode(hash, STAND_IN_PX);
  if (!picture) return null;
  const { width, height, rgba } = picture;
  Object.assign(sheet, { width, height });
  sheet.getContext("2d").putImageData(new ImageData(rgba, width, height), 0, 0);
  return sheet.toDataURL();
}
