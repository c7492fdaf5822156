const APART_MS = 1500;
const TICK_MS = 15_000;

// The footer's words, the counts at the queue's links, wherever one is, and the day's meter: read anew when the queue
// changes or an answer has cost something, and now and then while something runs, because "about 1 min left" grows old
// by itself.
export class Status {
  constructor(bar) {
    this.bar = bar;
    document.addEventListener("darkroom:job", ({ detail }) => detail.progress === undefined && this.soon());
    document.addEventListener("darkroom:chat", ({ detail }) => detail.done && this.soon());
    for (const type of ["batch", "notice", "resync"]) document.addEventListener(`darkroom:${type}`, () => this.soon());
    document.addEventListener("visibilitychange", () => document.hidden || this.soon());
    setInterval(() => this.busy && this.soon(), TICK_MS);
  }

  get busy() {
    return document.getElementById("queue-count")?.hidden === false;
  }

  soon() {
    if (this.timer || document.hidden) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      // htmx listens on the element itself (hx-trigger); the answer's parts find their places by id.
      this.bar.dispatchEvent(new CustomEvent("darkroom:refresh"));
    }, APART_MS);
  }
}
