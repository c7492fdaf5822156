import { MaskSheet, asGrey, fromPixels, onPicture, onView, pressed, sheetSize, softened } from "../logic/mask-sheet.js";
import { bounded, fitted, panned, pinched, stepped, zoomed } from "../logic/zoom.js";
import { announce } from "./announce.js";
import { send } from "./calls.js";

const WHEEL = 0.0016;
const TRACKPAD_PINCH = 0.01;
const ZOOM_KEYS = { "+": 1, "=": 1, "-": -1, _: -1 };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const TOOL_KEYS = { b: "brush", e: "eraser", h: "move" };
const FINEST = 2;

/**
 * Paint a mask over a picture. `darkroom:paint` { image: { id, width, height }, mask } opens it, mask being the id of one to go
 * on from, or empty; `darkroom:masked` { imageId, mask } tells of the one that was painted, stored by then.
 * One finger, pen or button paints, two fingers move and zoom; the keys do all of it as well.
 */
export class MaskPainter {
  constructor(dialog) {
    this.dialog = dialog;
    for (const part of ["view", "sheet", "image", "canvas", "cursor", "size", "feather", "told", "take"]) this[part] = dialog.querySelector(`[data-${part}]`);
    this.pointers = new Map();
    this.paint = getComputedStyle(dialog).getPropertyValue("--scrim-safelight");
    document.addEventListener("darkroom:paint", ({ detail }) => this.open(detail));
    this.take.addEventListener("click", () => this.use());
    this.followTools();
    this.followPointers();
    dialog.addEventListener("keydown", (event) => this.keyDown(event));
    dialog.addEventListener("keyup", (event) => event.key === " " && this.lift());
    this.view.addEventListener("blur", () => this.lift());
    new ResizeObserver(() => this.picture && this.resized()).observe(this.view);
  }

  get tool() {
    return this.dialog.querySelector("[name=painter-tool]:checked").value;
  }

  get radius() {
    return Number(this.size.value) / 2;
  }

  /** Pixels of the sheet per pixel of the picture. */
  get share() {
    return this.mask.width / this.picture.width;
  }

  async open({ image, mask }) {
    this.dialog.showModal();
    if (this.picture?.id !== image.id || this.from !== mask) await this.begin(image, mask);
    this.resized();
    this.place = fitted(this.window, this.picture);
    this.render();
    this.tell();
    this.view.focus();
  }

  async begin({ id, width, height }, mask) {
    this.picture = { id, width, height };
    this.from = mask;
    this.spot = { x: width / 2, y: height / 2 };
    this.mask = new MaskSheet(...Object.values(sheetSize(this.picture)));
    Object.assign(this.canvas, { width: this.mask.width, height: this.mask.height });
    this.image.src = addressOf(id);
    this.sheet.style.width = `${width}px`;
    this.sheet.style.height = `${height}px`;
    this.size.max = Math.max(40, Math.round(Math.max(width, height) / 2));
    this.size.value = Math.max(8, Math.round(Math.max(width, height) / 12));
    if (mask) await this.goOnFrom(mask);
  }

  async goOnFrom(id) {
    const before = new Image();
    before.src = addressOf(id);
    try {
      await before.decode();
    } catch {
      return; // begun anew: what was painted then is gone
    }
    const { width, height } = this.mask;
    const canvas = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    canvas.drawImage(before, 0, 0, width, height);
    this.mask.load(fromPixels(canvas.getImageData(0, 0, width, height).data));
    this.draw(this.mask.whole);
  }

  followTools() {
    const { dialog } = this;
    dialog.addEventListener("click", (event) => {
      const act = event.target.closest("[data-paint-act]")?.dataset.paintAct;
      if (act) this.act(act);
    });
    dialog.addEventListener("input", () => this.showTools());
    dialog.addEventListener("change", (event) => event.target.name === "painter-tool" && this.view.focus());
    this.showTools();
  }

  showTools() {
    for (const name of ["size", "feather"]) this.dialog.querySelector(`[data-${name}-text]`).textContent = `${this[name].value} px`;
    this.view.dataset.tool = this.tool;
    this.cursor.classList.toggle("is-eraser", this.tool === "eraser");
    this.canvas.style.filter = Number(this.feather.value) ? `blur(${Number(this.feather.value) / 2}px)` : "";
    this.showCursor();
  }

  act(name) {
    if (name === "fit") {
      this.place = fitted(this.window, this.picture);
      this.render();
      return;
    }
    const changed = this.mask[name]();
    if (changed) this.draw(changed);
    this.tell({ undo: "Taken back", redo: "Done again", invert: "Inverted", clear: "Cleared" }[name]);
  }

