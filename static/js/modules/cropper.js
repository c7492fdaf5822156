import { isWhole, moved, resized, shaped, typed, whole } from "../logic/cropping.js";
import { send } from "./calls.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
// A PNG keeps every pixel; of a large photograph it would be heavier than what may be uploaded.
const PNG_MOST_PIXELS = 4_000_000;

/**
 * Use a part of a picture. `darkroom:crop` { image: { id, width, height, name } } opens it; `darkroom:cropped` { imageId, image }
 * tells of the part, stored as a picture of its own by then. By mouse, finger, keys and numbers.
 */
export class Cropper {
  constructor(dialog) {
    this.dialog = dialog;
    for (const name of ["room", "picture", "image", "part", "told", "take"]) this[name] = dialog.querySelector(`[data-crop-${name}]`);
    this.numbers = [...dialog.querySelectorAll("[data-crop-number]")];
    document.addEventListener("darkroom:crop", ({ detail }) => this.open(detail.image));
    dialog.addEventListener("change", ({ target }) => {
      if (target.name === "crop-shape") this.set(shaped(this.of, this.ratio));
      else if (target.dataset.cropNumber) this.type(target);
    });
    this.part.addEventListener("keydown", (event) => this.keyDown(event));
    this.picture.addEventListener("pointerdown", (event) => this.down(event));
    this.picture.addEventListener("pointermove", (event) => this.move(event));
    for (const type of ["pointerup", "pointercancel"]) this.picture.addEventListener(type, () => (this.held = null));
    this.take.addEventListener("click", () => this.use());
    new ResizeObserver(() => this.of && this.lay()).observe(this.room);
  }

  get ratio() {
    const [across, down] = this.dialog.querySelector("[name=crop-shape]:checked").value.split(":").map(Number);
    return down ? across / down : null;
  }

  open(image) {
    this.of = image;
    this.image.src = `/api/images/${encodeURIComponent(image.id)}/file`;
    this.dialog.querySelector("[name=crop-shape]").checked = true;
    this.dialog.showModal();
    this.lay();
    this.set(whole(image));
    this.part.focus();
  }

  lay() {
    const style = getComputedStyle(this.room);
    const [wide, high] = [this.room.clientWidth - 2 * parseFloat(style.paddingLeft), this.room.clientHeight - 2 * parseFloat(style.paddingTop)];
    this.scale = Math.min(wide / this.of.width, high / this.of.height);
    Object.assign(this.picture.style, { width: `${this.of.width * this.scale}px`, height: `${this.of.height * this.scale}px` });
  }

  set(chosen) {
    this.chosen = chosen;
    const percent = (value, most) => `${(100 * value) / most}%`;
    const { width, height } = this.of;
    Object.assign(this.part.style, { left: percent(chosen.x, width), top: percent(chosen.y, height), width: percent(chosen.width, width), height: percent(chosen.height, height) });
    for (const field of this.numbers) field.value = chosen[field.dataset.cropNumber];
    this.take.disabled = isWhole(chosen, this.of);
    this.told.textContent = this.take.disabled ? "All of it" : `${chosen.width} × ${chosen.height} of ${width} × ${height}`;
  }

  type(field) {
    this.dialog.querySelector("[name=crop-shape]").checked = true; // numbers are free of any shape
    this.set(typed(this.chosen, field.dataset.cropNumber, field.value, this.of));
  }

  keyDown(event) {
    const way = ARROWS[event.key];
    if (!way) return;
    event.preventDefault();
    const step = Math.max(1, Math.round(Math.max(this.of.width, this.of.height) / 100));
    const [dx, dy] = way.map((each) => each * step);
    this.set(event.shiftKey ? resized(this.chosen, "se", dx, dy, this.of, this.ratio) : moved(this.chosen, dx, dy, this.of));
  }

  down(event) {
    if (event.button !== 0 || !event.target.closest("[data-crop-part]")) return;
    event.preventDefault();
    this.part.focus();
    this.picture.setPointerCapture(event.pointerId);
    this.held = { corner: event.target.dataset.corner, x: event.clientX, y: event.clientY, chosen: this.chosen };
  }

  move({ clientX, clientY }) {
    if (!this.held) return;
    const { corner, x, y, chosen } = this.held;
    const [dx, dy] = [(clientX - x) / this.scale, (clientY - y) / this.scale];
    this.set(corner ? resized(chosen, corner, dx, dy, this.of, this.ratio) : moved(chosen, dx, dy, this.of));
  }

  async use() {
    const { id, name } = this.of;
    this.take.setAttribute("aria-busy", "true");
    try {
      const form = new FormData();
      const file = await this.file();
      form.append("file", file, `part of ${name}.${file.type === "image/png" ? "png" : "jpg"}`);
      form.append("workspace_id", this.dialog.querySelector("[data-workspace]").dataset.workspace);
      const image = await send("/api/images", form, { progress: () => {}, signal: new AbortController().signal });
      this.dialog.close();
      document.dispatchEvent(new CustomEvent("darkroom:cropped", { detail: { imageId: id, image } }));
    } catch (error) {
      this.told.textContent = `The part could not be stored: ${error.message}`;
    } finally {
      this.take.removeAttribute("aria-busy");
    }
  }

  async file() {
    await this.image.decode();
    const { x, y, width, height } = this.chosen;
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext("2d").drawImage(this.image, x, y, width, height, 0, 0, width, height);
    return canvas.convertToBlob(width * height <= PNG_MOST_PIXELS ? { type: "image/png" } : { type: "image/jpeg", quality: 0.95 });
  }
}
