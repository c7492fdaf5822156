import { moved, sourceOf, summary } from "../logic/brought.js";
import { kindOf, refusalOf } from "../logic/file-kinds.js";
import { wishOf } from "../logic/form-filling.js";
import { announce } from "./announce.js";
import { BroughtRow } from "./brought-row.js";
import { askFor, send } from "./calls.js";
import { OneByOne } from "./one-by-one.js";
import { toast } from "./toast.js";
import { followAddressLine, followDropsAndPastes } from "./ways-in.js";

const FILES_MOST = 50;
const ACCEPTED = "image/png,image/jpeg,image/webp,image/gif,video/mp4,.zip";

/**
 * Pictures to start from: dropped anywhere, pasted, chosen, from a folder, a ZIP, an address or the library. Each is
 * stored at once and kept by its id; the first is the source, the others wait and can take its place. What a picture's
 * recipe says is shown, and goes into the form on request only.
 */
export class Inputs {
  constructor(root) {
    this.root = root;
    this.form = root.closest("form");
    this.file = root.querySelector("[data-file]");
    this.rows = root.querySelector("[data-rows]");
    this.pattern = root.querySelector("[data-row-pattern]");
    this.operation = root.querySelector("[name=operation]");
    this.items = [];
    this.line = new OneByOne();
    this.source = document.createElement("input");
    this.source.type = "hidden";
    this.source.name = "image_id";
    this.followWays();
    this.followStrength();
    root.addEventListener("change", () => this.show());
    this.whose = null;
    document.addEventListener("darkroom:bring", ({ detail }) => this.comeBack(detail));
    this.mask = root.querySelector("[data-mask]");
    this.followPainting();
    document.addEventListener("darkroom:cropped", ({ detail }) => this.crop(detail));
    this.form.addEventListener("darkroom:filling", ({ detail }) => this.fill(detail));
    this.form.addEventListener("htmx:confirm", (event) => this.beforeSending(event));
    const kept = root.querySelector("[data-kept]");
    if (kept) {
      kept.closest(".check").remove();
      this.addStored(kept.value);
    }
    this.show();
  }

  followWays() {
    const { root, file } = this;
    file.multiple = true;
    file.accept = ACCEPTED;
    file.addEventListener("change", () => this.take([...file.files]));
    const folder = root.querySelector("[data-folder-file]");
    root.querySelector("[data-folder]").addEventListener("click", () => folder.click());
    folder.addEventListener("change", () => {
      this.take([...folder.files].filter(({ name }) => !name.startsWith(".")));
      folder.value = "";
    });
    followAddressLine(root, (address) => this.bring(address));
    followDropsAndPastes({
      most: FILES_MOST,
      files: (files) => {
        this.reveal();
        this.take(files);
      },
      found: (address) => {
        this.reveal();
        this.bring(address);
      },
      over: (is) => {
        root.querySelector("[data-drop]").classList.toggle("is-over", is);
        root.querySelector("[data-drop-veil]").hidden = !is;
      },
    });
  }

  take(files) {
    if (!files.length) return;
    // Those that failed were seen; what is chosen now comes in their place.
    for (const item of this.items.filter(({ state }) => state === "failed")) this.forget(item);
    if (files.length > FILES_MOST) {
      toast({ title: `The first ${FILES_MOST} of ${files.length} files are taken`, detail: "Bring the rest along afterwards, or as a ZIP." });
    }
    for (const file of files.slice(0, FILES_MOST)) this.enqueue(this.add({ name: file.name, file }), (item) => this.sendFile(item));
    this.keepFiles();
    this.show();
    announce(files.length === 1 ? `${files[0].name} is added.` : `${files.length} files are added.`);
  }

