import { heightOf, justAbove, rowsInWindow, rowsOf } from "../logic/window-maths.js";
import { knowOrder } from "./selection.js";

// Screens beyond the one that is seen: rows nearer than NEAR stand in the page, rows further than FAR are emptied. Between
// them nothing happens, so that going back and forth costs nothing.
const NEAR = 1.25;
const FAR = 2.5;
// Emptied in steps of this many screens, not at every turn of the wheel.
const STEP = 0.5;
const AHEAD_PX = 2400;
const AT_ONCE = 20;
const EVERY_MS = 120;
const AGAIN_MS = 4000;

/**
 * A canvas or a library's list of any length in a page of one size. Rows of pictures far from the screen become one empty place of their
 * height, which remembers what stood there and is filled again when it comes near; the list goes on by itself at both
 * ends. What has the focus stays. Without a script the links "Older" and "Newest pictures" do the same by pages.
 */
export class Windowing {
  constructor(canvas) {
    this.canvas = canvas;
    this.gaps = new WeakMap(); // element -> { rows: [{ items, height }], asked }
    this.loading = new WeakSet();
    this.scroller = canvas.closest(".stage__main");
    knowOrder(() => (this.canvas.isConnected && this.grid ? this.ids() : null));
    for (const target of [this.scroller, window]) target.addEventListener("scroll", () => this.soon(), { passive: true });
    new ResizeObserver(() => this.remeasure()).observe(canvas);
    document.addEventListener("darkroom:view", () => this.remeasure());
    canvas.addEventListener("htmx:beforeSwap", (event) => this.keep(event.detail));
    canvas.addEventListener("htmx:afterSwap", () => this.swapped());
    canvas.addEventListener("darkroom:fresh-grid", () => this.soon());
    this.soon();
  }

  /** None where pictures stand in groups. */
  get grid() {
    return this.canvas.querySelector("#grid");
  }

  swapped() {
    this.giveBack();
    this.swept = undefined;
    this.soon();
  }

  /** Every id of the grid in reading order, whether its picture stands in the page or not. */
  ids() {
    return [...this.grid.querySelectorAll("[data-grid] > li:not([hidden])")].flatMap((place) =>
      this.gaps.has(place) ? this.itemsOf(place).map(({ id }) => id) : [idOf(place)],
    );
  }

  itemsOf(gap) {
    return this.gaps.get(gap).rows.flatMap(({ items }) => items);
  }

