// The face of the model picker: what the native select lying over it has chosen.
export class ModelRow {
  constructor(row) {
    this.row = row;
    this.select = row.querySelector("select");
    this.open = row.querySelector("[data-open]");
    // With a list of its own the select only keeps the choice.
    if (this.open) this.select.hidden = true;
    this.select.addEventListener("change", () => this.show());
    this.show(); // the browser may have restored another choice than the server rendered
  }

  show() {
    const chosen = this.select.selectedOptions[0];
    if (!chosen) return;
    for (const part of ["name", "price", "meta", "note"]) {
      this.row.querySelector(`[data-${part}]`).textContent = chosen.dataset[part];
    }
    if (this.open) {
      this.open.querySelector("[data-spoken]").textContent = `${chosen.dataset.name}, ${chosen.dataset.price}`;
    }
  }
}
