import { cards } from "./picture-card.js";
import { idsInOrder, select, selected } from "./selection.js";

const NARROW = "(max-width: 1023.98px)";
const KEPT = 30;
const MOST_SHOWN = 12;

/**
 * The panel beside a grid shows the recipe of the one picture that is selected, or how many are. Reading it changes
 * nothing; the address keeps `?image=`. On a narrow screen it is a sheet, and opens when it is asked for ("More").
 */
export class Inspector {
  constructor(panel) {
    this.panel = panel;
    this.body = panel.querySelector("[data-inspector-body]");
    this.title = panel.querySelector("[data-inspector-title]");
    this.pages = new Map();
    this.shown = panel.querySelector("[data-inspected]")?.dataset.id ?? null;
    this.folds = new Set();
    this.path = window.location.pathname;
    document.addEventListener("darkroom:select", ({ detail }) => this.follow(detail.ids));
    document.addEventListener("darkroom:marked", ({ detail }) => this.marked(detail));
    document.addEventListener("darkroom:walked", ({ detail }) => this.walked(detail.id));
    document.addEventListener("click", (event) => this.asked(event));
    panel.addEventListener("click", (event) => this.clicked(event));
    panel.addEventListener("toggle", ({ target }) => this.remember(target), true);
    panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented) this.close();
    });
    if (this.shown) this.comeBack();
  }

  /** A page opened with a picture goes on where it was left: there, and by the way back with the focus. */
  comeBack() {
    select([this.shown]);
    const link = cards(this.shown)
      .find((card) => card.closest("[data-grid]"))
      ?.querySelector("[data-picture-link]");
    link?.scrollIntoView({ block: "nearest" });
    if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") link?.focus({ preventScroll: true });
  }

  follow(ids) {
    if (matchMedia(NARROW).matches && this.panel.hidden && !this.wanted) return;
    this.wanted = false;
    if (ids.length === 0) this.hide();
    else if (ids.length === 1) this.show(ids[0]);
    else this.showMany(ids);
  }

  /** Arrow keys move from picture to picture, and the panel goes along while it stands open for one. */
  walked(id) {
    clearTimeout(this.timer);
    if (this.panel.hidden || selected().length !== 1) return;
    this.timer = setTimeout(() => select([id]), 120);
  }

  asked(event) {
    const button = event.target.closest?.("[data-inspect]");
    const id = button && (button.closest("[data-picture]")?.dataset.id ?? selected()[0]);
    if (!id) return;
    event.preventDefault();
    this.opener = button;
    this.wanted = true;
    if (selected().length === 1 && selected()[0] === id) this.follow([id]);
    else select([id]);
    if (matchMedia(NARROW).matches) this.body.focus();
  }

  async show(id) {
    this.open();
    this.title.textContent = "Picture";
    if (this.shown === id) return;
    this.shown = id;
    this.address(id);
    this.body.setAttribute("aria-busy", "true");
    if (!this.pages.has(id)) this.standIn(id);
    let page;
    try {
      page = await this.page(id);
    } catch {
      page = document.createElement("p");
      page.className = "beside__body soft";
      page.textContent = "The recipe could not be read. Try again in a moment.";
    }
    if (this.shown !== id) return;
    this.body.removeAttribute("aria-busy");
    this.put(page.cloneNode(true));
    this.preload(id);
  }

  /** At once, until the recipe is there: the picture as the grid has it. */
  standIn(id) {
    const thumb = cards(id)[0]?.querySelector("img");
    const pattern = this.panel.querySelector("[data-inspector-one]").content.firstElementChild.cloneNode(true);
    const picture = pattern.querySelector("img");
    if (!thumb) return;
    picture.src = thumb.currentSrc || thumb.src;
    for (const name of ["width", "height"]) picture.setAttribute(name, thumb.getAttribute(name));
    picture.parentElement.style.setProperty("--ratio", thumb.getAttribute("width") / thumb.getAttribute("height"));
    this.body.replaceChildren(pattern);
  }

  put(page) {
    for (const fold of page.querySelectorAll("details[data-fold]")) fold.open = this.folds.has(fold.dataset.fold);
    const which = this.which ?? "typed";
    this.choosePrompt(page, which);
    const thumb = cards(this.shown)[0]?.querySelector("img");
    const link = page.querySelector("[data-open-inspected]");
    // Under the larger picture, which takes its time.
    if (thumb && link?.querySelector("img")) link.style.backgroundImage = `url("${thumb.currentSrc || thumb.src}")`;
    this.body.replaceChildren(page);
    this.body.scrollTop = 0;
  }

  page(id) {
    if (!this.pages.has(id)) {
      this.pages.set(id, read(id));
      this.pages.get(id).catch(() => this.pages.delete(id));
      if (this.pages.size > KEPT) this.pages.delete(this.pages.keys().next().value);
    }
    return this.pages.get(id);
  }

  /** The next one is likely to be wanted next. */
  preload(id) {
    const order = idsInOrder();
    const next = order[order.indexOf(id) + 1];
    if (next) this.page(next).catch(() => null);
  }

  showMany(ids) {
    this.open();
    this.shown = null;
    this.address(null);
    this.title.textContent = `${ids.length} selected`;
    const many = this.panel.querySelector("[data-inspector-many]").content.firstElementChild.cloneNode(true);
    const found = ids.map((id) => cards(id)[0]).filter(Boolean);
    const list = many.querySelector("[data-many-pictures]");
    for (const card of found.slice(-MOST_SHOWN)) {
      const item = document.createElement("li");
      const picture = document.createElement("img");
      Object.assign(picture, { src: card.querySelector("img").src, alt: card.querySelector("img").alt, width: 104, height: 72 });
      item.append(picture);
      list.append(item);
    }
    many.querySelector("[data-many-text]").textContent = summary(found);
    this.body.replaceChildren(many);
  }

  /** What stands here is kept in step with the cards; what is kept for later is not. */
  marked({ ids }) {
    for (const id of ids) this.pages.delete(id);
  }

  clicked(event) {
    const at = (name) => event.target.closest(`[${name}]`);
    if (at("data-inspect-close")) {
      event.preventDefault();
      this.close();
    } else if (at("data-inspect-step")) this.step(Number(at("data-inspect-step").dataset.inspectStep));
    else if (at("data-inspect-open") || at("data-open-inspected")) {
      if (!this.shown || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      document.dispatchEvent(new CustomEvent("darkroom:open-image", { detail: { id: this.shown } }));
    } else if (at("data-show-prompt")) {
      this.which = at("data-show-prompt").dataset.showPrompt;
      this.choosePrompt(this.body, this.which);
    } else if (at("data-copy")) this.copy(at("data-copy"));
  }

  choosePrompt(root, which) {
    const prompts = root.querySelector("[data-prompts]");
    if (!prompts) return;
    prompts.dataset.prompts = which;
    for (const tab of prompts.querySelectorAll("[data-show-prompt]")) {
      tab.setAttribute("aria-pressed", String(tab.dataset.showPrompt === which));
    }
  }

  async copy(button) {
    await navigator.clipboard?.writeText(button.dataset.copy).catch(() => null);
    button.setAttribute("data-done", "");
    setTimeout(() => button.removeAttribute("data-done"), 1500);
  }

  step(by) {
    const order = idsInOrder();
    const id = order[order.indexOf(this.shown) + by];
    if (!id || !this.shown) return;
    select([id]);
    cards(id)
      .find((card) => card.closest("[data-grid]"))
      ?.scrollIntoView({ block: "nearest" });
  }

  remember(fold) {
    if (!fold.dataset.fold) return;
    if (fold.open) this.folds.add(fold.dataset.fold);
    else this.folds.delete(fold.dataset.fold);
  }

  open() {
    this.panel.hidden = false;
    document.body.classList.add("frame--beside");
    document.body.classList.toggle("frame--beside-open", matchMedia(NARROW).matches);
  }

  close() {
    const back = this.opener ?? cards(this.shown ?? "").map((card) => card.querySelector("[data-picture-link]")).find(Boolean);
    select([]);
    this.hide();
    if (back?.isConnected) back.focus({ preventScroll: true });
  }

  hide() {
    this.panel.hidden = true;
    document.body.classList.remove("frame--beside", "frame--beside-open");
    this.shown = null;
    this.opener = null;
    this.address(null);
  }

  /** The address belongs to the lightbox while a picture is open. */
  address(id) {
    if (window.location.pathname !== this.path) return;
    const url = new URL(window.location.href);
    if (id) url.searchParams.set("image", id);
    else url.searchParams.delete("image");
    if (url.href !== window.location.href) history.replaceState(history.state, "", url);
  }
}

/** What the title does not say: "1 video · 2 favourite". */
function summary(found) {
  const sum = (name) => found.filter((card) => card.dataset[name] === "true").length;
  const videos = found.filter((card) => card.dataset.kind === "video").length;
  return [
    videos && `${videos} ${videos === 1 ? "video" : "videos"}`,
    sum("favourite") && `${sum("favourite")} favourite`,
    sum("rejected") && `${sum("rejected")} rejected`,
  ]
    .filter(Boolean)
    .join(" · ");
}

async function read(id) {
  const answer = await fetch(`/images/${encodeURIComponent(id)}/inspector`, { headers: { "HX-Request": "true" } });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-inspected]");
  if (!found) throw new Error("no recipe");
  return document.importNode(found, true);
}