  followPointers() {
    const { view } = this;
    view.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    view.addEventListener("pointerdown", (event) => this.down(event));
    view.addEventListener("pointermove", (event) => this.move(event));
    for (const type of ["pointerup", "pointercancel"]) view.addEventListener(type, (event) => this.up(event));
    view.addEventListener("pointerleave", ({ pointerType }) => pointerType === "mouse" && this.showCursor(false));
    view.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  pointOf({ clientX, clientY }) {
    const box = this.view.getBoundingClientRect();
    return { x: clientX - box.left - box.width / 2, y: clientY - box.top - box.height / 2 };
  }

  wheel(event) {
    event.preventDefault();
    const turn = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
    this.place = zoomed(this.place, this.place.scale * Math.exp(-turn * (event.ctrlKey ? TRACKPAD_PINCH : WHEEL)), this.pointOf(event), this.window, this.picture);
    this.render();
  }

  down(event) {
    if (event.button > 1) return;
    this.view.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.pointOf(event));
    if (this.pointers.size > 1) {
      // The second finger: these want to move the picture, not to paint.
      const touched = this.painting && this.mask.abandon();
      this.painting = false;
      if (touched) this.draw(touched);
    } else if (this.tool !== "move" && event.button === 0) {
      this.start(this.spotOf(event));
    }
  }

  move(event) {
    const last = this.pointers.get(event.pointerId);
    const now = this.pointOf(event);
    if (!last) {
      this.spot = onPicture(now, this.place, this.picture);
      this.showCursor(event.pointerType !== "touch");
      return;
    }
    const before = [...this.pointers.values()];
    this.pointers.set(event.pointerId, now);
    if (before.length === 2) this.place = pinched(this.place, before, [...this.pointers.values()], this.window, this.picture);
    else if (this.painting) for (const each of event.getCoalescedEvents?.() ?? [event]) this.strokeTo(this.spotOf(each));
    else this.place = panned(this.place, now.x - last.x, now.y - last.y, this.window, this.picture);
    this.spot = onPicture(now, this.place, this.picture);
    this.render();
  }

