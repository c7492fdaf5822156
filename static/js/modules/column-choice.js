import { choice } from "../logic/columns.js";

// The form that begins a session: which models stand side by side, and what one picture of each comes to.
export class ColumnChoice {
  constructor(form) {
    this.form = form;
    this.box = form.querySelector("#columns-choice");
    form.addEventListener("change", ({ target }) => target.name === "models" && this.quote());
    form.addEventListener("htmx:afterRequest", () => this.quote());
    document.addEventListener("click", (event) => this.open(event));
  }

  quote() {
    const options = [...this.form.querySelectorAll("select[name=models]")].map(({ selectedOptions: [option] }) => option);
    const { count, names, price } = choice(
      options.map(({ value, dataset }) => ({ id: value, name: dataset.name, price: dataset.unitPrice })),
    );
    this.form.querySelector("[data-choice-count]").textContent = `${count} ${count === 1 ? "model" : "models"}`;
    this.form.querySelector("[data-choice-names]").textContent = names || "Choose at least one";
    this.form.querySelector("[data-choice-price]").textContent = price;
    this.form.querySelector("[data-choice-go]").textContent = `Generate ${count} · ${price}`;
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
