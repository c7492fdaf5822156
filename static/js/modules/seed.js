import { clampSeed, rollSeed } from "../logic/seeds.js";

// The seed field: empty is random, a number stays until it is unlocked.
export class Seed {
  constructor(field) {
    this.input = field.querySelector("input");
    this.lock = field.querySelector("[data-lock]");
    this.input.addEventListener("input", () => this.show());
    this.input.addEventListener("change", () => this.set(clampSeed(this.input.value)));
    field.querySelector("[data-dice]").addEventListener("click", () => this.set(rollSeed()));
    this.lock.addEventListener("click", () => this.set(this.input.value === "" ? rollSeed() : null));
    document.addEventListener("click", (event) => {
      const button = event.target.closest?.("[data-use-seed]");
      const seed = clampSeed(button?.dataset.useSeed ?? "");
      if (seed === null) return;
      const detail = { seed, label: `Seed ${seed} is in the form` };
      document.dispatchEvent(new CustomEvent("darkroom:use", { detail }));
    });
    this.show();
  }

  set(seed) {
    this.input.value = seed ?? "";
    this.show();
    this.input.dispatchEvent(new Event("darkroom:changed", { bubbles: true }));
  }

  show() {
    const fixed = this.input.value !== "";
    const words = fixed ? "Back to a random seed" : "Keep one seed";
    this.lock.setAttribute("aria-pressed", String(fixed));
    this.lock.setAttribute("aria-label", words);
    this.lock.title = words;
    const use = this.lock.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, fixed ? "#lock" : "#unlock"));
  }
}