  up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    if (!this.pointers.size) this.lift();
    if (event.pointerType === "touch") this.showCursor(false);
  }

  spotOf(event) {
    return { ...onPicture(this.pointOf(event), this.place, this.picture), radius: pressed(this.radius, event) };
  }

  start(spot) {
    this.painting = true;
    this.mask.begin();
    this.last = spot;
    this.strokeTo(spot);
    this.spot = spot;
    this.showCursor();
  }

  strokeTo(spot) {
    const { share } = this;
    const [from, to] = [this.last, spot].map(({ x, y, radius }) => ({ x: x * share, y: y * share, radius: Math.max(radius * share, 0.75) }));
    this.last = spot;
    const changed = this.mask.paint(from, to, this.tool === "eraser" ? 0 : 255);
    if (changed) this.draw(changed);
  }

  lift() {
    if (!this.painting) return;
    this.painting = false;
    this.mask.end();
    this.tell();
  }

  keyDown(event) {
    const { key, ctrlKey, metaKey, shiftKey, altKey } = event;
    const onTool = event.target.matches("input, button");
    if (altKey || (onTool && (key === " " || key in ARROWS || key === "Enter"))) return;
    if (ctrlKey || metaKey) {
      const act = { z: shiftKey ? "redo" : "undo", y: "redo" }[key.toLowerCase()];
      if (!act) return;
      this.act(act);
    } else if (key in ARROWS) this.walk(ARROWS[key], shiftKey);
    else if (key === " ") this.press();
    else if (key === "[" || key === "]") this.resize(key === "]" ? 1 : -1);
    else if (TOOL_KEYS[key.toLowerCase()]) this.choose(TOOL_KEYS[key.toLowerCase()]);
    else if (key.toLowerCase() === "i") this.act("invert");
    else if (key === "Delete" || key === "Backspace") this.act("clear");
    else if (key === "0") this.act("fit");
    else if (key in ZOOM_KEYS) {
      this.place = stepped(this.place, ZOOM_KEYS[key], this.window, this.picture);
      this.render();
    } else return;
    event.preventDefault();
  }

  /** Half a brush a step, or with Shift one pixel; while space is held, painting. What is off the window is brought in. */
  walk([across, down], fine) {
    const step = fine ? 1 : Math.max(1, this.radius / 2);
    const { width, height } = this.picture;
    const spot = { x: between(this.spot.x + across * step, width), y: between(this.spot.y + down * step, height) };
    if (this.painting) this.strokeTo({ ...spot, radius: this.radius });
    this.spot = spot;
    const at = onView(spot, this.place, this.picture);
    const [away, off] = [Math.abs(at.x) - this.window.width / 2, Math.abs(at.y) - this.window.height / 2];
    if (away > 0 || off > 0) this.place = bounded({ ...this.place, x: this.place.x - at.x, y: this.place.y - at.y }, this.window, this.picture);
    this.render();
    this.showCursor();
  }

  press() {
    if (!this.painting && this.tool !== "move") this.start({ ...this.spot, radius: this.radius });
  }

  resize(way) {
    const now = Number(this.size.value);
    this.size.value = Math.max(FINEST, Math.round(now * 1.2 ** way) + (now < 6 ? way : 0));
    this.showTools();
    this.showCursor();
    announce(`Size ${this.size.value} pixels`);
  }

  choose(tool) {
    const radio = this.dialog.querySelector(`[name=painter-tool][value=${tool}]`);
    // The eraser's key is a switch: once more, and it is the brush again.
    const next = radio.checked && tool === "eraser" ? this.dialog.querySelector("[name=painter-tool][value=brush]") : radio;
    next.checked = true;
    this.showTools();
    announce(next.getAttribute("aria-label"));
  }

  resized() {
    this.window = { width: this.view.clientWidth || 1, height: this.view.clientHeight || 1 };
    this.place = bounded(this.place ?? fitted(this.window, this.picture), this.window, this.picture);
    this.render();
  }

  render() {
    const { scale, x, y } = this.place;
    const { width, height } = this.picture;
    this.sheet.style.transform = `translate(${x - (width * scale) / 2}px, ${y - (height * scale) / 2}px) scale(${scale})`;
    this.showCursor(!this.cursor.hidden);
  }

  showCursor(shown = true) {
    this.cursor.hidden = !shown || !this.place || this.tool === "move";
    if (this.cursor.hidden) return;
    const { x, y } = onView(this.spot, this.place, this.picture);
    const size = `${Math.max(4, this.radius * 2 * this.place.scale)}px`;
    Object.assign(this.cursor.style, { width: size, height: size, left: `calc(50% + ${x}px)`, top: `calc(50% + ${y}px)` });
  }

  draw({ x, y, width, height }) {
    const context = this.canvas.getContext("2d");
    const [red, green, blue] = channels(this.paint);
    const pixels = context.createImageData(width, height);
    for (let row = 0; row < height; row += 1) {
      for (let column = 0; column < width; column += 1) {
        if (!this.mask.data[(y + row) * this.mask.width + x + column]) continue;
        pixels.data.set([red, green, blue, 255], (row * width + column) * 4);
      }
    }
    context.putImageData(pixels, x, y);
  }

  tell(what = "") {
    const { share } = this.mask;
    const percent = share > 0 && share < 0.01 ? "less than 1" : Math.round(share * 100);
    this.told.textContent = `${what ? `${what}. ` : ""}${share ? `${percent} % of the picture is repainted` : "Nothing is painted yet"}`;
    this.take.disabled = !share;
    const can = { undo: this.mask.done.length, redo: this.mask.undone.length, clear: share };
    for (const [name, some] of Object.entries(can)) this.dialog.querySelector(`[data-paint-act=${name}]`).disabled = !some;
  }

  async use() {
    const { id } = this.picture;
    this.take.setAttribute("aria-busy", "true");
    const form = new FormData();
    form.append("file", await this.file(), "mask.png");
    form.append("purpose", "mask");
    form.append("workspace_id", this.dialog.dataset.workspace);
    try {
      const mask = await send("/api/images", form, { progress: () => {}, signal: new AbortController().signal });
      this.from = mask.id;
      this.dialog.close();
      document.dispatchEvent(new CustomEvent("darkroom:masked", { detail: { imageId: id, mask } }));
      announce("The mask is in the form.");
    } catch (error) {
      this.told.textContent = `The mask could not be stored: ${error.message}`;
    } finally {
      this.take.removeAttribute("aria-busy");
    }
  }

  /** The mask at the picture's own size, as a PNG. */
  async file() {
    const { width, height, data } = this.mask;
    const levels = softened(data, width, height, Number(this.feather.value) * this.share);
    const small = new OffscreenCanvas(width, height);
    small.getContext("2d").putImageData(new ImageData(asGrey(levels), width, height), 0, 0);
    if (this.share === 1) return small.convertToBlob({ type: "image/png" });
    const large = new OffscreenCanvas(this.picture.width, this.picture.height);
    large.getContext("2d").drawImage(small, 0, 0, large.width, large.height);
    return large.convertToBlob({ type: "image/png" });
  }
}

const addressOf = (id) => `/api/images/${encodeURIComponent(id)}/file`;
const between = (value, most) => Math.min(Math.max(value, 0), most);
const channels = (colour) => [1, 3, 5].map((at) => Number.parseInt(colour.trim().slice(at, at + 2), 16));
