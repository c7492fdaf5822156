import { back, begin, beside, next, place } from "../logic/tour.js";
import { announce } from "./announce.js";

const KEY = "darkroom:tour";

// Four steps on the first visit. Skipped or finished it never comes again by itself; the help menu starts it anew.
export class Tour {
  constructor(card) {
    this.card = card;
    this.steps = [...card.querySelectorAll("[data-tour-step]")];
    this.words = card.querySelector("#tour-place");
    this.onward = card.querySelector("[data-tour-next]");
    this.backward = card.querySelector("[data-tour-back]");
    this.onward.addEventListener("click", () => this.go(next(this.at, this.shown)));
    this.backward.addEventListener("click", () => this.go(back(this.at, this.shown)));
    card.querySelector("[data-tour-skip]").addEventListener("click", () => this.end());
    card.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.end();
    });
    // Started by itself it has no focus, and Escape means it as long as nothing stands over it.
    document.addEventListener("keydown", (event) => {
      const other = document.querySelector("dialog[open], details[open].menu");
      if (event.key === "Escape" && !card.hidden && !other && !event.defaultPrevented) this.end();
    });
    document.addEventListener("click", (event) => event.target.closest?.("[data-start-tour]") && this.start(true));
    window.addEventListener("resize", () => this.stand());
    // Started from another page, it comes along to the canvas.
    const called = window.location.hash === "#show-round";
    if (called) this.start(true);
    else if (card.hasAttribute("data-first-visit") && document.getElementById("create") && !remembered()) this.start(false);
  }

  /** called: by the person, who then finds the focus in the card; by itself it only stands there. */
  start(called) {
    if (!document.getElementById("create")) {
      window.location.assign(`${document.querySelector('[data-go="canvas"]').pathname}#show-round`);
      return;
    }
    this.before = called && document.activeElement !== document.body ? document.activeElement : null;
    this.shown = this.steps.map((step) => targetOf(step) !== null);
    this.card.hidden = false;
    this.go(begin(this.shown));
    if (called) this.onward.focus();
  }

  go(at) {
    if (at === -1) {
      this.end();
      return;
    }
    this.at = at;
    const { number, count } = place(at, this.shown);
    for (const step of this.steps) step.hidden = step !== this.steps[at];
    this.words.textContent = `Tour, step ${number} of ${count}`;
    this.onward.querySelector("span").textContent = number === count ? "Done" : "Next";
    this.backward.hidden = number === 1;
    const step = this.steps[at];
    announce(`${this.words.textContent}. ${step.querySelector("h2").textContent}. ${step.querySelector("p").textContent}`);
    this.stand();
  }

  stand() {
    if (this.card.hidden) return;
    this.pointAt(targetOf(this.steps[this.at]));
    if (!this.target) return;
    const card = this.card.getBoundingClientRect();
    const room = { width: window.innerWidth, height: window.innerHeight };
    const { left, top } = beside(this.target.getBoundingClientRect(), card, room);
    this.card.style.setProperty("--tour-left", `${left}px`);
    this.card.style.setProperty("--tour-top", `${top}px`);
  }

  pointAt(target) {
    this.target?.classList.remove("is-toured");
    this.target = target;
    target?.classList.add("is-toured");
  }

  end() {
    this.pointAt(null);
    const inside = this.card.contains(document.activeElement);
    this.card.hidden = true;
    if (inside) (this.before?.isConnected ? this.before : document.getElementById("main")).focus();
    try {
      localStorage.setItem(KEY, "done");
    } catch {
      // It may come once more on the next visit; nothing is lost.
    }
  }
}

function targetOf(step) {
  const found = [...document.querySelectorAll(step.dataset.target)];
  return found.find((each) => each.getClientRects().length > 0) ?? null;
}

function remembered() {
  try {
    return localStorage.getItem(KEY) === "done";
  } catch {
    return true;
  }
}
