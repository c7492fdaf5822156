import { MaskSheet, onPicture, onView, pressed, sheetSize } from "../logic/mask-sheet.js";
import { bounded, fitted, panned, pinched, stepped, zoomed } from "../logic/zoom.js";

const WHEEL = 0.0016;
const TRACKPAD_PINCH = 0.01;

/**
 * A picture with the mask that is painted over it, in a window. One finger, pen or button paints, two fingers move and
 * zoom, the wheel zooms. brush: { tool, radius }, asked for whenever it is needed: "brush", "eraser" or "move", and in
 * pixels of the picture. painted(): the mask is another.
 */
export class MaskView {
  constructor(view, { brush, painted }) {
    Object.assign(this, { view, brush, painted });
    for (const part of ["sheet", "image", "canvas", "cursor"]) this[part] = view.querySelector(`[data-${part}]`);
    this.pointers = new Map();
    this.paint = getComputedStyle(view).getPropertyValue("--scrim-safelight");
    view.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    view.addEventListener("pointerdown", (event) => this.down(event));
    view.addEventListener("pointermove", (event) => this.move(event));
    for (const type of ["pointerup", "pointercancel"]) view.addEventListener(type, (event) => this.up(event));
    view.addEventListener("pointerleave", ({ pointerType }) => pointerType === "mouse" && this.showCursor(false));
    view.addEventListener("contextmenu", (event) => event.preventDefault());
    view.addEventListener("blur", () => this.lift());
    new ResizeObserver(() => this.picture && this.measure()).observe(view);
  }

  /** Pixels of the mask per pixel of the picture. */
  get share() {
    return this.mask.width / this.picture.width;
  }

  /** Another picture, with nothing painted yet. */
  begin({ id, width, height }) {
    this.picture = { id, width, height };
    this.spot = { x: width / 2, y: height / 2 };
    const size = sheetSize(this.picture);
    this.mask = new MaskSheet(size.width, size.height);
    Object.assign(this.canvas, size);
    this.image.src = `/api/images/${encodeURIComponent(id)}/file`;
    Object.assign(this.sheet.style, { width: `${width}px`, height: `${height}px` });
  }

  measure() {
    this.window = { width: this.view.clientWidth || 1, height: this.view.clientHeight || 1 };
    this.stand(bounded(this.place ?? fitted(this.window, this.picture), this.window, this.picture));
  }

  fit() {
    this.stand(fitted(this.window, this.picture));
  }

  step(way) {
    this.stand(stepped(this.place, way, this.window, this.picture));
  }

  stand(place) {
    this.place = place;
    const { width, height } = this.picture;
    const { scale, x, y } = place;
    this.sheet.style.transform = `translate(${x - (width * scale) / 2}px, ${y - (height * scale) / 2}px) scale(${scale})`;
    this.showCursor(!this.cursor.hidden);
  }

  pointOf({ clientX, clientY }) {
    const box = this.view.getBoundingClientRect();
    return { x: clientX - box.left - box.width / 2, y: clientY - box.top - box.height / 2 };
  }

  wheel(event) {
    event.preventDefault();
    const turn = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
    const scale = this.place.scale * Math.exp(-turn * (event.ctrlKey ? TRACKPAD_PINCH : WHEEL));
    this.stand(zoomed(this.place, scale, this.pointOf(event), this.window, this.picture));
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
    } else if (this.brush().tool !== "move" && event.button === 0) {
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
    if (before.length === 2) this.stand(pinched(this.place, before, [...this.pointers.values()], this.window, this.picture));
    else if (this.painting) for (const each of event.getCoalescedEvents?.() ?? [event]) this.strokeTo(this.spotOf(each));
    else this.stand(panned(this.place, now.x - last.x, now.y - last.y, this.window, this.picture));
    this.spot = onPicture(now, this.place, this.picture);
    this.showCursor(!this.cursor.hidden);
  }

  up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    if (!this.pointers.size) this.lift();
    if (event.pointerType === "touch") this.showCursor(false);
  }

  spotOf(event) {
    return { ...onPicture(this.pointOf(event), this.place, this.picture), radius: pressed(this.brush().radius, event) };
  }

  /** Begin a stroke where the keys have taken the brush. */
  press() {
    const { tool, radius } = this.brush();
    if (!this.painting && tool !== "move") this.start({ ...this.spot, radius });
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
    const changed = this.mask.paint(from, to, this.brush().tool === "eraser" ? 0 : 255);
    if (changed) this.draw(changed);
  }

  lift() {
    if (!this.painting) return;
    this.painting = false;
    this.mask.end();
    this.painted();
  }

  /** By keys: half a brush a step, or one pixel; in a stroke, painting. What is off the window is brought in. */
  walk([across, down], fine) {
    const { radius } = this.brush();
    const step = fine ? 1 : Math.max(1, radius / 2);
    const { width, height } = this.picture;
    const spot = { x: between(this.spot.x + across * step, width), y: between(this.spot.y + down * step, height) };
    if (this.painting) this.strokeTo({ ...spot, radius });
    this.spot = spot;
    const at = onView(spot, this.place, this.picture);
    const outside = Math.abs(at.x) > this.window.width / 2 || Math.abs(at.y) > this.window.height / 2;
    if (outside) this.stand(bounded({ ...this.place, x: this.place.x - at.x, y: this.place.y - at.y }, this.window, this.picture));
    this.showCursor();
  }

  /** Do something to all of the mask: "invert", "clear", "undo", "redo", or "load" levels. */
  act(name, ...given) {
    const changed = this.mask[name](...given);
    if (changed) this.draw(changed);
  }

  showCursor(shown = true) {
    const { tool, radius } = this.brush();
    this.cursor.hidden = !shown || !this.place || tool === "move";
    if (this.cursor.hidden) return;
    const { x, y } = onView(this.spot, this.place, this.picture);
    const size = `${Math.max(4, radius * 2 * this.place.scale)}px`;
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
}

const between = (value, most) => Math.min(Math.max(value, 0), most);
const channels = (colour) => [1, 3, 5].map((at) => Number.parseInt(colour.trim().slice(at, at + 2), 16));
