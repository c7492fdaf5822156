import { choice } from "../logic/columns.js";
import { askFor } from "./calls.js";

const PAUSE_MS = 250;

// The form that begins a session: which models stand side by side, and what one picture of each comes to.
export class ColumnChoice {
  constructor(form) {
    this.form = form;
    this.box = form.querySelector("#columns-choice");
    form.addEventListener("change", () => this.quote());
    form.addEventListener("htmx:afterRequest", () => this.quote());
    document.addEventListener("click", (event) => this.open(event));
    this.quote();
  }

  quote() {
    const options = [...this.form.querySelectorAll("select[name=models]")].map(({ selectedOptions: [option] }) => option);
    const { count, names, price } = choice(
      options.map(({ value, dataset }) => ({ id: value, name: dataset.name, price: dataset.unitPrice })),
    );
    this.show("count", `${count} ${count === 1 ? "model" : "models"}`);
    this.show("names", names || "Choose at least one");
    this.tell(count, price);
    // What costs money may cost more or less by its size: the server works that out.
    clearTimeout(this.timer);
    this.asked?.abort();
    if (price !== "free") this.timer = setTimeout(() => this.ask(), PAUSE_MS);
  }

  async ask() {
    this.asked = new AbortController();
    try {
      const told = await askFor(this.form.dataset.estimateUrl, {
        method: "POST",
        body: new FormData(this.form),
        signal: this.asked.signal,
      });
      this.tell(told.count, told.price_text);
      this.show("time", told.time_text);
    } catch {
      // Overtaken, offline, or not yet whole: what is wrong is said when the form is sent.
    }
  }

  tell(count, price) {
    this.show("price", price);
    this.show("go", `Generate ${count} · ${price}`);
  }

  show(what, text) {
    this.form.querySelector(`[data-choice-${what}]`).textContent = text;
  }

  /** The way from the bar over the columns. */
  open(event) {
    if (!event.target.closest?.("[data-open-columns]")) return;
    event.preventDefault();
    document.dispatchEvent(new CustomEvent("darkroom:open-panel"));
    this.box.open = true;
    this.box.querySelector("select").focus();
  }
}
