import { PictureView } from "./picture-view.js";
import { idsInOrder } from "./selection.js";
import { ZoomView } from "./zoom-view.js";

const LINKS = "[data-grid] [data-picture-link]";
const KEPT = 12;
const STRIP_EACH_SIDE = 24;
const DOUBLE_CLICK_MS = 600;
const VOICES = ["toasts", "announcer"];

/**
 * A picture of any grid over the page it lies on. The address is the picture's own, so that it can be sent, reloaded
 * and left with Back; what is shown is the inside of that very page.
 */
export class Lightbox {
  constructor(dialog) {
    this.dialog = dialog;
    this.body = dialog.querySelector("[data-lightbox-body]");
    this.pattern = dialog.querySelector("[data-lightbox-pattern]");
    this.pages = new Map();
    this.turn = 0;
    // The list whose neighbours are shown, as a picture's address names it (`?in=library&…`); empty on the canvas.
    this.list = "";
    document.addEventListener("click", (event) => this.clickedOutside(event));
    document.addEventListener("darkroom:open-image", ({ detail }) => this.open(addressOf(detail.id)));
    document.addEventListener("darkroom:marked", ({ detail }) => this.marked(detail));
    // What the form is filled with should be seen.
    document.addEventListener("darkroom:use", () => this.dialog.open && this.leave());
    window.addEventListener("popstate", () => this.cameBack());
    dialog.addEventListener("cancel", (event) => this.escape(event));
    dialog.addEventListener("close", () => this.closed());
    dialog.addEventListener("click", (event) => this.clicked(event));
    dialog.addEventListener("mousedown", (event) => this.pressed(event));
    dialog.addEventListener("keydown", (event) => {
      if (!event.defaultPrevented && this.view?.key(event)) event.preventDefault();
    });
  }

  clickedOutside(event) {
    const link = event.target.closest?.(LINKS);
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.open(link.pathname, link);
  }

  open(url, opener = document.activeElement) {
    if (this.dialog.open) return this.go(url);
    this.opener = opener;
    this.list = (this.linkOf(url) ?? document.querySelector(LINKS))?.search ?? "";
    this.raise();
    history.pushState({ lightbox: true }, "", url + this.list);
    return this.show(url);
  }

  /** What tells of things must be above the picture with it, or nobody would see and hear it. */
  raise() {
    this.raisedAt = performance.now();
    this.dialog.showModal();
    this.dialog.append(...VOICES.map((id) => document.getElementById(id)));
  }

  go(url) {
    history.replaceState({ lightbox: true }, "", url + this.list);
    return this.show(url);
  }

  leave() {
    if (history.state?.lightbox) history.back();
    else this.dialog.close();
  }

  escape(event) {
    event.preventDefault();
    this.leave();
  }

  cameBack() {
    if (!history.state?.lightbox) return this.dialog.close();
    if (!this.dialog.open) this.raise();
    this.list = window.location.search;
    this.show(window.location.pathname);
  }

  /** The focus goes to the picture that was shown last, or to where it was before. */
  closed() {
    if (this.dialog.open) return; // told late: Forward has opened it again
    const link = this.linkOf(this.url) ?? this.opener;
    this.dialog.after(...VOICES.map((id) => document.getElementById(id)));
    this.turn += 1;
    this.view = null;
    this.body.replaceChildren();
    this.pages.clear();
    if (link?.isConnected) link.focus();
  }

