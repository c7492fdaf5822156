import { knowOrder } from "./selection.js";

// Screens beyond the one that is seen: pages of groups nearer than NEAR stand in the room, pages further than FAR are empty.
const NEAR = 1.25;
const FAR = 2.5;
const AHEAD_PX = 2400;
const EVERY_MS = 120;
const AGAIN_MS = 4000;

/**
 * A library of any length in groups, in a room of one size. A page of groups far from the screen becomes one empty place
 * of its height, and is asked for again when it comes near; the list goes on by itself. What has the focus stays.
 * Without a script the links "Older pictures" and "Newest pictures" do the same by pages.
 */
export class GroupWindowing {
  constructor(room) {
    this.room = room;
    this.emptied = new WeakMap(); // page -> { ids, groups, height, width }
    this.loading = new WeakSet();
    this.scroller = room.closest(".stage__main");
    knowOrder(() => (room.isConnected && this.pages.length ? this.ids() : null));
    for (const target of [this.scroller, window]) target.addEventListener("scroll", () => this.soon(), { passive: true });
    new ResizeObserver(() => this.remeasure()).observe(room);
    room.addEventListener("htmx:afterSwap", () => this.soon());
    this.soon();
  }

  /** None where pictures stand in no groups. */
  get pages() {
    return [...this.room.querySelectorAll("[data-groups]")];
  }

  /** Every id in reading order, whether its picture stands in the room or not. */
  ids() {
    return this.pages.flatMap((page) => this.emptied.get(page)?.ids ?? idsOf(page));
  }

  soon() {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.look();
    }, EVERY_MS);
  }

  /** Empty what is far, fill what is near, go on where the list ends. All reading before all writing. */
  look() {
    const screen = window.innerHeight;
    const boxes = this.pages.map((page) => [page, page.getBoundingClientRect()]);
    for (const [page, box] of boxes) {
      const away = Math.max(-box.bottom, box.top - screen) / screen;
      if (this.emptied.has(page)) {
        if (away < NEAR) this.fill(page);
      } else if (away > FAR && !this.loading.has(page) && !page.contains(document.activeElement)) this.empty(page, box);
    }
    const nav = this.room.querySelector(".library__groups > [data-older]");
    if (nav && boxes.length && nav.getBoundingClientRect().top < screen + AHEAD_PX) this.goOn(nav);
  }

  empty(page, { height, width }) {
    this.emptied.set(page, { ids: idsOf(page), groups: groupsOf(page), height, width });
    page.style.height = `${height}px`;
    discard(page);
  }

  async fill(page) {
    if (this.loading.has(page)) return;
    this.loading.add(page);
    try {
      const fragment = await read(page.dataset.groups);
      if (!page.isConnected) return;
      this.emptied.delete(page);
      page.style.height = "";
      page.append(...this.unknown(fragment));
      tell(page);
    } catch {
      // The connection may come back by itself; the page stays empty meanwhile, at its height.
      setTimeout(() => this.soon(), AGAIN_MS);
    } finally {
      this.loading.delete(page);
    }
  }

  async goOn(nav) {
    if (this.loading.has(nav)) return;
    this.loading.add(nav);
    let fragment;
    try {
      fragment = await read(nav.dataset.older);
    } catch {
      setTimeout(() => (this.loading.delete(nav), this.soon()), AGAIN_MS);
      return;
    }
    const page = fragment.querySelector("[data-groups]");
    const groups = this.unknown(fragment);
    page.replaceChildren();
    if (nav.isConnected) nav.before(page);
    this.loading.add(page);
    // A group a frame: a whole page at once would hold up the scrolling that asked for it.
    for (const group of groups) {
      if (!page.isConnected) return;
      page.append(group);
      tell(group);
      await new Promise((done) => requestAnimationFrame(done));
    }
    this.loading.delete(page);
    const next = fragment.querySelector("[data-older]");
    if (next) nav.replaceWith(next);
    else nav.remove();
    this.soon();
  }

  /** The groups of an answer that stand on no page yet: one may have moved since, by what was made or thrown away. */
  unknown(fragment) {
    const known = new Set(this.pages.flatMap((page) => this.emptied.get(page)?.groups ?? groupsOf(page)));
    return [...fragment.querySelectorAll("[data-group]")].filter((group) => !known.has(group.dataset.group));
  }

  /** Rows break elsewhere in another width: about as much more or less of them as there is less or more room. */
  remeasure() {
    for (const page of this.pages) {
      const was = this.emptied.get(page);
      const { width } = page.getBoundingClientRect();
      if (was && width && width !== was.width) {
        Object.assign(was, { width, height: (was.height * was.width) / width });
        page.style.height = `${was.height}px`;
      }
    }
    this.soon();
  }
}

const idsOf = (page) => [...page.querySelectorAll("[data-grid] > li:not([hidden]) > [data-picture]")].map((card) => card.dataset.id);
const groupsOf = (page) => [...page.querySelectorAll("[data-group]")].map((group) => group.dataset.group);
const tell = (root) => document.dispatchEvent(new CustomEvent("darkroom:pictures", { detail: { root } }));

async function read(url) {
  const answer = await fetch(url, { headers: { Accept: "text/html", "HX-Request": "true" } });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/**
 * Chromium goes on asking a picture with `sizes` which file it wants, and keeps it and its whole page for that: it is
 * told first that there is no choice, and has left that behind when the picture goes.
 */
function discard(page) {
  const cards = [...page.children];
  for (const image of page.querySelectorAll("img")) for (const name of ["srcset", "sizes", "src"]) image.removeAttribute(name);
  setTimeout(() => {
    for (const card of cards) card.remove();
  });
}
