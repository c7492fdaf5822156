import { swiped, toldOf } from "../logic/brought.js";
import { changesFor } from "../logic/form-filling.js";

/**
 * The row of a picture that was brought along. acts: { remove, promote, crop, use(what), step(by), hover(y) }, what its buttons,
 * its keys, a drag of its grip and a swipe ask for.
 */
export class BroughtRow {
  constructor(pattern, acts) {
    this.element = pattern.content.firstElementChild.cloneNode(true);
    this.acts = acts;
    this.grip = this.find("grip");
    this.find("remove").addEventListener("click", acts.remove);
    this.find("promote").addEventListener("click", acts.promote);
    this.find("crop").addEventListener("click", acts.crop);
    this.element.addEventListener("click", (event) => {
      const use = event.target.closest("[data-use-of]");
      if (use) acts.use(use.dataset.useOf);
    });
    this.followGrip();
    this.followSwipes();
  }

  find(part) {
    return this.element.querySelector(`[data-${part}]`);
  }

  followGrip() {
    const { grip } = this;
    grip.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      this.acts.step(by);
      grip.focus();
    });
    grip.addEventListener("pointerdown", (event) => {
      grip.setPointerCapture(event.pointerId);
      this.element.classList.add("is-dragged");
    });
    grip.addEventListener("pointermove", (event) => {
      if (grip.hasPointerCapture(event.pointerId)) this.acts.hover(event.clientY);
    });
    for (const type of ["pointerup", "pointercancel"]) {
      grip.addEventListener(type, () => this.element.classList.remove("is-dragged"));
    }
  }

  /** A finger to the left uncovers "Remove"; far or fast enough, it is done. */
  followSwipes() {
    const card = this.find("card");
    let from = null;
    card.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse" || event.target.closest("button")) return;
      from = { x: event.clientX, y: event.clientY, at: event.timeStamp };
    });
    card.addEventListener("pointermove", (event) => {
      const dx = from ? event.clientX - from.x : 0;
      if (dx > -8) return;
      this.element.classList.add("is-swiped");
      card.style.translate = `${dx}px`;
    });
    const end = (event) => {
      if (!from) return;
      const { x, y, at } = from;
      from = null;
      card.style.translate = "";
      this.element.classList.remove("is-swiped");
      const done = event.type === "pointerup";
      if (done && swiped(event.clientX - x, event.clientY - y, event.timeStamp - at, card.offsetWidth)) this.acts.remove();
    };
    for (const type of ["pointerup", "pointercancel"]) card.addEventListener(type, end);
  }

  /** item: name, state, kind, facts, error, thumb, recipe, progress. source: whether the operation starts from it. */
  show(item, source) {
    const { name, state, error, thumb, recipe } = item;
    this.element.dataset.state = state;
    this.find("name").textContent = name;
    this.find("facts").textContent = state === "sending" ? "on its way" : item.facts;
    this.find("error").hidden = !error;
    this.find("error-text").textContent = error;
    this.find("source").hidden = !source;
    this.find("promote").hidden = source || state !== "ready" || item.kind !== "image";
    this.find("crop").hidden = state !== "ready" || item.kind !== "image" || !item.width;
    this.grip.setAttribute("aria-label", `Move ${name}`);
    for (const attribute of ["aria-label", "title"]) this.find("remove").setAttribute(attribute, `Remove ${name}`);
    const picture = this.find("thumb");
    picture.hidden = !thumb;
    if (thumb && picture.getAttribute("src") !== thumb) picture.src = thumb;
    this.find("recipe").hidden = !recipe;
    if (recipe) {
      this.find("told").textContent = toldOf(recipe);
      this.element.querySelector("[data-use-of=seed]").hidden = !changesFor({ seed: recipe.seed }).length;
    }
    this.showProgress(item);
  }

  showProgress({ name, state, progress }) {
    const bar = this.find("progress");
    bar.hidden = state !== "sending";
    bar.value = progress;
    bar.setAttribute("aria-label", `Sending ${name}`);
  }
}
