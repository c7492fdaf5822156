import { priceOf } from "../logic/money.js";
import { submissionKey } from "../logic/seeds.js";
import { announce } from "./announce.js";
import { askFor } from "./calls.js";

const FIELD = ".field, .check";
const PAUSE_MS = 250;

// A form that makes pictures: its button says how many and for how much, and answers the click at once.
export class Submit {
  constructor(form) {
    this.form = form;
    this.button = form.querySelector("[data-generate]");
    this.words = form.querySelector("[data-generate-text]");
    this.line = form.querySelector("[data-price-line]");
    this.refusals = form.querySelector("[data-errors]");
    this.sizes = form.querySelector("[name=batch_size]")?.closest("fieldset");
    this.fields = form.querySelector(".panel__body");
    this.combinations = 1;
    this.rest = this.words.textContent;
    form.addEventListener("darkroom:count", (event) => this.counted(event.detail));
    form.addEventListener("change", () => this.quote());
    for (const type of ["darkroom:inputs", "darkroom:source", "darkroom:changed"]) form.addEventListener(type, () => this.quote());
    form.addEventListener("htmx:beforeRequest", (event) => this.mine(event) && this.sending());
    // Told to the target of the swap, which stands outside the form.
    document.addEventListener("htmx:beforeSwap", (event) => this.answered(event));
    form.addEventListener("htmx:afterRequest", (event) => this.mine(event) && this.done(event));
    form.addEventListener("htmx:sendError", (event) => this.mine(event) && this.unreachable());
    this.quote();
  }

  mine(event) {
    return event.detail.elt === this.form;
  }

  counted({ count }) {
    this.combinations = count;
    this.quote();
  }

  get pictures() {
    const size = this.form.querySelector("[name=batch_size]:checked")?.value ?? 1;
    return Number(this.combinations) * Number(size);
  }

  quote() {
    const model = this.form.querySelector("select[name=model]")?.selectedOptions[0];
    if (!model) return; // the batch dialog has its price from the server
    this.tell(
      this.pictures,
      priceOf(Math.min(this.pictures, Number.MAX_SAFE_INTEGER), model.dataset.unitPrice),
      [model.dataset.meta, model.dataset.note],
    );
    // What costs money may cost more or less by its settings, its size and what goes in, and a picture may be too large
    // for what is asked of it: the server works that out.
    clearTimeout(this.timer);
    this.asked?.abort();
    this.tooLarge("");
    const isOpen = model.dataset.unitPrice || this.form.dataset.picture === "true";
    if (isOpen) this.timer = setTimeout(() => this.ask(model.dataset.note), PAUSE_MS);
  }

  async ask(note) {
    this.asked = new AbortController();
    const wish = new FormData(this.form);
    for (const [name, value] of [...wish]) if (value instanceof File) wish.delete(name);
    try {
      const told = await askFor(this.form.dataset.estimateUrl, {
        method: "POST",
        body: wish,
        signal: this.asked.signal,
      });
      if (told.refused) this.tooLarge(told.refused);
      else this.tell(Number(told.count), told.price_text, [told.time_text, note, ...told.notes]);
    } catch {
      // Overtaken, offline, or not yet whole: what is wrong is said when the form is sent.
    }
  }

  /** What would be refused has no price; the sentence stands where a refusal would. */
  tooLarge(sentence) {
    this.refusals.querySelector("[data-foreseen]")?.remove();
    if (!sentence) return;
    this.label("Generate · too large");
    const line = document.createElement("p");
    line.className = "field__error";
    line.dataset.foreseen = "";
    line.textContent = sentence;
    this.refusals.classList.remove("visually-hidden");
    this.refusals.replaceChildren(line);
  }

  label(words) {
    this.rest = words;
    if (!this.button.hasAttribute("aria-busy")) this.words.textContent = words;
  }

  tell(pictures, price, words) {
    const many = pictures > 1 ? ` ${inFigures(pictures)}` : "";
    this.label(`Generate${many} · ${price}`);
    const line = words.filter(Boolean).join(" · ");
    if (this.line && this.line.textContent !== line) this.line.textContent = line;
  }

