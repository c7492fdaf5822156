import { hasEnded } from "../logic/job-states.js";
import { landing, stepped } from "../logic/queue-order.js";
import { announce } from "./announce.js";

const APART_MS = 1500;
const ACTS = {
  "Alt+ArrowUp": "[data-queue-up]",
  "Alt+ArrowDown": "[data-queue-down]",
  "Alt+Home": "[data-queue-top]",
  Delete: "[data-queue-cancel], [data-queue-dismiss]",
};
const STEPS = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };

// The queue, on its page or in the panel: bars move with the events, a change of state reads the list anew, at most
// every moment. Rows are walked by arrows, put in another order by keys or by dragging.
export class Queue {
  constructor(place) {
    this.place = place;
    document.addEventListener("darkroom:job", ({ detail }) => this.jobChanged(detail));
    for (const type of ["darkroom:resync", "darkroom:notice", "darkroom:batch"]) {
      document.addEventListener(type, () => this.refresh());
    }
    place.addEventListener("keydown", (event) => this.onKey(event));
    place.addEventListener("pointerdown", (event) => this.drag(event));
    place.addEventListener("focusin", (event) => this.mark(event.target.closest("[data-queue-job]")));
    // Listened for where swaps end up, since the list itself is what is swapped.
    document.addEventListener("htmx:afterSettle", () => this.settled());
    this.mark(null);
  }

  get list() {
    return this.place.querySelector("#queue");
  }

  get rows() {
    return [...this.place.querySelectorAll("[data-queue-job]")];
  }

  jobChanged({ job_id: id, state, progress }) {
    const bar = this.place.querySelector(`#queue-job-${CSS.escape(id)} progress`);
    if (bar && !hasEnded(state) && progress !== undefined) bar.value = progress;
    else if (progress === undefined || !bar) this.refresh();
  }

  refresh() {
    if (this.timer || this.place.hidden) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      // A finger on a button must not find another row under it.
      if (this.dragging || this.list?.matches(":active")) this.refresh();
      else this.read();
    }, APART_MS);
  }

  read() {
    this.scrolled = this.place.querySelector("[data-queue-body]")?.scrollTop;
    // htmx listens on the element itself (hx-trigger) and fetches the fragment.
    this.list?.dispatchEvent(new CustomEvent("darkroom:refresh"));
  }

  settled() {
    if (!this.list || this.list === this.seen) return;
    this.seen = this.list;
    document.dispatchEvent(new CustomEvent("darkroom:queue-read"));
    const body = this.place.querySelector("[data-queue-body]");
    if (body && this.scrolled) body.scrollTop = this.scrolled;
    this.mark(document.activeElement.closest?.("[data-queue-job]"));
    if (this.leftAt !== undefined) this.returnTo(this.leftAt);
    if (this.moved) this.tellPlace(this.moved);
    this.leftAt = undefined;
    this.moved = null;
  }

  /** One row of the list is reached by Tab; arrows lead on from it. */
  mark(current) {
    const rows = this.rows;
    for (const row of rows) row.tabIndex = row === (current ?? rows[0]) ? 0 : -1;
  }

  onKey(event) {
    const row = event.target.closest("[data-queue-job]");
    if (!row || event.ctrlKey || event.metaKey || event.isComposing) return;
    const act = ACTS[(event.altKey ? "Alt+" : "") + event.key];
    if (act) {
      event.preventDefault();
      this.act(row, act);
    } else if (!event.altKey && event.key in STEPS) {
      event.preventDefault();
      const rows = this.rows;
      rows[stepped(rows.indexOf(row), rows.length, STEPS[event.key])].focus();
    }
  }

  act(row, selector) {
    const button = row.querySelector(selector);
    if (!button || this.place.querySelector(".htmx-request")) return;
    row.focus();
    this.scrolled = this.place.querySelector("[data-queue-body]")?.scrollTop;
    if (selector === ACTS.Delete) this.leftAt = this.rows.indexOf(row);
    else this.moved = row.id;
    button.form.requestSubmit();
  }

  /** After a row is gone the focus stays at its place, not at the page's beginning. */
  returnTo(index) {
    if (this.place.contains(document.activeElement)) return;
    const rows = this.rows;
    (rows[Math.min(index, rows.length - 1)] ?? this.place.querySelector("button, a"))?.focus();
  }

  tellPlace(id) {
    const waiting = this.waiting;
    const at = waiting.findIndex((row) => row.id === id);
    if (at >= 0) announce(`Now ${at + 1} of ${waiting.length} waiting`);
  }

  get waiting() {
    return [...this.place.querySelectorAll("[data-queue-waiting]")];
  }

  drag(event) {
    const grip = event.target.closest("[data-queue-grip]");
    if (!grip || event.button !== 0) return;
    event.preventDefault();
    const row = grip.closest("[data-queue-job]");
    const others = this.waiting.filter((each) => each !== row);
    const body = this.place.querySelector("[data-queue-body]");
    const [startY, startScroll] = [event.clientY, body.scrollTop];
    this.dragging = row;
    row.classList.add("is-dragged");
    grip.setPointerCapture(event.pointerId);
    const offset = ({ clientY }) => clientY - startY + body.scrollTop - startScroll;
    const follow = (move) => {
      const { top, bottom } = body.getBoundingClientRect();
      if (move.clientY < top + 40) body.scrollTop -= 12;
      if (move.clientY > bottom - 40) body.scrollTop += 12;
      row.style.translate = `0 ${offset(move)}px`;
    };
    const drop = (up) => {
      grip.removeEventListener("pointermove", follow);
      const { top, height } = row.getBoundingClientRect();
      const middles = others.map((each) => middleOf(each.getBoundingClientRect()));
      const at = landing(middles, top + height / 2);
      this.dragging = null;
      row.classList.remove("is-dragged");
      row.removeAttribute("style"); // an empty one would be carried on by the swap, and the policy refuses it
      if (up.type === "pointerup" && at !== this.waiting.indexOf(row)) this.putBefore(row, others[at]);
    };
    grip.addEventListener("pointermove", follow);
    grip.addEventListener("pointerup", drop, { once: true });
    grip.addEventListener("pointercancel", drop, { once: true });
  }

  putBefore(row, next) {
    const form = this.place.querySelector("[data-queue-order]");
    // At once, before the server has said so: its answer is drawn over it.
    if (next) next.before(row);
    else row.parentElement.append(row);
    row.focus();
    this.moved = row.id;
    this.scrolled = this.place.querySelector("[data-queue-body]")?.scrollTop;
    form.elements.job.value = row.dataset.queueJob;
    form.elements.before.value = next?.dataset.queueJob ?? "";
    form.requestSubmit();
  }
}

const middleOf = ({ top, height }) => top + height / 2;
