import { askFor } from "./calls.js";

const PAUSE_MS = 250;
const SHOWN = "48";

/** Choose pictures of the library. Tells `darkroom:bring` { images } of what was chosen, or the event its button names. */
export class LibraryPicker {
  constructor(dialog) {
    this.dialog = dialog;
    this.grid = dialog.querySelector("[data-grid-of-choices]");
    this.search = dialog.querySelector("[data-search]");
    this.state = dialog.querySelector("[data-state]");
    this.more = dialog.querySelector("[data-more]");
    this.take = dialog.querySelector("[data-take]");
    this.chosen = new Map();
    this.search.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.load(), PAUSE_MS);
    });
    this.more.addEventListener("click", () => this.load(this.more.dataset.next));
    this.take.addEventListener("click", () => {
      const images = [...this.chosen.values()];
      dialog.close();
      document.dispatchEvent(new CustomEvent(this.take.dataset.tells, { detail: { images } }));
    });
    new MutationObserver(() => dialog.open && this.opened()).observe(dialog, { attributeFilter: ["open"] });
  }

  opened() {
    this.chosen.clear();
    this.search.value = "";
    this.grid.replaceChildren();
    this.showCount();
    this.load();
  }

  async load(cursor = null) {
    const query = new URLSearchParams({ limit: SHOWN, kind: "image" });
    const words = this.search.value.trim();
    if (words) query.set("q", words);
    if (cursor) query.set("after", cursor);
    this.request?.abort();
    this.request = new AbortController();
    try {
      const page = await askFor(`/api/images?${query}`, { signal: this.request.signal });
      if (!cursor) this.grid.replaceChildren();
      this.grid.append(...page.items.map((image) => this.choice(image)));
      this.more.hidden = !page.next;
      this.more.dataset.next = page.next ?? "";
      const empty = words ? "No picture was made with these words." : "Nothing is in the library yet.";
      this.state.textContent = this.grid.children.length ? "" : empty;
    } catch (error) {
      if (error.name !== "AbortError") this.state.textContent = error.message;
    }
  }

  choice(image) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "picker__choice";
    button.setAttribute("aria-pressed", String(this.chosen.has(image.id)));
    const picture = document.createElement("img");
    picture.src = image.thumbnail_url;
    picture.alt = image.prompt || "Picture";
    picture.loading = "lazy";
    picture.width = 96;
    picture.height = 96;
    button.append(picture);
    button.addEventListener("click", () => {
      if (!this.chosen.delete(image.id)) this.chosen.set(image.id, image);
      button.setAttribute("aria-pressed", String(this.chosen.has(image.id)));
      this.showCount();
    });
    item.append(button);
    return item;
  }

  showCount() {
    const count = this.chosen.size;
    this.take.disabled = !count;
    const act = this.take.dataset.take;
    this.take.querySelector("span").textContent = count > 1 ? act.replace(/( |$)/, ` ${count}$1`) : act;
  }
}