  sending() {
    this.refusals.replaceChildren();
    this.refusals.classList.remove("visually-hidden");
    for (const field of this.form.querySelectorAll("[data-refused]")) accept(field);
    this.focused = this.form.contains(document.activeElement) ? document.activeElement : null;
    this.setBusy(true);
    this.words.textContent = this.line ? `Queuing ${this.pictures}` : "Queuing";
  }

  /** A refusal stands in the form; what was made goes where the server says. */
  answered({ detail }) {
    if (detail.requestConfig.elt !== this.form || detail.xhr.status < 400) return;
    detail.shouldSwap = true;
    detail.isError = false;
    detail.target = this.refusals;
    detail.swapOverride = "innerHTML";
    setTimeout(() => this.pointAt());
  }

  /** Each sentence goes to its field. Where the fields say it all, the notice is only for ears. */
  pointAt() {
    const sentences = [...this.refusals.querySelectorAll("[data-field]")];
    const refused = sentences.filter(({ dataset }) => this.form.elements[dataset.field]?.setAttribute);
    const icon = this.refusals.querySelector("svg");
    for (const { dataset, textContent } of refused) refuse(this.form.elements[dataset.field], textContent, icon);
    this.refusals.classList.toggle("visually-hidden", refused.length > 0 && refused.length === sentences.length);
    const first = refused.length ? this.form.elements[refused[0].dataset.field] : null;
    first?.focus();
    (first?.closest(FIELD) ?? this.refusals).scrollIntoView({ block: "nearest" });
  }

  done({ detail }) {
    this.setBusy(false);
    this.words.textContent = this.rest;
    // A control loses the focus when it is disabled; a keyboard must find itself where it was.
    if (document.activeElement === document.body) this.focused?.focus();
    const asks = detail.xhr.getResponseHeader("HX-Retarget");
    if (detail.xhr.status >= 400 || detail.xhr.status === 0 || asks) return;
    // The next click is a new wish. After a lost answer the key stays, so that asking again makes nothing twice.
    for (const key of document.querySelectorAll("[data-idempotency]")) key.value = submissionKey();
    announce("Queued.");
    this.form.dispatchEvent(new CustomEvent("darkroom:sent", { bubbles: true }));
  }

  setBusy(busy) {
    if (busy) this.button.setAttribute("aria-busy", "true");
    else this.button.removeAttribute("aria-busy");
    this.button.disabled = busy;
    // What is being sent is what stands there. Their values are read by now, which of a disabled field they would not be.
    if (this.fields) this.fields.inert = busy;
    if (this.sizes) {
      this.sizes.disabled = busy;
      this.sizes.setAttribute("aria-busy", String(busy));
    }
  }

  unreachable() {
    const line = document.createElement("p");
    line.className = "field__error";
    line.textContent = "Darkroom cannot be reached. Check the connection and press the button again: nothing is made twice.";
    this.refusals.replaceChildren(line);
  }
}

function refuse(field, sentence, icon) {
  const line = document.createElement("p");
  line.className = "field__error";
  line.id = `${field.id}-refused`;
  line.append(icon?.cloneNode(true) ?? "", sentence);
  const place = field.closest(FIELD);
  place?.insertBefore(line, place.querySelector(".field__help"));
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("data-refused", field.getAttribute("aria-describedby") ?? "");
  field.setAttribute("aria-describedby", `${line.id} ${field.dataset.refused}`.trim());
  field.closest("details")?.setAttribute("open", "");
}

function accept(field) {
  document.getElementById(`${field.id}-refused`)?.remove();
  field.removeAttribute("aria-invalid");
  if (field.dataset.refused) field.setAttribute("aria-describedby", field.dataset.refused);
  else field.removeAttribute("aria-describedby");
  field.removeAttribute("data-refused");
}

/** A count for a button: "1 200"; of more than anybody asks for, that it is too much. */
function inFigures(count) {
  return count > 1e6 ? "over a million" : count.toLocaleString("en").replaceAll(",", "\u2009");
}
