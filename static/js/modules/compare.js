import { undoing } from "../logic/mark-changes.js";
import { post } from "./calls.js";
import { marksOf, showMarks } from "./picture-card.js";
import { toast } from "./toast.js";
import { ZoomView } from "./zoom-view.js";

const HOLD_MS = 260;
const STEPS = { ArrowLeft: -2, ArrowRight: 2, PageDown: -10, PageUp: 10 };

// Pictures against each other: one zoom for all, a divider, flipping, and the choice of one.
export class Compare {
  constructor(root) {
    this.root = root;
    this.windows = [...root.querySelectorAll("[data-window]")];
    this.feet = [...root.querySelectorAll(".compare__foot")];
    this.area = root.querySelector("[data-windows]");
    this.divider = root.querySelector("[data-divider]");
    this.views = this.windows
      .filter((window) => window.querySelector("img"))
      .map((window) => new ZoomView(window, window.querySelector("img"), { changed: (view) => this.align(view) }));
    root.addEventListener("click", (event) => this.clicked(event));
    root.addEventListener("submit", (event) => this.submitted(event));
    document.addEventListener("keydown", (event) => this.pressed(event));
    document.addEventListener("keyup", (event) => this.released(event));
    document.addEventListener("darkroom:marked", ({ detail }) => this.marked(detail));
    if (this.divider) this.bindDivider();
    this.show(0);
    if (this.views.length) this.align(this.views[0]);
  }

  get mode() {
    return this.root.dataset.mode;
  }

  set mode(mode) {
    this.root.dataset.mode = mode;
    for (const button of this.root.querySelectorAll("[data-mode-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.modeChoice === mode));
    }
    this.show(0);
  }

  /** All views stand as this one does. */
  align(view) {
    if (!this.views) return; // the first of them is still being made
    for (const other of this.views) if (other !== view) other.follow(view.shared);
    this.root.querySelector("[data-percent]").textContent = `${view.percent} %`;
    this.root.querySelector("[data-zoom=fit]").setAttribute("aria-pressed", String(view.fits));
    this.root.querySelector("[data-zoom=actual]").setAttribute("aria-pressed", String(view.percent === 100 && !view.fits));
  }

  /** Which one is in sight while they flicker. */
  show(at) {
    this.shown = at % this.windows.length;
    for (const [place, parts] of [this.windows, this.feet].flatMap((list) => [...list.entries()])) {
      parts.classList.toggle("is-shown", this.mode === "flicker" && place === this.shown);
    }
  }

  clicked({ target }) {
    const mode = target.closest("[data-mode-choice]")?.dataset.modeChoice;
    if (mode) this.mode = mode;
    if (target.closest("[data-flip]")) this.show(this.shown + 1);
    const zoom = target.closest("[data-zoom]")?.dataset.zoom;
    if (zoom === "fit") this.views[0]?.fit();
    if (zoom === "actual") this.views[0]?.actual();
  }

  pressed(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog:modal")) return;
    if (event.target.matches("input, textarea, select, video")) return;
    if (event.key === " " && this.mode === "flicker" && !event.target.closest("a, button:not([data-flip])")) {
      event.preventDefault();
      if (event.repeat) return;
      this.heldSince = event.timeStamp;
      this.show(this.shown + 1);
    } else if (this.views[0]?.key(event)) event.preventDefault();
  }

  /** A short press stays flipped; held for longer, letting go flips back. */
  released(event) {
    if (event.key !== " " || this.heldSince === undefined) return;
    event.preventDefault(); // on the button itself, this would be its click
    if (event.timeStamp - this.heldSince > HOLD_MS) this.show(this.shown + this.windows.length - 1);
    this.heldSince = undefined;
  }

  /** What is in the trash stays in its place, dim, for the moment when somebody thinks again. */
  marked({ ids, changes }) {
    if (!("trashed" in changes)) return;
    for (const part of this.root.querySelectorAll("[data-picture]")) {
      if (ids.includes(part.dataset.id)) part.toggleAttribute("data-trashed", changes.trashed);
    }
  }

  bindDivider() {
    const { divider } = this;
    const follow = ({ clientX }) => {
      const box = this.area.getBoundingClientRect();
      this.divide(((clientX - box.left) / box.width) * 100);
    };
    divider.addEventListener("pointerdown", (event) => {
      divider.setPointerCapture(event.pointerId);
      follow(event);
    });
    divider.addEventListener("pointermove", (event) => divider.hasPointerCapture(event.pointerId) && follow(event));
    divider.addEventListener("keydown", (event) => {
      const at = Number(divider.getAttribute("aria-valuenow"));
      const to = { Home: 0, End: 100 }[event.key] ?? (event.key in STEPS ? at + STEPS[event.key] : null);
      if (to === null) return;
      event.preventDefault();
      this.divide(to);
    });
  }

  divide(percent) {
    const at = Math.min(Math.max(percent, 0), 100);
    this.area.style.setProperty("--split", `${at}%`);
    this.divider.setAttribute("aria-valuenow", String(Math.round(at)));
    this.divider.setAttribute("aria-valuetext", `${Math.round(at)} % of A`);
  }

  submitted(event) {
    const form = event.target.closest("[data-choice]");
    if (!form) return;
    event.preventDefault();
    const { ids, keep } = Object.fromEntries(new FormData(form));
    this.choose(keep, ids.split(",").filter((id) => id !== keep));
  }

  /** Keep one, reject the others; the server's answers say how to take it back. */
  async choose(keep, others) {
    const done = [];
    const set = async (ids, changes) => {
      const { before } = await post("/api/images/marks", { ids, ...changes });
      done.push({ changes, before });
      tell(ids, changes);
    };
    try {
      await set([keep], { favourite: true, rejected: false });
      await set(others, { rejected: true });
    } catch (error) {
      toast({ title: "Not everything was changed", detail: error.message, icon: "warning" });
    }
    if (!done.length) return;
    const undo = async () => {
      for (const { changes, before } of done) {
        for (const { ids, ...past } of undoing(changes, before)) {
          await post("/api/images/marks", { ids, ...past });
          tell(ids, past);
        }
      }
    };
    const text = `1 picture kept, ${others.length} rejected`;
    document.dispatchEvent(new CustomEvent("darkroom:undoable", { detail: { text, icon: "heart", undo } }));
  }
}

function tell(ids, changes) {
  for (const id of ids) showMarks(id, { ...marksOf(id), ...changes });
  document.dispatchEvent(new CustomEvent("darkroom:marked", { detail: { ids, changes } }));
}