  /** By its address: one of ours by its id, another by its URL. */
  bring({ id, url }) {
    if (id) {
      this.addStored(id);
      return;
    }
    const item = this.add({ name: url.replace(/^https?:\/\//, "") });
    const body = { url, workspace_id: this.root.dataset.workspace };
    this.enqueue(item, async () => this.become(item, await askFor("/api/images/fetch", { method: "POST", body, signal: item.ended.signal })));
  }

  async addStored(id, image = null) {
    if (this.items.some((item) => item.id === id)) return;
    const item = this.add({ name: "Picture", state: "ready", kind: "image", id });
    try {
      await this.become(item, image ?? (await askFor(`/api/images/${encodeURIComponent(id)}`)));
    } catch (error) {
      this.fail(item, error.message);
    }
  }

  /** Start from what a recipe started from, or from nothing: `source` and `mask` are ids or null. */
  fill({ wish: { source, mask }, takeBack }) {
    if (source === undefined) return;
    const [before, kept] = [this.items, this.mask.querySelector("input")];
    const [maskBefore, had] = [kept.value, kept.checked];
    takeBack(() => {
      for (const item of this.items) item.row.element.remove();
      this.items = before;
      this.rows.append(...before.map(({ row }) => row.element));
      Object.assign(kept, { value: maskBefore, checked: had });
      this.whose = null;
      this.keepFiles();
      this.show();
    });
    const known = before.find(({ id }) => source && id === source);
    for (const { row } of before) if (row !== known?.row) row.element.remove();
    this.items = known ? [known] : [];
    Object.assign(kept, { value: mask ?? "", checked: Boolean(mask) });
    this.whose = null;
    this.keepFiles();
    if (source && !known) this.addStored(source);
    this.show();
  }

  /** The field holds the files of the rows, so that the form carries one itself while none is stored. */
  keepFiles() {
    const kept = new DataTransfer();
    for (const { file } of this.items) if (file) kept.items.add(file);
    this.file.files = kept.files;
  }

  reveal() {
    document.dispatchEvent(new CustomEvent("darkroom:open-panel"));
    this.root.scrollIntoView({ block: "nearest" });
  }

  add(given) {
    const item = { file: null, state: "sending", kind: null, id: null, error: "", facts: "", recipe: null, progress: 0, ...given };
    item.ended = new AbortController();
    item.row = new BroughtRow(this.pattern, {
      remove: () => this.remove(item),
      promote: () => {
        this.move(item, 0);
        announce(`${item.name} is the source.`);
      },
      crop: () => document.dispatchEvent(new CustomEvent("darkroom:crop", { detail: { image: { id: item.id, name: item.name, width: item.width, height: item.height } } })),
      use: (what) => this.use(item, what),
      step: (by) => {
        this.move(item, this.items.indexOf(item) + by);
        announce(`${this.items.indexOf(item) + 1} of ${this.items.length}`);
      },
      hover: (y) => {
        const at = this.items.findIndex(({ row }) => y < row.element.getBoundingClientRect().bottom);
        const to = at < 0 ? this.items.length - 1 : at;
        if (to !== this.items.indexOf(item)) this.move(item, to);
      },
    });
    this.items.push(item);
    this.rows.append(item.row.element);
    this.show();
    return item;
  }

  enqueue(item, way) {
    item.done = this.line
      .add(() => way(item), item.ended.signal)
      .catch((error) => error.name !== "AbortError" && this.fail(item, error.message));
  }

  async sendFile(item) {
    const { file, ended } = item;
    const kind = kindOf(new Uint8Array(await file.slice(0, 12).arrayBuffer()));
    const refusal = refusalOf(kind, file.size);
    if (refusal) {
      this.fail(item, refusal);
      return;
    }
    const form = new FormData();
    form.append("file", file, file.name);
    form.append("workspace_id", this.root.dataset.workspace);
    const progress = (part) => {
      item.progress = part;
      item.row.showProgress(item);
    };
    const answer = await send(kind === "zip" ? "/api/images/zip" : "/api/images", form, { progress, signal: ended.signal });
    if (kind === "zip") this.unpack(item, answer);
    else await this.become(item, answer);
  }

  unpack(item, { images, left_out: leftOut }) {
    this.forget(item);
    for (const image of images) this.become(this.add({ name: image.prompt }), image);
    for (const { name, message } of leftOut) this.fail(this.add({ name }), message);
    announce(`${images.length} pictures unpacked.`);
  }

  async become(item, image) {
    Object.assign(item, { state: "ready", id: image.id, kind: image.kind, error: "", thumb: image.thumbnail_url, width: image.width, height: image.height });
    item.facts = `${image.width} × ${image.height}${image.kind === "video" ? " · a film, for its recipe" : ""}`;
    // Of an upload the name is only there while no recipe gives it better words.
    if (image.source === "generated" || item.name === "Picture") item.name = image.prompt || "Picture";
    this.show();
    if (image.source === "generated" || (image.seed === null && image.prompt === item.name && !image.recipe)) return;
    try {
      const recipe = image.recipe ?? (await askFor(`/api/images/${encodeURIComponent(image.id)}`)).recipe;
      if (Object.keys(recipe).length) item.recipe = recipe;
      this.show();
    } catch {
      // The picture is there all the same; its recipe can be read in the library.
    }
  }

  /** A part takes the place of the picture it was cut from. */
  crop({ imageId, image }) {
    const item = this.items.find((each) => each.id === imageId);
    if (!item) return;
    const { id, name, file, thumb, facts, recipe, width, height } = item;
    const before = { id, name, file, thumb, facts, recipe, width, height };
    Object.assign(item, { name: image.prompt, file: null, recipe: null });
    this.become(item, image);
    this.keepFiles();
    const undo = async () => {
      Object.assign(item, before);
      this.keepFiles();
      this.show();
    };
    document.dispatchEvent(new CustomEvent("darkroom:undoable", { detail: { text: `A part of ${name} is used`, detail: item.facts, icon: "crop", undo } }));
  }

  fail(item, sentence) {
    Object.assign(item, { state: "failed", error: sentence });
    this.show();
    announce(`${item.name}: ${sentence}`);
  }

  move(item, to) {
    this.items = moved(this.items, this.items.indexOf(item), to);
    this.place(item);
  }

  /** Only this row moves: whatever else has the focus or the pointer stays in the page. */
  place(item) {
    this.rows.insertBefore(item.row.element, this.items[this.items.indexOf(item) + 1]?.row.element ?? null);
    this.show();
  }

  remove(item) {
    const at = this.items.indexOf(item);
    const focused = item.row.element.contains(document.activeElement);
    this.forget(item);
    if (focused) ((this.items[at] ?? this.items[at - 1])?.row.find("remove") ?? this.file).focus();
    if (item.state !== "ready") return;
    const undo = async () => {
      this.items.splice(at, 0, item);
      this.keepFiles();
      this.place(item);
    };
    document.dispatchEvent(new CustomEvent("darkroom:undoable", { detail: { text: `${item.name} is removed`, icon: "trash", undo } }));
  }

  forget(item) {
    item.ended.abort();
    this.items = this.items.filter((each) => each !== item);
    item.row.element.remove();
    this.keepFiles();
    this.show();
  }

  use(item, what) {
    const label = `Form filled from ${item.name}`;
    // The picture itself stays what one starts from: somebody brought it along.
    const wish = { ...wishOf(item.recipe, what), source: undefined, mask: undefined, operation: undefined, label };
    document.dispatchEvent(new CustomEvent("darkroom:use", { detail: wish }));
  }

  /** What is still on its way is waited for; a picture that could not be had is never left out in silence. */
  beforeSending(event) {
    if (event.detail.elt !== this.form) return;
    const open = this.items.filter(({ state }) => state === "sending").map(({ done }) => done);
    if (open.length) {
      event.preventDefault();
      this.form.querySelector("[data-generate]").setAttribute("aria-busy", "true");
      Promise.allSettled(open).then(() => event.detail.issueRequest(true));
      return;
    }
    const lost = this.items.find(({ state }) => state === "failed");
    if (!lost || sourceOf(this.items) || this.file.files.length) return;
    event.preventDefault();
    lost.row.element.scrollIntoView({ block: "nearest" });
    lost.row.find("remove").focus();
    announce(`${lost.name} could not be used: remove it first.`);
  }

  show() {
    const source = sourceOf(this.items);
    this.rows.hidden = !this.items.length;
    this.root.querySelector("[data-inputs-summary]").textContent = summary(this.items);
    for (const item of this.items) item.row.show(item, item === source);
    // Stored pictures go by their id; a file goes itself while there is none.
    if (source) {
      this.source.value = source.id;
      this.root.append(this.source);
      this.file.removeAttribute("name");
    } else {
      this.source.remove();
      this.file.name = "image";
    }
    const picture = Boolean(source) || this.file.files.length > 0;
    this.ask("operation", picture);
    this.showMask(source, picture);
    const ids = this.items.filter(({ state }) => state === "ready").map(({ id }) => id);
    this.root.dispatchEvent(new CustomEvent("darkroom:brought", { detail: { ids, mask: this.mask.querySelector("input").value }, bubbles: true }));
    if (source?.id !== this.told?.id || source?.width !== this.told?.width) this.tellSource(source);
    if (picture === this.picture) return;
    this.picture = picture;
    this.form.dataset.picture = String(picture);
    this.form.dispatchEvent(new CustomEvent("darkroom:inputs", { bubbles: true }));
  }

  /** A mask belongs to the picture it was painted for; with another source it is put away. */
  showMask(source, picture) {
    const kept = this.mask.querySelector("input");
    if (source && kept.value) {
      this.whose ??= source.id;
      if (this.whose !== source.id) Object.assign(kept, { value: "", checked: false });
    }
    if (!kept.value) this.whose = null;
    const masked = picture && this.operation.value === "inpaint";
    const painted = masked && kept.value !== "";
    kept.disabled = this.mask.hidden = !painted;
    this.ask("mask", masked && !(painted && kept.checked));
    // What is known of a stored picture comes a moment after its id.
    this.root.querySelector("[data-paint]").disabled = !source?.width;
    this.root.querySelector("[data-mask-row]").hidden = !masked || !source;
    this.root.querySelector("[data-paint] > span").textContent = painted ? "Change the mask" : "Paint the mask";
    const shown = this.root.querySelector("[data-masked]");
    shown.hidden = !painted || !source;
    if (shown.hidden) return;
    shown.querySelector("[data-mask-ground]").src = source.thumb ?? "";
    shown.querySelector("[data-mask-shown]").style.maskImage = `url("/api/images/${encodeURIComponent(kept.value)}/thumb")`;
  }

  tellSource(source) {
    this.told = source && { id: source.id, width: source.width, height: source.height, thumb: source.thumb };
    // Its size comes a moment after its id.
    this.form.dispatchEvent(new CustomEvent("darkroom:source", { detail: this.told?.width ? this.told : null }));
    const asked = window.location.hash;
    if (!this.told?.width || !["#paint", "#start"].includes(asked)) return;
    history.replaceState(history.state, "", window.location.pathname + window.location.search);
    if (asked === "#start") this.reveal();
    else if (this.operation.value === "inpaint") this.paint();
  }

  followPainting() {
    this.root.querySelector("[data-paint]").addEventListener("click", () => this.paint());
    document.addEventListener("darkroom:masked", ({ detail: { imageId, mask } }) => {
      if (sourceOf(this.items)?.id !== imageId) return;
      Object.assign(this.mask.querySelector("input"), { value: mask.id, checked: true });
      this.whose = imageId;
      this.operation.value = "inpaint";
      this.operation.dispatchEvent(new Event("change", { bubbles: true }));
      this.reveal();
    });
  }

  paint() {
    const { id, width, height } = sourceOf(this.items);
    document.dispatchEvent(new CustomEvent("darkroom:paint", { detail: { image: { id, width, height }, mask: this.mask.querySelector("input").value } }));
  }

  /** A form that was left for long may find its mask swept: what nobody used is not kept for ever. */
  async comeBack({ images, mask }) {
    for (const image of images) this.addStored(image.id, image.kind ? image : null);
    if (!mask) return;
    const isGone = await askFor(`/api/images/${encodeURIComponent(mask)}`).then(() => false, ({ status }) => status === 404);
    if (isGone) toast({ title: "The mask is gone", detail: "It was not used for long. Paint it again." });
    else Object.assign(this.mask.querySelector("input"), { value: mask, checked: true });
    this.show();
  }

  ask(name, wanted) {
    this.root.querySelector(`[name=${name}]`).closest(".field").hidden = !wanted;
  }

  followStrength() {
    for (const range of this.root.querySelectorAll("input[type=range]")) {
      range.addEventListener("input", () => {
        range.closest(".field").querySelector(".field__aside").textContent = range.value;
      });
    }
  }
}
