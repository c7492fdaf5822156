import { SIDES, dragged, drawn, framed, grows, shifted, sidesFor } from "../logic/framing.js";

/**
 * The new frame of an outpaint in the Create form: shown for that operation, its numbers counted from the shape, and the
 * picture drawn in it. A handle of the frame, or the picture itself, can be dragged. `darkroom:source` tells of the
 * picture one starts from ({ id, width, height, thumb }, or null).
 */
export class Framing {
  constructor(root) {
    this.root = root;
    this.form = root.closest("form");
    for (const part of ["frame-room", "frame", "frame-picture", "frame-size"]) this[part] = root.querySelector(`[data-${part}]`);
    this.sidesOf = Object.fromEntries(SIDES.map((side) => [side, this.form.elements[`expand_${side}`]]));
    this.source = null;
    root.addEventListener("input", (event) => this.typed(event.target));
    this.form.addEventListener("change", () => this.show());
    this.form.addEventListener("darkroom:source", ({ detail }) => this.begin(detail));
    this.frame.addEventListener("pointerdown", (event) => this.down(event));
    this.frame.addEventListener("pointermove", (event) => this.move(event));
    for (const type of ["pointerup", "pointercancel"]) this.frame.addEventListener(type, () => this.up());
    new ResizeObserver(() => this.draw()).observe(this["frame-room"]);
    this.show();
  }

  get shape() {
    return this.form.elements.frame.value;
  }

  get sides() {
    return Object.fromEntries(SIDES.map((side) => [side, Math.max(0, Math.round(Number(this.sidesOf[side].value)) || 0)]));
  }

  begin(source) {
    this.source = source;
    this["frame-picture"].src = source?.thumb ?? "";
    this["frame-picture"].hidden = !source;
    this.show();
  }

  typed(field) {
    if (Object.values(this.sidesOf).includes(field)) this.choose("own");
    this.show();
  }

  choose(shape) {
    this.root.querySelector(`[name=frame][value="${shape}"]`).checked = true;
  }

  show() {
    this.root.hidden = this.form.elements.operation.value !== "outpaint" || this.form.dataset.picture !== "true";
    if (this.root.hidden) return;
    if (this.source && this.shape !== "own") this.write(sidesFor(this.source, this.shape, this.form.elements.anchor.value));
    // With all sides or one's own there is nothing to choose.
    this.form.elements.anchor.closest(".field").hidden = ["own", "all"].includes(this.shape);
    this.draw();
  }

  write(sides) {
    for (const side of SIDES) this.sidesOf[side].value = sides[side];
  }

  draw() {
    const { source, frame, "frame-room": room } = this;
    room.hidden = !source;
    if (!source || this.root.hidden) return;
    const { sides } = this;
    const style = getComputedStyle(room);
    const space = { width: room.clientWidth - 2 * parseFloat(style.paddingLeft), height: room.clientHeight - 2 * parseFloat(style.paddingTop) };
    if (space.width <= 0) return;
    const shown = drawn(source, sides, space);
    this.scale = shown.scale;
    Object.assign(frame.style, { width: `${shown.width}px`, height: `${shown.height}px` });
    Object.assign(this["frame-picture"].style, shown.picture);
    const size = framed(source, sides);
    this["frame-size"].textContent = grows(sides) ? `${size.width} × ${size.height}` : "it has this shape already";
  }

  down(event) {
    if (event.button !== 0) return;
    const handle = event.target.closest("[data-handle]")?.dataset.handle;
    if (!handle && event.target !== this["frame-picture"]) return;
    event.preventDefault();
    this.frame.setPointerCapture(event.pointerId);
    // The frame shrinks on the screen as it grows; what a pixel is worth stays as it was when it was taken hold of.
    this.held = { handle, x: event.clientX, y: event.clientY, sides: this.sides, scale: this.scale };
  }

  move({ clientX, clientY }) {
    if (!this.held) return;
    const { handle, x, y, sides, scale } = this.held;
    const [dx, dy] = [(clientX - x) / scale, (clientY - y) / scale];
    const outwards = { left: -dx, right: dx, top: -dy, bottom: dy };
    this.write(handle ? dragged(sides, handle, outwards[handle]) : shifted(sides, dx, dy));
    this.choose("own");
    this.draw();
  }

  up() {
    if (!this.held) return;
    this.held = null;
    this.form.dispatchEvent(new CustomEvent("darkroom:changed"));
    this.show();
  }
}
