import { draftOf, putBack } from "../logic/draft.js";

const PAUSE_MS = 200;
// Names in the address that filled the form. What it says is in the form then, and must not come back over later words.
const FILLING = ["prompt", "negative_prompt", "model", "style_id", "aspect", "width", "height", "batch_size", "seed", "operation", "image_id", "mask_id", "frame", "anchor", "expand_left", "expand_top", "expand_right", "expand_bottom"];

/**
 * The Create form survives a reload, the way back and a look at another page: what was typed and chosen, and the pictures
 * brought along, by workspace and for as long as the tab lives. What the address asks for comes before what was kept, and
 * can be taken back; one that names a model asks for the whole form. The pictures are kept by their ids:
 * `darkroom:brought` { ids } tells of them, `darkroom:bring` asks for them.
 */
export class Draft {
  constructor(form) {
    this.form = form;
    this.key = `darkroom:draft:${form.dataset.workspace}`;
    this.images = [];
    const names = new Set([...FILLING, ...[...form.querySelectorAll("[data-asked-at] [name]")].map(({ name }) => name)]);
    this.url = new URL(window.location.href);
    const filled = (form.dataset.filled ?? "").split(" ");
    this.asked = [...names].filter((name) => this.url.searchParams.has(name) || filled.includes(name));
    form.addEventListener("darkroom:brought", ({ detail }) => {
      this.images = detail.ids;
      this.mask = detail.mask;
      this.soon();
    });
    for (const type of ["input", "change", "darkroom:changed"]) form.addEventListener(type, () => this.soon());
    window.addEventListener("pagehide", () => this.keep());
    // Once all that listens to the form is there.
    queueMicrotask(() => {
      this.begin();
      this.ready = true;
      this.keep();
    });
  }

  begin() {
    if (this.form.querySelector("[aria-invalid=true]")) return;
    const kept = this.kept();
    const { asked, url } = this;
    if (!asked.includes("model")) {
      const { fields = [], images = [], mask } = kept;
      const others = fields.filter(([name]) => !asked.includes(name));
      this.restore(asked.includes("image_id") ? { fields: others } : { fields: others, images, mask });
    }
    if (!asked.length) return;
    for (const name of [...asked, "recipe", "use"]) url.searchParams.delete(name);
    history.replaceState(history.state, "", url);
    if (!kept.fields) return;
    const undo = async () => {
      this.form.dispatchEvent(new CustomEvent("darkroom:filling", { detail: { wish: { source: null, mask: null }, takeBack() {} } }));
      this.restore(kept);
    };
    document.dispatchEvent(new CustomEvent("darkroom:undoable", { detail: { text: "The form is filled in", icon: "check", undo } }));
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), PAUSE_MS);
  }

  keep() {
    clearTimeout(this.timer);
    if (!this.ready) return;
    try {
      sessionStorage.setItem(this.key, JSON.stringify({ fields: draftOf(this.form.elements), images: this.images, mask: this.mask }));
    } catch {
      // Storage may be full or forbidden; the form is as good as before it was kept.
    }
  }

  restore({ fields = [], images = [], mask }) {
    if (images.length) document.dispatchEvent(new CustomEvent("darkroom:bring", { detail: { images: images.map((id) => ({ id })), mask } }));
    for (const element of putBack(fields, this.form.elements)) {
      for (const type of ["input", "change"]) element.dispatchEvent(new Event(type, { bubbles: true }));
    }
  }

  kept() {
    try {
      return JSON.parse(sessionStorage.getItem(this.key)) ?? {};
    } catch {
      return {};
    }
  }
}
