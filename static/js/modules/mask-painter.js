import { asGrey, fromPixels, softened } from "../logic/mask-sheet.js";
import { announce } from "./announce.js";
import { send } from "./calls.js";
import { MaskView } from "./mask-view.js";

const ZOOM_KEYS = { "+": 1, "=": 1, "-": -1, _: -1 };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const TOOL_KEYS = { b: "brush", e: "eraser", h: "move" };
const TOLD = { undo: "Taken back", redo: "Done again", invert: "Inverted", clear: "Cleared" };
const FINEST = 2;

/**
 * The dialog in which a mask is painted: its tools, its keys, and where the mask goes. `darkroom:paint` { image: { id, width,
 * height }, mask } opens it, mask being the id of one to go on from, or empty; `darkroom:masked` { imageId, mask } tells of
 * the one that was painted, stored by then.
 */
export class MaskPainter {
  constructor(dialog) {
    this.dialog = dialog;
    for (const part of ["view", "size", "feather", "told", "take"]) this[part] = dialog.querySelector(`[data-${part}]`);
    this.painting = new MaskView(this.view, {
      brush: () => ({ tool: this.tool, radius: Number(this.size.value) / 2 }),
      painted: () => this.tell(),
    });
    document.addEventListener("darkroom:paint", ({ detail }) => this.open(detail));
    dialog.addEventListener("click", (event) => {
      const act = event.target.closest("[data-paint-act]")?.dataset.paintAct;
      if (act) this.act(act);
    });
    dialog.addEventListener("input", () => this.showTools());
    dialog.addEventListener("change", (event) => event.target.name === "painter-tool" && this.view.focus());
    dialog.addEventListener("keydown", (event) => this.keyDown(event));
    dialog.addEventListener("keyup", (event) => event.key === " " && this.painting.lift());
    this.take.addEventListener("click", () => this.use());
  }

  get tool() {
    return this.dialog.querySelector("[name=painter-tool]:checked").value;
  }

  async open({ image, mask }) {
    this.dialog.showModal();
    if (this.painting.picture?.id !== image.id || this.from !== mask) await this.begin(image, mask);
    this.painting.measure();
    this.painting.fit();
    this.showTools();
    this.tell();
    this.view.focus();
  }

  async begin(image, mask) {
    this.from = mask;
    this.painting.begin(image);
    const longest = Math.max(image.width, image.height);
    this.size.max = Math.max(40, Math.round(longest / 2));
    this.size.value = Math.max(8, Math.round(longest / 12));
    if (!mask) return;
    const before = new Image();
    before.src = `/api/images/${encodeURIComponent(mask)}/file`;
    try {
      await before.decode();
    } catch {
      return; // begun anew: what was painted then is gone
    }
    const { width, height } = this.painting.mask;
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    context.drawImage(before, 0, 0, width, height);
    this.painting.act("load", fromPixels(context.getImageData(0, 0, width, height).data));
  }

  showTools() {
    for (const name of ["size", "feather"]) this.dialog.querySelector(`[data-${name}-text]`).textContent = `${this[name].value} px`;
    const { canvas, cursor } = this.painting;
    this.view.dataset.tool = this.tool;
    cursor.classList.toggle("is-eraser", this.tool === "eraser");
    canvas.style.filter = Number(this.feather.value) ? `blur(${Number(this.feather.value) / 2}px)` : "";
    this.painting.showCursor();
  }

  act(name) {
    this.painting[name === "fit" ? "fit" : "act"](name);
    if (TOLD[name]) this.tell(TOLD[name]);
  }

  keyDown(event) {
    const { key, ctrlKey, metaKey, shiftKey, altKey } = event;
    const letter = key.toLowerCase();
    const onTool = event.target.matches("input, button");
    if (altKey || (onTool && (key === " " || key in ARROWS || key === "Enter"))) return;
    if (ctrlKey || metaKey) {
      const act = { z: shiftKey ? "redo" : "undo", y: "redo" }[letter];
      if (!act) return;
      this.act(act);
    } else if (key in ARROWS) this.painting.walk(ARROWS[key], shiftKey);
    else if (key === " ") this.painting.press();
    else if (key === "[" || key === "]") this.resize(key === "]" ? 1 : -1);
    else if (TOOL_KEYS[letter]) this.choose(TOOL_KEYS[letter]);
    else if (letter === "i") this.act("invert");
    else if (key === "Delete" || key === "Backspace") this.act("clear");
    else if (key === "0") this.act("fit");
    else if (key in ZOOM_KEYS) this.painting.step(ZOOM_KEYS[key]);
    else return;
    event.preventDefault();
  }

  resize(way) {
    const now = Number(this.size.value);
    this.size.value = Math.max(FINEST, Math.round(now * 1.2 ** way) + (now < 6 ? way : 0));
    this.showTools();
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

  tell(what = "") {
    const { mask } = this.painting;
    const { share } = mask;
    const percent = share > 0 && share < 0.01 ? "less than 1" : Math.round(share * 100);
    this.told.textContent = `${what ? `${what}. ` : ""}${share ? `${percent} % of the picture is repainted` : "Nothing is painted yet"}`;
    this.take.disabled = !share;
    const can = { undo: mask.done.length, redo: mask.undone.length, clear: share };
    for (const [name, some] of Object.entries(can)) this.dialog.querySelector(`[data-paint-act=${name}]`).disabled = !some;
  }

  async use() {
    const { id } = this.painting.picture;
    this.take.setAttribute("aria-busy", "true");
    try {
      const form = new FormData();
      form.append("file", await this.file(), "mask.png");
      form.append("purpose", "mask");
      form.append("workspace_id", this.dialog.dataset.workspace);
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
    const { mask, share, picture } = this.painting;
    const { width, height, data } = mask;
    const levels = softened(data, width, height, Number(this.feather.value) * share);
    const small = new OffscreenCanvas(width, height);
    small.getContext("2d").putImageData(new ImageData(asGrey(levels), width, height), 0, 0);
    if (share === 1) return small.convertToBlob({ type: "image/png" });
    const large = new OffscreenCanvas(picture.width, picture.height);
    large.getContext("2d").drawImage(small, 0, 0, large.width, large.height);
    return large.convertToBlob({ type: "image/png" });
  }
}