  clicked(event) {
    const link = event.target.closest("a");
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || !link) return;
    if (link.matches("[data-leave]")) {
      event.preventDefault();
      this.leave();
    } else if (link.matches("[data-step], [data-strip] a")) {
      event.preventDefault();
      this.go(link.pathname);
    }
  }

  /** The second half of a double click that opened it must not select the words it falls on. */
  pressed(event) {
    if (event.detail > 1 && event.timeStamp - this.raisedAt < DOUBLE_CLICK_MS) event.preventDefault();
  }

  /** A picture put aside or taken back makes place for its neighbour. */
  marked({ ids, changes }) {
    for (const id of ids) this.pages.delete(addressOf(id));
    if ("trashed" in changes) this.pages.clear(); // it was a neighbour of others
    if (!this.dialog.open || !("trashed" in changes) || !ids.includes(idOf(this.url))) return;
    const next = this.neighbours().find((url) => url && !ids.includes(idOf(url)));
    if (next) this.go(next);
    else this.leave();
  }

  async show(url) {
    this.url = url;
    this.turn += 1;
    const { turn } = this;
    const kept = document.activeElement?.closest("[data-keep-focus]")?.dataset.keepFocus;
    if (!this.pages.has(url)) this.placeholder(url);
    let page;
    try {
      page = await this.page(url);
    } catch {
      // Signed out, gone, or no connection: the page itself says which.
      if (turn === this.turn) window.location.replace(url + this.list);
      return;
    }
    if (turn !== this.turn) return;
    this.put(document.importNode(page, true), kept);
    for (const near of this.neighbours()) if (near) this.preload(near);
  }

  /** Until the answer is there: the picture as the grid has it. */
  placeholder(url) {
    const thumb = this.linkOf(url)?.querySelector("img");
    const root = this.pattern.content.firstElementChild.cloneNode(true);
    const picture = root.querySelector("img");
    if (thumb) {
      picture.src = thumb.currentSrc || thumb.src;
      picture.alt = thumb.alt;
      for (const name of ["width", "height"]) picture.setAttribute(name, thumb.getAttribute(name));
    } else picture.remove();
    const recipe = this.view?.root.dataset.recipe;
    this.view = null;
    root.dataset.recipe = recipe ?? "open";
    this.body.replaceChildren(root);
    if (thumb) new ZoomView(root.querySelector("[data-stage]"), picture);
    root.querySelector("[data-stage]").focus({ preventScroll: true });
  }

  put(root, kept) {
    this.arrange(root);
    this.body.replaceChildren(root);
    this.view = new PictureView(root);
    const stage = root.querySelector("[data-stage]");
    (root.querySelector(`[data-keep-focus="${kept}"]:not([hidden])`) ?? stage).focus({ preventScroll: true });
  }

  /** Neighbours and strip in the order of the grid, which may be another than the server's. */
  arrange(root) {
    const urls = idsInOrder().map(addressOf);
    const at = urls.indexOf(this.url);
    if (at < 0) return;
    for (const [way, url] of [["newer", urls[at - 1]], ["older", urls[at + 1]]]) {
      const link = root.querySelector(`[data-step=${way}]`);
      if (!url) continue;
      link.href = url + this.list;
      link.hidden = false;
    }
    const strip = root.querySelector("[data-strip]");
    const pattern = strip.querySelector("a");
    const from = Math.max(0, at - STRIP_EACH_SIDE);
    const shown = urls.slice(from, at + STRIP_EACH_SIDE + 1);
    if (shown.length < strip.querySelectorAll("a").length) return;
    strip.replaceChildren(...shown.map((url) => this.stripLink(pattern, url)));
  }

  stripLink(pattern, url) {
    const link = pattern.cloneNode(true);
    link.href = url + this.list;
    const picture = link.querySelector("img");
    const known = this.linkOf(url)?.querySelector("img");
    picture.src = `/api/images/${encodeURIComponent(idOf(url))}/thumb`;
    picture.alt = known?.alt ?? "Picture";
    for (const name of ["width", "height"]) picture.setAttribute(name, known?.getAttribute(name) ?? 48);
    if (url === this.url) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    return link;
  }

  neighbours() {
    return ["older", "newer"].map((way) => {
      const link = this.view?.root.querySelector(`[data-step=${way}]`);
      return link && !link.hidden ? link.pathname : null;
    });
  }

  async preload(url) {
    const page = await this.page(url).catch(() => null);
    const source = page?.querySelector("[data-stage] img")?.getAttribute("src");
    if (source) new Image().src = source;
  }

  page(url) {
    if (!this.pages.has(url)) {
      this.pages.set(url, read(url + this.list));
      this.pages.get(url).catch(() => this.pages.delete(url));
      if (this.pages.size > KEPT) this.pages.delete(this.pages.keys().next().value);
    }
    return this.pages.get(url);
  }

  linkOf(url) {
    return [...document.querySelectorAll(LINKS)].find((link) => link.pathname === url) ?? null;
  }
}

const addressOf = (id) => `/images/${encodeURIComponent(id)}`;
const idOf = (url) => url.split("/").at(-1);

async function read(url) {
  const answer = await fetch(url, { headers: { "HX-Request": "true" } });
  const root = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-picture-view]");
  if (!root) throw new Error(`no picture at ${url}`);
  return root;
}
