import { chosen } from "../logic/columns.js";
import { hasEnded } from "../logic/job-states.js";
import { submissionKey } from "../logic/seeds.js";
import { announce } from "./announce.js";
import { selected } from "./selection.js";

const SOON_MS = 150;

/**
 * A session of model columns. The cards develop by themselves (tray.js); here the scores and captions follow them, steps
 * are sent, and a selection turns the columns' own docks over to one prompt.
 */
export class Columns {
  constructor(page) {
    this.page = page;
    this.workspace = page.dataset.workspace;
    this.figures = page.querySelector("#session-figures");
    this.known = page.querySelector("#session-known");
    this.shared = page.querySelector("[data-shared]");
    document.addEventListener("darkroom:job", ({ detail }) => hasEnded(detail.state) && this.lookSoon());
    document.addEventListener("darkroom:batch", ({ detail }) => detail.workspace_id === this.workspace && this.lookSoon());
    document.addEventListener("darkroom:marked", () => this.lookSoon());
    document.addEventListener("darkroom:resync", () => this.lookAgain());
    document.addEventListener("darkroom:select", () => this.selectionChanged());
    page.addEventListener("htmx:beforeRequest", ({ detail }) => this.sending(detail.elt));
    document.addEventListener("htmx:beforeSwap", (event) => this.answered(event));
    page.addEventListener("htmx:afterRequest", ({ detail }) => this.done(detail));
    page.addEventListener("htmx:sendError", ({ detail }) => isStep(detail.elt.closest("form")) && this.unreachable(detail.elt));
    page.addEventListener("keydown", (event) => this.pressed(event));
    // By column, what was chosen by hand since its last step: no news may take that away.
    this.byHand = new Map();
    page.addEventListener("change", ({ target }) => {
      if (target.name === "take_id") this.byHand.set(target.closest("[data-column]"), target.value);
    });
    this.selectionChanged();
  }

  /** In a step's field the key for "generate" means this step, and Escape lets go of the selection. */
  pressed(event) {
    const form = event.target.closest("form");
    if (!isStep(form)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
    if (event.key === "Escape" && form === this.shared) form.querySelector("[data-select-none]").click();
  }

  get columns() {
    return [...this.page.querySelectorAll("[data-column]")].map((element) => ({
      element,
      name: element.dataset.name,
      each: element.querySelector("[data-next]").dataset.each,
      refused: "refused" in element.querySelector("[data-next]").dataset,
      images: [...element.querySelectorAll("[data-picture]")].map((card) => card.dataset.id),
    }));
  }

  /** Several things end at once; one look tells of them all. Not while a step is on its way, whose answer tells as well. */
  lookSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.page.querySelector("form.htmx-request, #session-figures.htmx-request")) return this.lookSoon();
      this.known.value = [...this.page.querySelectorAll("[data-take]")].map(({ dataset }) => dataset.take).join(",");
      this.figures.dispatchEvent(new CustomEvent("darkroom:refresh"));
    }, SOON_MS);
  }

  /** Too much was missed: every card that was not done is asked how it stands. */
  lookAgain() {
    for (const card of this.page.querySelectorAll("[data-job]")) {
      if (!hasEnded(card.dataset.state)) card.dispatchEvent(new CustomEvent("darkroom:changed"));
    }
    this.lookSoon();
  }

  selectionChanged() {
    const { any: driven, images, whom, price } = chosen(this.columns, selected());
    for (const dock of this.page.querySelectorAll("[data-dock]")) {
      dock.inert = driven;
      const words = dock.querySelector("[name=prompt]");
      words.placeholder = driven ? "Uses the shared prompt" : words.dataset.placeholder;
    }
    this.shared.querySelector("[data-shared-images]").value = images.join(",");
    this.shared.querySelector("[data-shared-whom]").textContent = whom;
    this.shared.querySelector("[data-shared-go]").textContent = images.length ? `Iterate ${images.length} · ${price}` : "Iterate none";
    for (const go of this.shared.querySelectorAll("[type=submit]")) go.disabled = driven && !images.length;
    if (!driven) this.refuse(this.shared, "");
  }

  sending(elt) {
    const form = elt.closest("form");
    if (isStep(form)) this.refuse(form, "");
    if (isStep(form) || elt === this.figures) this.before = this.bases();
  }

  /** From which picture each column goes on, and which it could. */
  bases() {
    return this.columns.map(({ element }) => {
      const radios = [...element.querySelectorAll("[name=take_id]:enabled")];
      return { element, radios, usable: radios.map(({ value }) => value).join(), chosen: radios.find(({ checked }) => checked)?.value };
    });
  }

  /** Captions that came anew propose the newest picture. What a hand chose is kept, and so is all while there is no newer. */
  keepBases() {
    this.bases().forEach(({ element, radios, usable }, at) => {
      const before = this.before?.[at];
      const wanted = this.byHand.get(element) ?? (before?.usable === usable ? before.chosen : undefined);
      const kept = radios.find(({ value }) => value === wanted);
      if (kept) kept.checked = true;
    });
  }

  /** A refusal comes with the sentences at their columns, or as one sentence for the form. */
  answered({ detail }) {
    const form = detail.requestConfig.elt.closest("form");
    if (!this.page.contains(form) || !isStep(form) || detail.xhr.status < 400) return;
    detail.isError = false;
    if (detail.xhr.responseText.includes("hx-swap-oob")) {
      detail.shouldSwap = true;
      return;
    }
    const page = new DOMParser().parseFromString(detail.xhr.responseText, "text/html");
    this.refuse(form, page.querySelector("[data-field], p")?.textContent?.trim() || "This could not be done. Try again.");
  }

  done({ elt, xhr }) {
    const form = elt.closest("form");
    const isTaken = isStep(form) && xhr.status > 0 && xhr.status < 400;
    if (isTaken) this.byHand.delete(form.closest("[data-column]"));
    if (isStep(form) || elt === this.figures) this.keepBases();
    if (!isTaken) return;
    form.querySelector("[name=prompt]").value = "";
    // The next step is a new wish; after a lost answer the key stays, and asking again makes nothing twice.
    form.querySelector("[data-step-key]").value = submissionKey();
    announce("Queued.");
    if (form === this.shared) {
      for (const menu of form.querySelectorAll("details[open]")) menu.open = false;
      form.querySelector("[data-select-none]").click();
    }
  }

  unreachable(elt) {
    this.refuse(elt.closest("form"), "Darkroom cannot be reached. Try again: nothing is made twice.");
  }

  refuse(form, sentence) {
    const place = form.querySelector("[data-shared-error], .column__error");
    place.replaceChildren();
    if (!sentence) return;
    const line = document.createElement("p");
    line.className = "field__error";
    line.textContent = sentence;
    place.append(line);
  }
}

const isStep = (form) => form?.matches?.("[data-dock], [data-shared]") ?? false;
