import { absolute, fitted, isFitted, panned, pinched, relative, stepped, swipe, zoomed } from "../logic/zoom.js";

const WHEEL = 0.0016;
const TRACKPAD_PINCH = 0.01; // which comes as a wheel with Ctrl, in much smaller steps
const KEYS = { "+": 1, "=": 1, "-": -1, _: -1 };

/**
 * A picture in a window: wheel, pinch, drag, double click and keys. The picture's size in pixels stands in its width and height
 * attributes; its larger copy, fetched once it would show, in data-full. changed(): the place is another; swiped(way): a
 * finger went left (1) or right (-1) over a picture that fits.
 */
export class ZoomView {
  constructor(view, picture, { changed = () => {}, swiped = () => {} } = {}) {
    Object.assign(this, { view, element: picture, changed, swiped });
    this.picture = { width: Number(picture.getAttribute("width")), height: Number(picture.getAttribute("height")) };
    this.pointers = new Map();
    view.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    view.addEventListener("dblclick", (event) => this.doubleClick(event));
    view.addEventListener("pointerdown", (event) => this.down(event));
    view.addEventListener("pointermove", (event) => this.move(event));
    for (const type of ["pointerup", "pointercancel"]) view.addEventListener(type, (event) => this.up(event));
    picture.addEventListener("dragstart", (event) => event.preventDefault());
    new ResizeObserver(() => this.resized()).observe(view);
    this.measure();
    this.set(fitted(this.size, this.picture));
  }

  get fits() {
    return isFitted(this.place, this.size, this.picture);
  }

  /** Pixels of the screen per pixel of the picture, in percent. */
  get percent() {
    return Math.round(this.place.scale * window.devicePixelRatio * 100);
  }

  get shared() {
    return relative(this.place, this.size, this.picture);
  }

  /** Stand as another view does; tells nobody. */
  follow(shared) {
    this.place = absolute(shared, this.size, this.picture);
    this.render();
  }

  fit() {
    this.set(fitted(this.size, this.picture));
  }

  /** One pixel of the picture on one of the screen. */
  actual(point = { x: 0, y: 0 }) {
    this.set(zoomed(this.place, 1 / window.devicePixelRatio, point, this.size, this.picture));
  }

  /** Whether the press was for this view: + - 0, and Shift with an arrow. */
  key({ key, shiftKey }) {
    const arrow = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key];
    if (arrow && shiftKey) this.set(panned(this.place, arrow[0] * 80, arrow[1] * 80, this.size, this.picture));
    else if (key in KEYS) this.set(stepped(this.place, KEYS[key], this.size, this.picture));
    else if (key === "0") this.fit();
    else return false;
    return true;
  }

  set(place) {
    this.place = place;
    this.render();
    this.changed(this);
  }

  measure() {
    this.size = { width: this.view.clientWidth || 1, height: this.view.clientHeight || 1 };
  }

  resized() {
    const shared = this.shared;
    this.measure();
    this.follow(shared);
    this.changed(this);
  }

  render() {
    const { scale, x, y } = this.place;
    const base = fitted(this.size, this.picture).scale;
    const style = this.element.style;
    style.width = `${this.picture.width * base}px`;
    style.height = `${this.picture.height * base}px`;
    style.transform = `translate(${x}px, ${y}px) scale(${scale / base})`;
    this.view.classList.toggle("is-zoomed", !this.fits);
    this.view.classList.toggle("is-pixels", scale * window.devicePixelRatio >= 3);
    this.sharpen(scale);
  }

  /** The preview is made for looking at all of it; closer up it takes the picture itself. */
  sharpen(scale) {
    const { full } = this.element.dataset;
    if (!full || !this.element.naturalWidth) return;
    const shown = this.picture.width * scale * window.devicePixelRatio;
    if (shown <= Math.min(this.element.naturalWidth * 1.05, this.picture.width * 0.99)) return;
    delete this.element.dataset.full;
    const loader = new Image();
    loader.src = full;
    loader.decode().then(
      () => (this.element.src = full),
      () => (this.element.dataset.full = full), // perhaps at the next turn of the wheel
    );
  }

  pointOf({ clientX, clientY }) {
    const box = this.view.getBoundingClientRect();
    return { x: clientX - box.left - box.width / 2, y: clientY - box.top - box.height / 2 };
  }

  wheel(event) {
    event.preventDefault();
    const turn = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
    const scale = this.place.scale * Math.exp(-turn * (event.ctrlKey ? TRACKPAD_PINCH : WHEEL));
    this.set(zoomed(this.place, scale, this.pointOf(event), this.size, this.picture));
  }

  doubleClick(event) {
    if (event.target.closest("a, button")) return;
    if (!this.fits) return this.fit();
    const point = this.pointOf(event);
    this.actual(point);
    // A picture that fits at 1:1 has its pixels shown larger instead.
    if (this.fits) this.set(zoomed(this.place, this.place.scale * 2, point, this.size, this.picture));
  }

  down(event) {
    if (event.button !== 0 || event.target.closest("a, button, [role=slider]")) return;
    this.view.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.pointOf(event));
    this.start = this.pointers.size === 1 ? { ...this.pointOf(event), fits: this.fits, touch: event.pointerType === "touch" } : null;
  }

  move(event) {
    if (!this.pointers.has(event.pointerId)) return;
    const before = [...this.pointers.values()];
    const last = this.pointers.get(event.pointerId);
    const now = this.pointOf(event);
    this.pointers.set(event.pointerId, now);
    if (before.length === 2) this.set(pinched(this.place, before, [...this.pointers.values()], this.size, this.picture));
    else if (before.length === 1) this.set(panned(this.place, now.x - last.x, now.y - last.y, this.size, this.picture));
  }

  up(event) {
    const last = this.pointers.get(event.pointerId);
    this.pointers.delete(event.pointerId);
    const { start } = this;
    if (!last || !start?.touch || !start.fits || event.type !== "pointerup") return;
    const way = swipe(last.x - start.x, last.y - start.y);
    if (way) this.swiped(way);
  }
}
