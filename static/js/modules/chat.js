import { asShown, grown, toHear } from "../logic/chat-stream.js";
import { addressOf } from "../logic/brought.js";
import { priceOf } from "../logic/money.js";
import { announce } from "./announce.js";
import { post, send } from "./calls.js";
import { toast } from "./toast.js";

const PICTURES_MOST = 4;
const NEAR_END_PX = 80;
const PAUSE_MS = 250;
// What a card's picture takes over from the Create form beside its settings, so that it is made as the form would make it.
const TAKEN_OVER = ["model", "style_id", "aspect", "width", "height"];

/**
 * A conversation: grows the answer that is being written (`darkroom:chat`), asks the server for the messages when they
 * changed, takes pictures along, sends by Enter, and offers to take back what was deleted. All of what it shows comes
 * from the server; two tabs show the same.
 */
export class Chat {
  constructor(root) {
    this.root = root;
    this.workspace = root.dataset.workspace;
    this.log = root.querySelector("[data-log]");
    this.composer = root.querySelector("[data-composer]");
    this.text = root.querySelector("#chat-text");
    this.chosen = root.querySelector("[data-chosen]");
    this.pictures = [];
    this.texts = new Map();
    this.atEnd = true;
    this.asking = false;
    this.again = false;
    document.addEventListener("darkroom:chat", ({ detail }) => this.heard(detail));
    document.addEventListener("darkroom:resync", () => this.refresh());
    document.addEventListener("darkroom:chat-dropped", ({ detail }) => this.dropped(detail));
    document.addEventListener("darkroom:show-in-chat", ({ detail }) => detail.images.forEach((image) => this.add(image)));
    document.getElementById("create-form")?.addEventListener("change", () => this.quote());
    root.addEventListener("htmx:load", ({ detail }) => detail.elt.matches?.("[data-shown]") && this.arrived());
    root.addEventListener("htmx:beforeSwap", (event) => this.beforeSwap(event));
    root.addEventListener("toggle", ({ target }) => this.toggled(target), true);
    root.addEventListener("click", (event) => this.clicked(event));
    root.addEventListener("submit", (event) => this.submitted(event), true);
    this.followRequests();
    this.followComposer();
    this.followPictures();
    this.arrived();
  }

  /** The server's words once more; not while somebody edits a message or looks through what was found. */
  refresh() {
    this.stale = this.isBusy();
    if (this.stale) return;
    // What changes while the answer is on its way is asked for after it.
    this.again = this.asking;
    if (!this.asking) this.log.dispatchEvent(new CustomEvent("darkroom:refresh"));
  }

  isBusy() {
    return this.log.querySelector("[data-searched], .chat__edit[open]") !== null;
  }

  followRequests() {
    const is = (asking) => ({ detail }) => {
      if (detail.elt !== this.log) return;
      this.asking = asking;
      if (!asking && this.again) this.refresh();
    };
    this.root.addEventListener("htmx:beforeRequest", is(true));
    this.root.addEventListener("htmx:afterRequest", is(false));
  }

  toggled(target) {
    if (target.matches(".chat__edit[open]")) target.querySelector("textarea").focus();
    else if (this.stale) this.refresh();
  }

  heard({ workspace_id: workspace, message_id: id, at, delta, done }) {
    if (workspace !== this.workspace) return;
    const place = id && this.root.querySelector(`[data-message="${CSS.escape(id)}"] [data-stream]`);
    const text = place && !done ? grown(this.texts.get(id) ?? "", at, delta) : null;
    if (done) this.ended = id;
    if (text === null) {
      this.refresh();
      return;
    }
    const follow = this.isAtEnd();
    this.texts.set(id, text);
    place.textContent = asShown(text);
    place.closest("[data-message]").querySelector("[data-doing]").textContent = "Writing";
    if (follow) this.toEnd();
  }

  /** New messages stand in the log. */
  arrived() {
    this.texts.clear();
    for (const place of this.log.querySelectorAll("[data-stream]")) {
      this.texts.set(place.closest("[data-message]").dataset.message, place.textContent);
      place.textContent = asShown(place.textContent);
    }
    if (this.atEnd) this.toEnd();
    this.quote();
    const ended = this.ended && this.log.querySelector(`[data-message="${CSS.escape(this.ended)}"]`);
    if (!ended || ended.querySelector("[data-stream]")) return;
    this.ended = null;
    const words = wordsOf(ended);
    if (words && this.root.checkVisibility()) announce(`Answer: ${toHear(words)}`);
  }

  isAtEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END_PX;
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  /** What a refusal says stands at the form it is about. */
  beforeSwap({ detail }) {
    const form = detail.requestConfig.elt;
    this.atEnd = this.isAtEnd() || form === this.composer;
    // Somebody began to edit or to search meanwhile.
    if (form === this.log && this.isBusy()) {
      this.stale = true;
      detail.shouldSwap = false;
    }
    if (detail.xhr.status < 400) return;
    const place = form.querySelector?.("[data-refusals]");
    if (!place) {
      toast({ title: "That did not work", detail: sentenceOf(detail.xhr.responseText), icon: "warning" });
      return;
    }
    detail.shouldSwap = true;
    detail.isError = false;
    detail.target = place;
    detail.swapOverride = "innerHTML";
  }

  followComposer() {
    this.text.addEventListener("keydown", (event) => {
      const newLine = event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches;
      if (event.key !== "Enter" || (newLine && !event.ctrlKey && !event.metaKey)) return;
      event.preventDefault();
      event.stopPropagation();
      this.composer.requestSubmit();
    });
    this.composer.addEventListener("htmx:afterRequest", ({ detail }) => {
      if (detail.elt !== this.composer || detail.xhr.status >= 400 || detail.xhr.status === 0) return;
      this.text.value = "";
      this.root.querySelector("#chat-search").value = "";
      this.pictures = [];
      this.showPictures();
      this.text.focus();
    });
    this.root.addEventListener("input", ({ target }) => target.closest("form")?.querySelector("[data-refusals]")?.replaceChildren());
    this.composer.addEventListener("htmx:beforeRequest", () => this.composer.querySelector("[data-refusals]").replaceChildren());
    this.composer.addEventListener("htmx:sendError", () => {
      toast({ title: "Not sent", detail: "Darkroom cannot be reached. What you wrote is still here.", icon: "warning" });
    });
  }

