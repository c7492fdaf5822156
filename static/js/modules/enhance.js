import { announce } from "./announce.js";
import { askFor } from "./calls.js";
import { stillEnhanced, stylesOf, told, written } from "../logic/enhancing.js";

// Where no event comes through, it is looked for this often.
const LOOK_MS = 3_000;

/**
 * Variations of the prompt, asked for by the button in its foot. Using one fills the form by `darkroom:use`, with
 * undo; the form then also carries what the person wrote, until the prompt has become another.
 */
export class Enhance {
  constructor(section) {
    this.section = section;
    this.form = section.closest("form");
    if (!this.form) return;
    const part = (name) => section.querySelector(`[data-${name}]`);
    this.parts = Object.fromEntries(
      ["title", "cost", "writer", "focus", "count", "styles", "again", "failed", "original", "variations", "pattern"].map((name) => [name, part(name)]),
    );
    this.prompt = this.form.elements.prompt;
    this.origin = this.form.elements.enhanced_from;
    this.button = document.querySelector(`[data-enhance][aria-controls="${section.id}"]`);
    this.button.addEventListener("click", () => (section.hidden || this.prompt.value !== this.asked ? this.ask() : this.close()));
    this.parts.again.addEventListener("click", () => this.ask({ fresh: this.isSameWish() }));
    part("close").addEventListener("click", () => this.close());
    section.addEventListener("keydown", (event) => this.pressed(event));
    this.parts.variations.addEventListener("click", ({ target }) => target.closest("[data-use-variation]") && this.use(target.closest("[data-variation]")));
    this.followPrompt();
  }

  async ask({ fresh = false } = {}) {
    const wish = this.wish();
    const original = this.prompt.value;
    this.section.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.busy(true);
    this.fail("");
    this.request?.abort();
    const request = new AbortController();
    this.request = request;
    try {
      const answer = await enhanced({ ...wish, fresh }, request.signal);
      this.asked = original;
      this.wished = JSON.stringify(wish);
      this.show(answer, original);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.fail(error.message);
    }
    if (this.request === request) this.busy(false);
  }

  wish() {
    const { focus, count, styles } = this.parts;
    return {
      prompt: this.prompt.value,
      model: this.form.elements.model.value,
      focus: focus.value,
      count: Number(count.value),
      styles: stylesOf(styles.value),
    };
  }

  /** Asking for the same again means that what came is not what was hoped for. */
  isSameWish() {
    return this.wished === JSON.stringify(this.wish());
  }

  show(answer, original) {
    const { title, writer, cost, variations, pattern } = this.parts;
    const words = told(answer);
    title.textContent = words.title;
    cost.textContent = words.cost;
    writer.textContent = words.writer;
    this.parts.original.hidden = false;
    this.parts.original.querySelector("[data-original-text]").textContent = original;
    this.original = this.origin.value || original;
    variations.replaceChildren(
      ...answer.items[0].prompts.map((text, place) => {
        const item = pattern.content.firstElementChild.cloneNode(true);
        const field = item.querySelector("[data-text]");
        field.value = text;
        field.setAttribute("aria-label", `Variation ${place + 1}`);
        item.querySelector("[data-number]").textContent = place + 1;
        item.querySelector("[data-use-variation]").setAttribute("aria-label", `Use variation ${place + 1}`);
        return item;
      }),
    );
    announce(`${words.title}. ${words.writer}`);
  }

  use(item) {
    const prompt = item.querySelector("[data-text]").value.trim();
    if (!prompt) return;
    const number = item.querySelector("[data-number]").textContent;
    const wish = { prompt, enhanced_from: this.original, label: `Variation ${number} is in the form` };
    document.dispatchEvent(new CustomEvent("darkroom:use", { detail: wish }));
    for (const each of this.parts.variations.children) each.classList.toggle("is-used", each === item);
    this.asked = this.prompt.value;
  }

  /** Whatever fills or changes the prompt decides whether it is still the enhanced one. */
  followPrompt() {
    this.enhanced = this.origin.value && this.prompt.value;
    this.form.addEventListener("darkroom:filling", ({ detail: { wish, takeBack } }) => {
      if (typeof wish.prompt !== "string") return;
      const before = [this.origin.value, this.enhanced];
      this.set(wish.enhanced_from ?? "", wish.prompt);
      takeBack(() => this.set(...before));
    });
    this.prompt.addEventListener("input", () => {
      if (!this.origin.value) return;
      // A draft puts both back at once; what it brings belongs together.
      this.enhanced ||= this.prompt.value;
      if (!stillEnhanced(this.enhanced, this.prompt.value)) this.set("", "");
    });
  }

  set(origin, enhanced) {
    this.origin.value = origin;
    this.enhanced = enhanced;
    this.form.dispatchEvent(new CustomEvent("darkroom:changed"));
  }

  pressed(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      this.close();
    } else if (event.key === "Enter" && event.target === this.parts.styles) {
      // Enter in a field of a form would generate.
      event.preventDefault();
      this.ask();
    }
  }

  close() {
    this.request?.abort();
    this.busy(false);
    const hadFocus = this.section.contains(document.activeElement);
    this.section.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    if (hadFocus) this.button.focus();
  }

  busy(is) {
    for (const button of [this.button, this.parts.again]) {
      if (is) button.setAttribute("aria-busy", "true");
      else button.removeAttribute("aria-busy");
    }
    if (is) this.parts.title.textContent = "Enhancing";
  }

  fail(sentence) {
    this.parts.failed.hidden = !sentence;
    this.parts.failed.querySelector("[data-failed-text]").textContent = sentence;
    if (sentence) this.parts.title.textContent = "Not enhanced";
  }
}

/** What a worker has written; the server says at once that it will be. */
async function enhanced(body, signal) {
  const url = "/api/prompts/enhance";
  const asked = await askFor(`${url}?wait=0`, { method: "POST", body, signal });
  return written(asked, {
    rest: (id) => toldOf(id, signal),
    ask: (id) => askFor(`${url}/${encodeURIComponent(id)}`, { signal }),
  });
}

/** Until the live events tell of a request, or of having missed some; or nobody waits for it any more. */
function toldOf(id, signal) {
  return new Promise((resolve) => {
    const over = new AbortController();
    const end = () => {
      over.abort();
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(end, LOOK_MS);
    document.addEventListener("darkroom:enhanced", ({ detail }) => detail.id === id && end(), { signal: over.signal });
    document.addEventListener("darkroom:resync", end, { signal: over.signal });
    signal.addEventListener("abort", end, { signal: over.signal });
  });
}
