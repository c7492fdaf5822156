import { swipe } from "../logic/zoom.js";
import { ZoomView } from "./zoom-view.js";

const RECIPE = "darkroom:recipe";
const CONTROLS_PX = 88;
const STEPS = { ArrowLeft: "newer", ArrowRight: "older" };

/** One picture at full size (templates/playground/_lightbox.html), on its own page or in the lightbox. */
export class PictureView {
  constructor(root) {
    this.root = root;
    this.stage = root.querySelector("[data-stage]");
    this.toggle = root.querySelector("[data-recipe-toggle]");
    const picture = this.stage.querySelector("img");
    if (picture) {
      this.zoom = new ZoomView(this.stage, picture, {
        changed: () => this.showZoom(),
        swiped: (way) => this.step(way > 0 ? "older" : "newer"),
      });
    }
    this.video = this.stage.querySelector("video");
    if (this.video) this.followSwipes();
    root.addEventListener("click", (event) => this.clicked(event));
    this.showRecipe(remembered());
    const strip = root.querySelector("[data-strip]");
    const current = strip?.querySelector("[aria-current]");
    if (current) strip.scrollLeft = current.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;
    this.showZoom();
  }

  /** Whether the press was for the picture. */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return false;
    const step = event.shiftKey ? null : STEPS[event.key];
    // In a video and on a slider the arrows have a meaning of their own.
    if (step && event.target.matches("video, [role=slider], input")) return false;
    if (step) this.step(step);
    else if (event.key.toLowerCase() === "i") this.showRecipe(!this.recipeIsOpen, { remember: true });
    else if (event.key === " " && this.video && event.target === this.stage) this.playOrPause();
    else return this.zoom?.key(event) ?? false;
    return true;
  }

  playOrPause() {
    if (this.video.paused) this.video.play().catch(() => null); // it may be gone, and says so itself
    else this.video.pause();
  }

  /** As over a picture; not where the video's own controls are. */
  followSwipes() {
    let from = null;
    this.stage.addEventListener("pointerdown", ({ pointerType, clientX, clientY }) => {
      const controls = this.video.getBoundingClientRect().bottom - CONTROLS_PX;
      from = pointerType === "touch" && clientY < controls ? { clientX, clientY } : null;
    });
    this.stage.addEventListener("pointerup", ({ clientX, clientY }) => {
      const way = from && swipe(clientX - from.clientX, clientY - from.clientY);
      if (way) this.step(way > 0 ? "older" : "newer");
      from = null;
    });
  }

  step(way) {
    const link = this.root.querySelector(`[data-step=${way}]`);
    if (link && !link.hidden) link.click();
  }

  clicked({ target }) {
    const zoom = target.closest("[data-zoom]")?.dataset.zoom;
    if (zoom === "fit") this.zoom.fit();
    if (zoom === "actual") this.zoom.actual();
    if (target.closest("[data-recipe-toggle]")) this.showRecipe(!this.recipeIsOpen, { remember: true });
  }

  get recipeIsOpen() {
    return this.root.dataset.recipe === "open";
  }

  showRecipe(open, { remember = false } = {}) {
    this.root.dataset.recipe = open ? "open" : "closed";
    this.toggle?.setAttribute("aria-pressed", String(open));
    if (!remember) return;
    try {
      sessionStorage.setItem(RECIPE, open ? "open" : "closed");
    } catch {
      // Storage may be forbidden; the recipe still opens for now.
    }
  }

  showZoom() {
    if (!this.zoom) return;
    const { fits, percent } = this.zoom;
    this.root.querySelector("[data-percent]").textContent = `${percent} %`;
    this.root.querySelector("[data-zoom=fit]").setAttribute("aria-pressed", String(fits));
    this.root.querySelector("[data-zoom=actual]").setAttribute("aria-pressed", String(percent === 100 && !fits));
  }
}

/** The page of one picture. */
export class PicturePage {
  constructor(root) {
    const view = new PictureView(root);
    document.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || document.querySelector("dialog:modal")) return;
      if (view.key(event)) event.preventDefault();
    });
  }
}

/** Open until somebody closes it; on a small screen the picture comes first. */
function remembered() {
  try {
    const kept = sessionStorage.getItem(RECIPE);
    if (kept) return kept === "open";
  } catch {
    // As if nothing had been kept.
  }
  return window.matchMedia("(min-width: 1024px)").matches;
}

function isTyping(element) {
  return element.matches("textarea, select, [contenteditable]") || (element.matches("input") && !["checkbox", "radio", "range"].includes(element.type));
}