  soon() {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.look();
    }, EVERY_MS);
  }

  /** Empty what is far, fill what is near, go on where the list ends. */
  look() {
    if (!this.grid) return;
    const screen = window.innerHeight;
    const far = [-FAR * screen, (1 + FAR) * screen];
    const near = [-NEAR * screen, (1 + NEAR) * screen];
    const lists = [...this.grid.querySelectorAll("[data-grid]")].map((list) => [list, list.getBoundingClientRect()]);
    const top = this.scroller.scrollTop + window.scrollY;
    if (Math.abs(top - (this.swept ?? -Infinity)) > screen * STEP) {
      this.swept = top;
      this.sweep(lists, far);
    }
    for (const [list, box] of lists) {
      if (box.bottom < near[0] || box.top > near[1]) continue;
      for (const gap of list.querySelectorAll(":scope > .grid__gap")) this.fill(gap, near);
    }
    for (const nav of this.grid.querySelectorAll(":scope > [data-older], :scope > [data-newer]")) {
      const box = nav.getBoundingClientRect();
      if (box.bottom > -AHEAD_PX && box.top < screen + AHEAD_PX) this.goOn(nav);
    }
  }

  /** Empty all that is far. All reading before all writing: rows keep their height, so nothing that was read becomes wrong. */
  sweep(lists, [from, to]) {
    const plans = lists.map(([list, box]) => {
      if (list.children.length === 1 && this.gaps.has(list.firstElementChild)) return [];
      if (box.top > from && box.bottom < to) return [];
      return this.farRuns(list, [from, to]).map((run) => this.measured(list, run));
    });
    for (const replace of plans.flat()) replace?.();
  }

  /** Runs of neighbouring places that lie beyond the window, whole rows only. */
  farRuns(list, [from, to]) {
    const boxes = new Map([...list.children].map((place) => [place, place.getBoundingClientRect()]));
    const kept = new Set();
    for (const [place, box] of boxes) {
      const isFar = box.bottom < from || box.top > to || place.hidden;
      if (!isFar || place.contains(document.activeElement)) kept.add(Math.round(box.top));
    }
    return runs(list, (place) => !kept.has(Math.round(boxes.get(place).top)));
  }

  /** What puts one empty place for a run of places, as high as they are; null where they had better stay. */
  measured(list, run) {
    if (run.some((place) => this.loading.has(place))) return null;
    if (run.length === 1 && this.gaps.has(run[0])) return null;
    const between = gapOf(list);
    const rows = [];
    let top = null;
    for (const place of run) {
      if (place.hidden) continue;
      if (this.gaps.has(place)) {
        rows.push(...this.gaps.get(place).rows);
        top = null;
        continue;
      }
      const box = place.getBoundingClientRect();
      if (top === null || Math.abs(box.top - top) > 1) {
        rows.push({ items: [], height: box.height });
        top = box.top;
      }
      rows.at(-1).items.push({ id: idOf(place), ratio: ratioOf(place) });
    }
    return () => {
      if (rows.length) run[0].before(this.gap(rows, between));
      for (const place of run) discard(place);
    };
  }

  gap(rows, between) {
    const place = document.createElement("li");
    place.className = "grid__gap";
    place.setAttribute("aria-hidden", "true");
    place.style.height = `${heightOf(rows, between)}px`;
    this.gaps.set(place, { rows });
    return place;
  }

  /** Fetch those rows of an empty place that came near, and leave the rest of it empty. */
  async fill(gap, near) {
    if (this.loading.has(gap)) return;
    const { rows } = this.gaps.get(gap);
    const list = gap.parentElement;
    const between = gapOf(list);
    const found = rowsInWindow(rows, between, gap.getBoundingClientRect().top, near);
    if (!found) return;
    const [first, end] = found;
    const wanted = rows.slice(first, end).flatMap(({ items }) => items);
    this.loading.add(gap);
    const places = new Map();
    try {
      // Several pages where a row of tiny squares holds more than one answer does.
      for (let at = 0; at < wanted.length; at += 200) {
        const some = wanted.slice(at, at + 200);
        const fragment = await this.read({ after: justAbove(some[0].id), limit: some.length });
        for (const place of fragment.querySelectorAll("[data-grid] > li")) places.set(idOf(place), place);
      }
    } catch {
      // The connection may come back by itself; the place stays empty meanwhile, at its height.
      setTimeout(() => this.soon(), AGAIN_MS);
      return;
    } finally {
      this.loading.delete(gap);
    }
    if (!gap.isConnected) return;
    const back = wanted.map(({ id }) => places.get(id)).filter(Boolean);
    gap.replaceWith(
      ...[rows.slice(0, first)].filter((some) => some.length).map((some) => this.gap(some, between)),
      ...back,
      ...[rows.slice(end)].filter((some) => some.length).map((some) => this.gap(some, between)),
    );
    tell(list);
    this.soon();
  }

  /** The list goes on, below or above. */
  async goOn(nav) {
    if (this.loading.has(nav)) return;
    this.loading.add(nav);
    const older = nav.dataset.older;
    let fragment;
    try {
      fragment = await this.read(older ?? nav.dataset.newer);
    } catch {
      setTimeout(() => (this.loading.delete(nav), this.soon()), AGAIN_MS);
      return;
    }
    if (!nav.isConnected) return;
    if (older) await this.append(nav, fragment);
    else this.prepend(nav, fragment);
    this.soon();
  }

  /** A few pictures a frame: sixty at once would hold up the scrolling that asked for them. */
  async append(nav, fragment) {
    for (const section of fragment.querySelectorAll("[data-day]")) {
      const rest = [...section.querySelector("[data-grid]").children].slice(AT_ONCE);
      for (const place of rest) place.remove();
      this.join(section, (day) => nav.before(day), "append");
      const { day } = section.dataset;
      while (rest.length) {
        await new Promise((done) => requestAnimationFrame(done));
        if (!nav.isConnected) return;
        const list = this.grid.querySelector(`:scope > [data-day="${day}"] [data-grid]`);
        list.append(...rest.splice(0, AT_ONCE));
        tell(list);
      }
    }
    const next = fragment.querySelector("[data-older]");
    if (next) nav.replaceWith(next);
    else nav.remove();
  }

  prepend(nav, fragment) {
    const hold = this.hold();
    for (const section of [...fragment.querySelectorAll("[data-day]")].reverse()) this.join(section, (day) => nav.after(day), "prepend");
    const next = fragment.querySelector("[data-newer]");
    if (next) nav.replaceWith(next);
    else nav.remove();
    hold();
  }

  /** A day that stands there already takes the pictures; a new one is put by `place`. */
  join(section, place, how) {
    const there = this.grid.querySelector(`:scope > [data-day="${section.dataset.day}"]`);
    if (there) there.querySelector("[data-grid]")[how](...section.querySelector("[data-grid]").children);
    else place(section);
    tell(there ?? section);
  }

  /** Remember what is seen. Returns what puts it back to the same height on the screen. */
  hold() {
    const seen = [...this.grid.querySelectorAll("[data-picture]")].find((card) => card.getBoundingClientRect().bottom > 0);
    if (!seen) return () => {};
    const { id } = seen.dataset;
    const before = seen.getBoundingClientRect().top;
    return () => {
      const card = this.grid.querySelector(`[data-picture][data-id="${CSS.escape(id)}"]`);
      if (!card) return;
      const moved = card.getBoundingClientRect().top - before;
      const scroller = this.scroller.scrollHeight > this.scroller.clientHeight ? this.scroller : window;
      if (Math.abs(moved) > 1) scroller.scrollBy({ top: moved, behavior: "instant" });
    };
  }

  /** A fresh first page is about to replace everything: put by what it does not contain. */
  keep({ target, shouldSwap, isError }) {
    this.kept = null;
    if (target.id !== "pictures" || !shouldSwap || isError) return;
    const grid = this.grid;
    const places = grid.querySelectorAll("[data-grid] > li");
    const isFirstPage = !grid.querySelector(".grid__gap") && places.length <= Number(this.canvas.dataset.page);
    if (isFirstPage && !grid.querySelector("[data-newer]")) return;
    const focused = document.activeElement.closest("[data-picture]");
    this.kept = { grid, top: this.scroller.scrollTop, pageTop: window.scrollY, hold: this.hold(), focused: focused?.dataset.id };
    grid.remove();
  }

  giveBack() {
    if (!this.kept) return;
    const { grid: old, top, pageTop, hold, focused } = this.kept;
    this.kept = null;
    // A list that starts at an earlier day has no place for what was just made.
    if (old.querySelector("[data-newer]")) this.grid.replaceWith(old);
    else this.attach(old);
    this.scroller.scrollTop = top;
    window.scrollTo({ top: pageTop, behavior: "instant" });
    if (top > 200 || pageTop > 200) hold();
    if (focused) document.getElementById(`picture-${focused}`)?.focus({ preventScroll: true });
    this.soon();
  }

  /** Behind the fresh page, all that is older than its last picture. */
  attach(old) {
    const last = [...this.grid.querySelectorAll("[data-picture]")].at(-1)?.dataset.id;
    if (!last) return;
    for (const list of old.querySelectorAll("[data-grid]")) {
      for (const place of [...list.children]) {
        if (!this.gaps.has(place)) {
          if (idOf(place) >= last) place.remove();
          continue;
        }
        const items = this.itemsOf(place).filter(({ id }) => id < last);
        if (!items.length) place.remove();
        else if (items.length < this.itemsOf(place).length) {
          place.replaceWith(this.gap(rowsOf(items, this.layout(this.grid.querySelector("[data-grid]"))), gapOf(list)));
        }
      }
      if (!list.children.length) list.closest("[data-day]").remove();
    }
    const fresh = this.grid.querySelector("[data-older]");
    for (const section of old.querySelectorAll("[data-day]")) {
      this.join(section, (day) => (fresh ? fresh.before(day) : this.grid.append(day)), "append");
    }
    const next = old.querySelector("[data-older]");
    if (next && fresh) fresh.replaceWith(next);
    else if (old.querySelector("[data-day]") === null && !next) fresh?.remove();
  }

  /** Rows break elsewhere in another width, size or view. */
  remeasure() {
    if (!this.grid) return;
    for (const gap of this.grid.querySelectorAll(".grid__gap")) {
      if (this.loading.has(gap)) continue;
      const rows = rowsOf(this.itemsOf(gap), this.layout(gap.parentElement));
      this.gaps.set(gap, { rows });
      gap.style.height = `${heightOf(rows, gapOf(gap.parentElement))}px`;
    }
    this.soon();
  }

  layout(list) {
    const style = getComputedStyle(list);
    const width = list.clientWidth;
    const gap = gapOf(list);
    if (matchMedia("(max-width: 1023.98px)").matches) return { kind: "column", width, gap, foot: 44 };
    const chosen = Number.parseFloat(style.getPropertyValue("--canvas-row"));
    const row = chosen || Math.min(150, Math.max(96, roomOf(list) * 0.103));
    return { kind: this.canvas.dataset.view === "square" ? "square" : "rows", width, row, gap };
  }

  async read(what) {
    const url = new URL(typeof what === "string" ? what : (this.grid.dataset.pictures ?? this.canvas.dataset.pictures), window.location);
    if (typeof what !== "string") for (const [name, value] of Object.entries(what)) url.searchParams.set(name, value);
    const answer = await fetch(url, { headers: { Accept: "text/html", "HX-Request": "true" } });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  }
}

const idOf = (place) => place.querySelector("[data-picture]")?.dataset.id;
const gapOf = (list) => Number.parseFloat(getComputedStyle(list).rowGap) || 0;
const ratioOf = (place) => Number(/ratio-(\d+)/.exec(place.className)?.[1] ?? 100) / 100;

/** The width that rows are measured by: that of the box whose size picture-grid.css asks for. */
function roomOf(list) {
  let box = list.parentElement;
  while (box.parentElement && getComputedStyle(box).containerType !== "inline-size") box = box.parentElement;
  const { paddingLeft, paddingRight } = getComputedStyle(box);
  return box.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
}

const tell = (root) => document.dispatchEvent(new CustomEvent("darkroom:pictures", { detail: { root } }));

/** Chromium goes on asking a picture with `sizes` which file it wants, and keeps it and its whole card for that. */
function discard(place) {
  place.remove();
  for (const name of ["srcset", "sizes"]) place.querySelector("img")?.removeAttribute(name);
}

/** Neighbouring children for which `is` holds, in runs. */
function runs(list, is) {
  const found = [];
  let run = null;
  for (const place of list.children) {
    if (!is(place)) run = null;
    else if (run) run.push(place);
    else found.push((run = [place]));
  }
  return found;
}
