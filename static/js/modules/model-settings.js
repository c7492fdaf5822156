/**
 * Which settings are asked: those the chosen model has for what is to be done. The others are hidden and not sent; what
 * was typed in them is still there when the model comes back.
 */
export class ModelSettings {
  constructor(form) {
    this.form = form;
    this.fold = form.querySelector("[data-advanced]");
    this.negative = form.querySelector("[data-negative-fold]");
    form.addEventListener("change", () => this.show());
    form.addEventListener("darkroom:inputs", () => this.show());
    this.keptOut = form.elements.negative_prompt;
    this.keptOutWords = this.negative.querySelector(".fold__summary");
    this.rest = this.keptOutWords.textContent;
    this.keptOut.addEventListener("input", () => this.showKeptOut());
    this.showKeptOut();
    this.show();
  }

  show() {
    const model = this.form.elements.model?.selectedOptions?.[0];
    if (!model) return;
    this.offerOperations(model.dataset.does.split(" "));
    const operation = this.form.dataset.picture === "true" ? this.form.elements.operation.value : "txt2img";
    const place = `${model.value}/${operation}`;
    for (const setting of this.form.querySelectorAll("[data-asked-at]")) {
      const asked = setting.dataset.askedAt.split(" ").includes(place);
      setting.hidden = !asked;
      for (const field of setting.querySelectorAll("input, select")) field.disabled = !asked;
    }
    const count = this.fold.querySelectorAll("[data-asked-at]:not([hidden])").length;
    this.fold.hidden = !count;
    this.fold.querySelector(".fold__summary").textContent = count === 1 ? "1 option" : `${count} options`;
    this.negative.hidden = model.dataset.takesNegative === "false";
    this.negative.classList.remove("without-script"); // where it stood for that until now
    this.offerSeed(model.dataset.seeded !== "false");
  }

  /** What was typed comes back with a model that takes it. */
  offerSeed(takes) {
    const seed = this.form.elements.seed;
    this.seedHint ??= seed.placeholder;
    seed.disabled = !takes;
    seed.placeholder = takes ? this.seedHint : "Takes none";
  }

  /** Only what the model can do with a picture; when it cannot do what was chosen, the first thing that it can. */
  offerOperations(does) {
    const select = this.form.elements.operation;
    for (const option of select.options) option.disabled = !does.includes(option.value);
    if (!select.selectedOptions[0]?.disabled) return;
    const able = [...select.options].find((option) => !option.disabled);
    if (able) {
      select.value = able.value;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  /** A folded field still says what is in it. */
  showKeptOut() {
    this.keptOutWords.textContent = this.keptOut.value.trim() || this.rest;
  }
}
