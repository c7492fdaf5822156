import { selected } from "./selection.js";

const TOGETHER_MS = 500;
const TOP_PX = 240;
// Of the address: the picture in the panel beside the library (inspector.js).
const INSPECTED = "image";

/**
 * The address follows what htmx swaps in: a chip is a step of the browser's history, a search typed letter by letter is
 * one. A group's checkbox is its pictures' own, all at once.
 */
export class Library {
  constructor(element) {
    this.element = element;
    this.scroller = element.closest(".stage__main");
    for (const type of ["image", "resync"]) document.addEventListener(`darkroom:${type}`, () => this.refresh());
    // What was thrown away is no longer among what was found.
    document.addEventListener("darkroom:marked", ({ detail }) => "trashed" in detail.changes && this.refresh());
    document.addEventListener("darkroom:select", () => this.stale && this.refresh());
    document.addEventListener("scroll", () => this.stale && this.isAtTop && this.refresh(), { capture: true, passive: true });
    this.here = place();
    element.addEventListener("htmx:afterRequest", (event) => this.follow(event));
    element.addEventListener("htmx:beforeSwap", (event) => this.keepFocus(event));
    element.addEventListener("htmx:afterSwap", () => this.giveFocusBack());
    window.addEventListener("popstate", () => {
      const now = place();
      if (now !== this.here && now.startsWith("/library")) window.location.reload();
    });
    element.addEventListener("change", ({ target }) => {
      if (target.matches("[data-group-check]")) this.selectGroup(target);
    });
    for (const type of ["darkroom:select", "darkroom:marked", "darkroom:pictures", "htmx:load"]) {
      document.addEventListener(type, () => this.element.isConnected && this.showGroups());
    }
  }

  get isAtTop() {
    return this.scroller.scrollTop + window.scrollY < TOP_PX;
  }

  /** There is more to show. Whoever is further down or has chosen several keeps what they see until they come back up. */
  refresh() {
    this.stale = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.isAtTop || selected().length > 1) return;
      this.stale = false;
      document.getElementById("results").dispatchEvent(new CustomEvent("darkroom:refresh"));
    }, TOGETHER_MS);
  }

  follow({ detail, target }) {
    const { elt, successful, pathInfo } = detail;
    if (!successful || elt.matches(".side, #results") || !elt.closest(".library")) return;
    const url = new URL(pathInfo.finalRequestPath, window.location);
    for (const [name, value] of [...url.searchParams]) if (!value) url.searchParams.delete(name);
    const inspected = new URLSearchParams(window.location.search).get(INSPECTED);
    if (inspected) url.searchParams.set(INSPECTED, inspected);
    const typing = elt.id === "library-search" && this.typing;
    window.history[typing ? "replaceState" : "pushState"](null, "", url);
    this.typing = elt.id === "library-search";
    this.here = place();
    for (const link of document.querySelectorAll(".side__item")) {
      const is = link.pathname + link.search === this.here;
      if (is) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (target !== elt) this.element.closest(".stage__main")?.scrollTo({ top: 0 });
  }

  /** A picture that comes again; or of what was chosen in a chip's menu, which goes with it, the chip. */
  keepFocus({ detail }) {
    const chip = detail.requestConfig.elt.closest(".chip-menu")?.querySelector("summary").id;
    const id = document.activeElement.closest("[data-picture]")?.dataset.id;
    this.focused = chip ? `#${chip}` : id && `[data-picture][data-id="${id}"] [data-picture-link]`;
  }

  giveFocusBack() {
    if (this.focused && document.activeElement === document.body) {
      this.element.querySelector(this.focused)?.focus({ preventScroll: true });
    }
    this.focused = null;
  }

  selectGroup(box) {
    const ids = idsOf(box.closest("[data-group]"));
    const to = box.checked ? selected() : selected().filter((id) => !ids.includes(id));
    document.dispatchEvent(new CustomEvent("darkroom:pick", { detail: { ids: box.checked ? ids : [], to } }));
  }

  showGroups() {
    const chosen = new Set(selected());
    for (const box of this.element.querySelectorAll("[data-group-check]")) {
      const ids = idsOf(box.closest("[data-group]"));
      const count = ids.filter((id) => chosen.has(id)).length;
      box.checked = ids.length > 0 && count === ids.length;
      box.indeterminate = count > 0 && count < ids.length;
    }
  }
}

/** The address without the picture in the panel beside it, which is no other place. */
function place() {
  const url = new URL(window.location);
  url.searchParams.delete(INSPECTED);
  return url.pathname + url.search;
}

const idsOf = (group) => [...group.querySelectorAll("li:not([hidden]) > [data-picture]")].map((card) => card.dataset.id);