  followPictures() {
    const file = this.root.querySelector("[data-file]");
    file.removeAttribute("name");
    this.root.querySelector("[data-files]").addEventListener("click", () => file.click());
    file.addEventListener("change", () => {
      this.bring([...file.files]);
      file.value = "";
    });
    this.root.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length) return;
      event.preventDefault();
      event.stopPropagation();
      this.bring(files);
    });
    this.root.addEventListener("dragover", (event) => {
      if (![...event.dataTransfer.types].some((type) => type === "Files" || type === "text/uri-list")) return;
      event.preventDefault();
      this.composer.classList.add("is-over");
    });
    for (const type of ["dragleave", "drop"]) this.root.addEventListener(type, () => this.composer.classList.remove("is-over"));
    this.root.addEventListener("drop", (event) => {
      const { files } = event.dataTransfer;
      const address = files.length ? null : addressOf(event.dataTransfer.getData("text/uri-list"), window.location.origin);
      if (!files.length && !address?.id) return;
      event.preventDefault();
      if (files.length) this.bring([...files]);
      else this.add({ id: address.id, thumbnail_url: `/api/images/${address.id}/thumb`, prompt: "Picture" });
    });
  }

  /** Store files first, as everywhere: what is shown in a conversation stays in the library. */
  async bring(files) {
    for (const file of files.slice(0, PICTURES_MOST)) {
      const form = new FormData();
      form.append("file", file, file.name);
      form.append("workspace_id", this.workspace);
      this.composer.setAttribute("aria-busy", "true");
      try {
        this.add(await send("/api/images", form, { progress: () => {}, signal: new AbortController().signal }));
      } catch (error) {
        toast({ title: `${file.name} was not taken`, detail: error.message, icon: "warning" });
      }
      this.composer.removeAttribute("aria-busy");
    }
  }

  add(image) {
    if (this.pictures.some(({ id }) => id === image.id)) return;
    if (this.pictures.length >= PICTURES_MOST) {
      toast({ title: `${PICTURES_MOST} pictures at a time`, detail: "Send these first, or take one away.", icon: "info" });
      return;
    }
    this.pictures.push(image);
    this.showPictures();
    this.text.focus();
  }

  showPictures() {
    this.chosen.hidden = !this.pictures.length;
    this.chosen.replaceChildren(...this.pictures.map((image) => this.picture(image)));
  }

  picture(image) {
    const item = document.createElement("li");
    item.className = "chat__picture";
    const shown = document.createElement("img");
    Object.assign(shown, { src: image.thumbnail_url, alt: image.prompt || "Picture", width: 64, height: 64 });
    const remove = document.createElement("button");
    Object.assign(remove, { type: "button", className: "button button--icon", textContent: "×" });
    remove.setAttribute("aria-label", `Take away: ${image.prompt || "picture"}`);
    remove.addEventListener("click", () => {
      this.pictures = this.pictures.filter((each) => each !== image);
      this.showPictures();
      this.text.focus();
    });
    item.append(shown, remove, hidden("pictures", image.id));
    return item;
  }

  clicked(event) {
    const idea = event.target.closest("[data-idea]");
    if (idea) {
      this.text.value = idea.textContent;
      this.text.focus();
    }
    if (event.target.closest("[data-end-search]")) this.root.querySelector("#chat-search").value = "";
    const use = event.target.closest("[data-card-use]");
    if (!use || event.ctrlKey || event.metaKey || event.shiftKey || !document.getElementById("create-form")) return;
    event.preventDefault();
    const { prompt, negative } = use.closest("[data-card]").dataset;
    const wish = { prompt, ...(negative && { negative_prompt: negative }), label: "The proposed prompt is in the form" };
    document.dispatchEvent(new CustomEvent("darkroom:use", { detail: wish }));
  }

  /** A card's form is sent by uses.js, as the Create form would make it. */
  submitted(event) {
    const form = event.target.closest("[data-card-generate]");
    if (form) this.takeOver(form);
  }

  /** Let a card's form carry what the Create form has chosen by now. */
  takeOver(form) {
    const create = document.getElementById("create-form");
    if (!create) return;
    const chosen = new FormData(create);
    // What was set before and is not any more, such as a switch.
    for (const field of form.querySelectorAll("[data-taken]")) field.remove();
    const settings = [...create.querySelectorAll("[data-advanced] [name]")].map(({ name }) => name);
    for (const name of new Set([...TAKEN_OVER, ...settings])) {
      const value = chosen.get(name);
      if (value === null) continue;
      const field = form.querySelector(`[name="${name}"]`);
      if (field) field.value = value;
      else form.append(taken(name, value));
    }
  }

  /** The price on each card's button, for what the form has chosen: a guess at once, the server's word after it. */
  quote() {
    const create = document.getElementById("create-form");
    const model = create?.querySelector("select[name=model]")?.selectedOptions[0];
    if (!model) return;
    const alike = new Map();
    for (const card of this.log.querySelectorAll("[data-card]:has([data-card-generate])")) {
      const count = Number(card.dataset.count);
      alike.set(count, [...(alike.get(count) ?? []), card]);
    }
    for (const [count, cards] of alike) tell(cards, count, priceOf(count, model.dataset.unitPrice), model.dataset.name);
    clearTimeout(this.timer);
    if (!model.dataset.unitPrice) return;
    this.timer = setTimeout(() => {
      for (const [count, cards] of alike) this.ask(create.dataset.estimateUrl, count, cards, model.dataset.name);
    }, PAUSE_MS);
  }

  async ask(url, count, cards, name) {
    const form = cards[0].querySelector("[data-card-generate]");
    this.takeOver(form);
    try {
      const told = await post(url, new FormData(form));
      tell(cards, count, told.price_text, name);
    } catch {
      // What is wrong with it is said when it is sent.
    }
  }

  dropped({ workspace_id: workspace, deletion_id: deletion, text, icon }) {
    if (workspace !== this.workspace) return;
    const undo = async () => {
      const { restored } = await post(`/api/workspaces/${workspace}/chat/restore`, { deletion_id: deletion });
      this.refresh();
      if (!restored) throw new Error("It was brought back already, or it is gone.");
    };
    document.dispatchEvent(new CustomEvent("darkroom:undoable", { detail: { text, icon, undo } }));
  }
}

function tell(cards, count, price, name) {
  const many = count > 1 ? ` ${count.toLocaleString("en").replaceAll(",", "\u2009")}` : "";
  for (const card of cards) {
    card.querySelector("[data-card-text]").textContent = `Generate${many} · ${price}`;
    card.querySelector("[data-card-button]").title = `With ${name}`;
  }
}

/** What an ended answer says, without the words on its buttons. */
function wordsOf(message) {
  const said = [...message.querySelectorAll(".chat__words :is(p, li, pre)")].map(({ textContent }) => textContent);
  return said.join(" ") || message.querySelector(".chat__problem")?.textContent;
}

function hidden(name, value) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name, value });
  return field;
}

function taken(name, value) {
  const field = hidden(name, value);
  field.dataset.taken = "";
  return field;
}

/** A refusal's first sentence, from the fragment that htmx got. */
function sentenceOf(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return page.querySelector("[data-refusal] p")?.textContent ?? "Try again in a moment.";
}
