/** The list of all models: finds by words, chooses by a click or Enter, and tells the form's select. */
export class ModelPicker {
  constructor(dialog) {
    this.dialog = dialog;
    this.select = document.getElementById(dialog.querySelector("[data-for]").dataset.for);
    this.find = dialog.querySelector("[data-find]");
    this.rows = [...dialog.querySelectorAll("[data-words]")];
    this.find.addEventListener("input", () => this.filter());
    this.find.addEventListener("keydown", (event) => this.onKey(event));
    dialog.querySelector("[data-list]").addEventListener("keydown", (event) => this.onKey(event));
    dialog.addEventListener("click", (event) => {
      const choice = event.target.closest("button.model-choice");
      if (choice) this.choose(choice.value);
    });
    new MutationObserver(() => dialog.open && this.opened()).observe(dialog, { attributeFilter: ["open"] });
  }

  opened() {
    this.find.value = "";
    this.filter();
    for (const button of this.buttons()) {
      button.toggleAttribute("aria-current", button.value === this.select.value);
      if (button.value === this.select.value) {
        button.setAttribute("aria-current", "true");
        button.scrollIntoView({ block: "nearest" });
      }
    }
    this.find.focus();
  }

  choose(id) {
    this.select.value = id;
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
    this.dialog.close();
  }

  filter() {
    const words = this.find.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of this.rows) row.hidden = !words.every((word) => row.dataset.words.includes(word));
    for (const group of this.dialog.querySelectorAll("[data-group]")) {
      group.hidden = !group.querySelector("[data-words]:not([hidden])");
    }
    const wanting = this.dialog.querySelector("[data-wanting]");
    if (wanting) {
      wanting.hidden = !wanting.querySelector("[data-words]:not([hidden])");
      wanting.open = words.length > 0 && !wanting.hidden;
    }
    this.dialog.querySelector("[data-none]").hidden = this.rows.some((row) => !row.hidden);
  }

  buttons() {
    return [...this.dialog.querySelectorAll("button.model-choice")].filter((button) => !button.closest("[hidden]"));
  }

  onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const buttons = this.buttons();
    if (step && buttons.length) {
      event.preventDefault();
      const at = buttons.indexOf(document.activeElement);
      if (at + step < 0) this.find.focus();
      else buttons[Math.min(at + step, buttons.length - 1)].focus();
    } else if (event.key === "Enter" && event.target === this.find && buttons.length) {
      event.preventDefault();
      this.choose(buttons[0].value);
    }
  }
}
