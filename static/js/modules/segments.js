// Radios choose by themselves; this keeps the words beside the label ("1536 × 1024") true.
export class Segments {
  constructor(group) {
    this.hint = group.querySelector(".field__label [data-hint]");
    if (this.hint) group.addEventListener("change", (event) => this.show(event.target.closest("[data-hint]")));
  }

  show(label) {
    if (label) this.hint.textContent = label.dataset.hint;
  }
}
