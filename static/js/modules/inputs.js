import { addressOf, moved, sourceOf, summary, swiped, toldOf } from "../logic/brought.js";
import { kindOf, refusalOf } from "../logic/file-kinds.js";
import { changesFor, wishOf } from "../logic/form-filling.js";
import { announce } from "./announce.js";
import { askFor, send } from "./calls.js";
import { toast } from "./toast.js";

const AT_ONCE = 2;
const TRIES = 5;
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
    this.folder = root.querySelector("[data-folder-file]");
    this.rows = root.querySelector("[data-rows]");
    this.pattern = root.querySelector("[data-row-pattern]");
    this.summary = root.querySelector("[data-inputs-summary]");
    this.drop = root.querySelector("[data-drop]");
    this.veil = root.querySelector("[data-drop-veil]");
    this.operation = root.querySelector("[name=operation]");
    this.items = [];
    this.waiting = [];
    this.sending = 0;
    this.file.multiple = true;
    this.file.accept = ACCEPTED;
    this.hidden = document.createElement("input");
    this.hidden.type = "hidden";
    this.file.addEventListener("change", () => this.take([...this.file.files]));
    this.folder.addEventListener("change", () => {
      this.take([...this.folder.files].filter((file) => !file.name.startsWith(".")));
      this.folder.value = "";
    });
    root.querySelector("[data-folder]").addEventListener("click", () => this.folder.click());
    root.addEventListener("change", () => this.show());
    this.followStrength();
    this.followAddress();
    this.followDrops();
    document.addEventListener("paste", (event) => this.pasted(event));
    document.addEventListener("darkroom:bring", ({ detail }) => detail.images.forEach((image) => this.addKnown(image.id, image)));
    this.form.addEventListener("htmx:confirm", (event) => this.beforeSending(event));
    const kept = root.querySelector("[data-kept]");
    if (kept) {
      kept.closest(".check").remove();
      this.addKnown(kept.value);
    }
    this.show();
  }

  // Ways in ----------------------------------------------------------------------------------------------------------

  take(files) {
    if (!files.length) return;
    for (const item of this.items.filter(({ state }) => state === "failed")) this.forget(item);
    if (files.length > FILES_MOST) {
      toast({ title: `The first ${FILES_MOST} of ${files.length} files are taken`, detail: "Bring the rest along afterwards, or as a ZIP.", icon: "info" });
    }
    for (const file of files.slice(0, FILES_MOST)) this.enqueue(this.add({ name: file.name, file }), () => this.sendFile);
    announce(files.length === 1 ? `${files[0].name} is brought along.` : `${files.length} files are brought along.`);
  }

  addAddress(url) {
    const item = this.add({ name: url.replace(/^https?:\/\//, "") });
    this.enqueue(item, () => this.fetchAddress.bind(this, url));
  }

  /** A picture that is stored already. */
  async addKnown(id, image = null) {
    if (this.items.some((item) => item.id === id)) return;
    const item = this.add({ name: "Picture", state: "ready", kind: "image", id });
    try {
      this.become(item, image ?? (await askFor(`/api/images/${encodeURIComponent(id)}`)));
    } catch (error) {
      this.fail(item, error.message);
    }
  }

  followAddress() {
    const toggle = this.root.querySelector("[data-address]");
    const row = this.root.querySelector("[data-address-row]");
    const input = row.querySelector("input");
    const add = () => {
      const found = addressOf(input.value, window.location.origin);
      input.toggleAttribute("aria-invalid", false);
      if (!found) {
        input.setAttribute("aria-invalid", "true");
        input.focus();
        return;
      }
      this.bring(found);
      input.value = "";
      input.focus();
    };
    toggle.addEventListener("click", () => {
      row.hidden = !row.hidden;
      toggle.setAttribute("aria-expanded", String(!row.hidden));
      if (!row.hidden) input.focus();
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        row.hidden = true;
        toggle.setAttribute("aria-expanded", "false");
        toggle.focus();
        event.stopPropagation();
      }
      if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      add();
    });
    row.querySelector("[data-address-add]").addEventListener("click", add);
  }

  bring({ id, url }) {
    if (id) this.addKnown(id);
    else this.addAddress(url);
  }

  followDrops() {
    let depth = 0;
    const over = (is) => {
      depth = is ? depth : 0;
      this.drop.classList.toggle("is-over", is);
      this.veil.hidden = !is;
    };
    const wanted = ({ dataTransfer }) => dataTransfer && (dataTransfer.types.includes("Files") || dataTransfer.types.includes("text/uri-list")) && !this.dragging;
    document.addEventListener("dragstart", (event) => {
      // Text or a link of this very page on its way into a field is no picture for us.
      this.dragging = !event.target.closest?.("[data-picture], img");
    });
    document.addEventListener("dragend", () => {
      this.dragging = false;
      over(false);
    });
    document.addEventListener("dragenter", (event) => {
      if (!wanted(event)) return;
      depth += 1;
      over(true);
    });
    document.addEventListener("dragleave", () => {
      depth -= 1;
      if (depth <= 0) over(false);
    });
    document.addEventListener("dragover", (event) => {
      if (!wanted(event) || inDialog(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
    });
    document.addEventListener("drop", (event) => {
      over(false);
      if (!wanted(event) || inDialog(event) || event.defaultPrevented) return;
      this.dropped(event);
    });
  }

  async dropped(event) {
    const { dataTransfer } = event;
    const found = dataTransfer.files.length ? null : addressOf(dataTransfer.getData("text/uri-list"), window.location.origin);
    if (!dataTransfer.files.length && !found) return;
    event.preventDefault();
    this.reveal();
    if (found) {
      this.bring(found);
      return;
    }
    const folders = [...dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry?.isDirectory);
    if (folders.length) {
      const files = [...dataTransfer.files].filter((file) => file.type || file.size % 4096);
      for (const folder of folders) await gather(folder, files);
      this.take(files.slice(0, FILES_MOST));
      return;
    }
    this.keepInField(dataTransfer.files);
    this.take([...dataTransfer.files]);
  }

  pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) {
      event.preventDefault();
      this.reveal();
      this.keepInField(event.clipboardData.files);
      this.take(files);
      return;
    }
    const here = document.activeElement;
    if (here?.matches?.("input, textarea, [contenteditable]") || document.querySelector("dialog:modal")) return;
    const found = addressOf(event.clipboardData?.getData("text/plain") ?? "", window.location.origin);
    if (!found) return;
    event.preventDefault();
    this.reveal();
    this.bring(found);
  }

  /** So that the form carries the file itself while it is not stored. */
  keepInField(files) {
    const kept = new DataTransfer();
    for (const file of [...files].slice(0, FILES_MOST)) kept.items.add(file);
    this.file.files = kept.files;
  }

  reveal() {
    document.dispatchEvent(new CustomEvent("darkroom:open-panel"));
    this.root.scrollIntoView({ block: "nearest" });
  }

  // One picture's way to the server ----------------------------------------------------------------------------------

  add({ name, file = null, state = "sending", kind = null, id = null }) {
    const item = { name, file, state, kind, id, error: "", facts: "", recipe: null, progress: 0, ended: new AbortController() };
    item.row = this.pattern.content.firstElementChild.cloneNode(true);
    this.follow(item);
    this.items.push(item);
    this.rows.append(item.row);
    this.show();
    return item;
  }

  enqueue(item, way) {
    item.done = new Promise((resolve) => (item.resolve = resolve));
    this.waiting.push([item, way()]);
    this.next();
  }

  next() {
    while (this.sending < AT_ONCE && this.waiting.length) {
      const [item, way] = this.waiting.shift();
      if (item.ended.signal.aborted) continue;
      this.sending += 1;
      this.attempt(item, way).finally(() => {
        this.sending -= 1;
        item.resolve();
        this.next();
      });
    }
  }

  async attempt(item, way) {
    for (let tries = 1; ; tries += 1) {
      try {
        await way.call(this, item);
        return;
      } catch (error) {
        if (error.name === "AbortError") return;
        // Many files at once meet the allowance of calls: those wait their turn.
        if (error.status === 429 && tries < TRIES && error.retryAfterMs < 10_000) {
          await new Promise((wake) => setTimeout(wake, error.retryAfterMs));
          continue;
        }
        this.fail(item, error.message);
        return;
      }
    }
  }

  async sendFile(item) {
    const head = new Uint8Array(await item.file.slice(0, 12).arrayBuffer());
    const kind = kindOf(head);
    const refusal = refusalOf(kind, item.file.size);
    if (refusal) {
      this.fail(item, refusal);
      return;
    }
    const form = new FormData();
    form.append("file", item.file, item.file.name);
    form.append("workspace_id", this.root.dataset.workspace);
    const progress = (part) => {
      item.progress = part;
      showProgress(item);
    };
    const url = kind === "zip" ? "/api/images/zip" : "/api/images";
    const answer = await send(url, form, { progress, signal: item.ended.signal });
    if (kind === "zip") this.unpacked(item, answer);
    else await this.become(item, answer);
  }

  async fetchAddress(url, item) {
    const body = { url, workspace_id: this.root.dataset.workspace };
    await this.become(item, await askFor("/api/images/fetch", { method: "POST", body, signal: item.ended.signal }));
  }

  unpacked(item, { images, left_out: leftOut }) {
    this.forget(item);
    for (const image of images) this.become(this.add({ name: image.prompt }), image);
    for (const { name, message } of leftOut) this.fail(this.add({ name }), message);
    announce(`${images.length} pictures unpacked.`);
  }

  async become(item, image) {
    Object.assign(item, { state: "ready", id: image.id, kind: image.kind, error: "" });
    item.facts = `${image.width} × ${image.height}${image.kind === "video" ? " · a film, for its recipe" : ""}`;
    item.thumb = image.thumbnail_url;
    if (image.source === "generated") item.name = image.prompt || "Picture";
    this.show();
    // Only what carries a recipe has a seed, or another text than its name.
    if (image.source === "generated" || (image.recipe === undefined && image.seed === null && image.prompt === item.name)) return;
    try {
      const recipe = image.recipe ?? (await askFor(`/api/images/${encodeURIComponent(image.id)}`)).recipe;
      if (Object.keys(recipe).length) item.recipe = recipe;
      this.show();
    } catch {
      // The picture is there all the same; its recipe can be read in the library.
    }
  }

  fail(item, sentence) {
    Object.assign(item, { state: "failed", error: sentence });
    this.show();
    announce(`${item.name}: ${sentence}`);
  }

  // Rows -------------------------------------------------------------------------------------------------------------

  follow(item) {
    const { row } = item;
    const grip = row.querySelector("[data-grip]");
    row.querySelector("[data-remove]").addEventListener("click", () => this.remove(item));
    row.querySelector("[data-promote]").addEventListener("click", () => {
      this.move(item, 0);
      announce(`${item.name} is the source.`);
    });
    row.addEventListener("click", (event) => {
      const use = event.target.closest("[data-use-of]");
      if (use) this.use(item, use.dataset.useOf);
    });
    grip.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      this.move(item, this.items.indexOf(item) + by);
      grip.focus();
      announce(`${this.items.indexOf(item) + 1} of ${this.items.length}`);
    });
    this.followDragging(item, grip);
    this.followSwipes(item);
  }

  followDragging(item, grip) {
    grip.addEventListener("pointerdown", (event) => {
      grip.setPointerCapture(event.pointerId);
      item.row.classList.add("is-dragged");
      event.stopPropagation();
    });
    grip.addEventListener("pointermove", (event) => {
      if (!grip.hasPointerCapture(event.pointerId)) return;
      const to = this.items.findIndex(({ row }) => {
        const box = row.getBoundingClientRect();
        return event.clientY < box.bottom;
      });
      const at = to < 0 ? this.items.length - 1 : to;
      if (at !== this.items.indexOf(item)) this.move(item, at);
    });
    for (const type of ["pointerup", "pointercancel"]) {
      grip.addEventListener(type, () => item.row.classList.remove("is-dragged"));
    }
  }

  followSwipes(item) {
    const card = item.row.querySelector("[data-card]");
    let from = null;
    const end = (event) => {
      if (!from) return;
      const far = event.type === "pointerup" && swiped(event.clientX - from.x, event.clientY - from.y, event.timeStamp - from.at, card.offsetWidth);
      from = null;
      card.style.translate = "";
      item.row.classList.remove("is-swiped");
      if (far) this.remove(item);
    };
    card.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse" || event.target.closest("button")) return;
      from = { x: event.clientX, y: event.clientY, at: event.timeStamp };
    });
    card.addEventListener("pointermove", (event) => {
      if (!from) return;
      const dx = Math.min(0, event.clientX - from.x);
      if (dx > -8) return;
      item.row.classList.add("is-swiped");
      card.style.translate = `${dx}px`;
    });
    for (const type of ["pointerup", "pointercancel"]) card.addEventListener(type, end);
  }

  move(item, to) {
    this.items = moved(this.items, this.items.indexOf(item), to);
    const at = this.items.indexOf(item);
    const after = this.items[at + 1]?.row ?? null;
    // Only this one moves: whatever else has the focus or the pointer stays in the page.
    this.rows.insertBefore(item.row, after);
    this.show();
  }

  remove(item) {
    const at = this.items.indexOf(item);
    const had = item.row.contains(document.activeElement);
    this.forget(item);
    const next = this.items[at] ?? this.items[at - 1];
    if (had) (next?.row.querySelector("[data-remove]") ?? this.file).focus();
    if (item.state !== "ready") return;
    const undo = async () => {
      this.items.splice(Math.min(at, this.items.length), 0, item);
      this.rows.insertBefore(item.row, this.items[at + 1]?.row ?? null);
      this.show();
    };
    document.dispatchEvent(new CustomEvent("darkroom:undoable", { detail: { text: `${item.name} is removed`, icon: "trash", undo } }));
  }

  forget(item) {
    item.ended.abort();
    this.items = this.items.filter((each) => each !== item);
    item.row.remove();
    if (item.file && [...this.file.files].some((file) => file === item.file || file.name === item.file.name)) this.file.value = "";
    this.show();
  }

  use(item, what) {
    const label = `Form filled from ${item.name}`;
    document.dispatchEvent(new CustomEvent("darkroom:use", { detail: { ...wishOf(item.recipe, what), label } }));
  }

  // What the form says -----------------------------------------------------------------------------------------------

  /** Whatever is still on its way is waited for; a picture that could not be had is never left out in silence. */
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
    lost.row.scrollIntoView({ block: "nearest" });
    lost.row.querySelector("[data-remove]").focus();
    announce(`${lost.name} could not be brought along: remove it first.`);
  }

  show() {
    const source = sourceOf(this.items);
    this.rows.hidden = !this.items.length;
    this.summary.textContent = summary(this.items);
    for (const item of this.items) showRow(item, source);
    // Stored pictures go by their id; a file goes itself while none is.
    if (source) {
      this.hidden.name = "image_id";
      this.hidden.value = source.id;
      this.root.append(this.hidden);
      this.file.removeAttribute("name");
    } else {
      this.hidden.remove();
      this.file.name = "image";
    }
    const picture = Boolean(source) || this.file.files.length > 0;
    this.ask("operation", picture);
    this.ask("mask", picture && this.operation.value === "inpaint");
    if (picture !== this.picture) {
      this.picture = picture;
      this.form.dataset.picture = String(picture);
      this.form.dispatchEvent(new CustomEvent("darkroom:inputs", { bubbles: true, detail: { picture } }));
    }
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

function showRow(item, source) {
  const { row, state } = item;
  row.dataset.state = state;
  row.querySelector("[data-name]").textContent = item.name;
  row.querySelector("[data-facts]").textContent = state === "sending" ? "on its way" : item.facts;
  row.querySelector("[data-error]").hidden = !item.error;
  row.querySelector("[data-error-text]").textContent = item.error;
  row.querySelector("[data-source]").hidden = item !== source;
  row.querySelector("[data-promote]").hidden = state !== "ready" || item.kind !== "image" || item === source;
  row.querySelector("[data-grip]").setAttribute("aria-label", `Move ${item.name}`);
  const remove = row.querySelector("[data-remove]");
  remove.setAttribute("aria-label", `Remove ${item.name}`);
  const thumb = row.querySelector("[data-thumb]");
  if (item.thumb && thumb.getAttribute("src") !== item.thumb) thumb.src = item.thumb;
  thumb.hidden = !item.thumb;
  row.querySelector("[data-recipe]").hidden = !item.recipe;
  if (item.recipe) {
    row.querySelector("[data-told]").textContent = toldOf(item.recipe);
    row.querySelector("[data-use-of=seed]").hidden = !changesFor({ seed: item.recipe.seed }).length;
  }
  showProgress(item);
}

function showProgress({ row, state, progress }) {
  const bar = row.querySelector("[data-progress]");
  bar.hidden = state !== "sending";
  bar.value = progress;
}

const inDialog = (event) => Boolean(event.target.closest?.("dialog"));

/** The files of a dropped folder and its folders, as many as are taken. */
async function gather(folder, files) {
  const reader = folder.createReader();
  for (;;) {
    const entries = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!entries.length) return;
    for (const entry of entries) {
      if (files.length >= FILES_MOST || entry.name.startsWith(".")) continue;
      if (entry.isDirectory) await gather(entry, files);
      else files.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    }
  }
}
