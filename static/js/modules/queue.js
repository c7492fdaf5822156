import { hasEnded } from "../logic/job-states.js";

const APART_MS = 1500;

// The queue page: bars move with the events, a change of state reads the list anew, at most every moment.
export class Queue {
  constructor(page) {
    this.page = page;
    document.addEventListener("darkroom:job", ({ detail }) => this.jobChanged(detail));
    for (const type of ["darkroom:resync", "darkroom:notice", "darkroom:batch"]) {
      document.addEventListener(type, () => this.refresh());
    }
  }

  jobChanged({ job_id: id, state, progress }) {
    const bar = document.querySelector(`#job-${CSS.escape(id)} progress`);
    if (bar && !hasEnded(state) && progress !== undefined) bar.value = progress;
    else this.refresh();
  }

  refresh() {
    if (this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      // A finger on a button must not find another row under it.
      if (document.getElementById("queue")?.matches(":active")) this.refresh();
      else document.getElementById("queue")?.dispatchEvent(new CustomEvent("darkroom:refresh"));
    }, APART_MS);
  }
}
