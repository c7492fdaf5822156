const EVERY_MS = 120;

// Days beside the pictures: the one that is seen is marked, a click goes to any other, loaded or not.
export class Rail {
  constructor(rail) {
    this.rail = rail;
    this.marks = [...rail.querySelectorAll("[data-day]")];
    this.scroller = document.querySelector(".stage__main");
    this.left = new AbortController();
    this.scroller.addEventListener("scroll", () => this.soon(), { passive: true, signal: this.left.signal });
    window.addEventListener("popstate", () => this.cameBack(), { signal: this.left.signal });
    rail.addEventListener("click", (event) => this.clicked(event));
    this.path = window.location.pathname;
    this.day = dayOfAddress();
    this.show();
  }

  soon() {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.show();
    }, EVERY_MS);
  }

  /** The day at the top of the room. */
  show() {
    if (!this.rail.isConnected) return this.left.abort();
    const top = this.scroller.getBoundingClientRect().top + 64;
    const days = [...document.querySelectorAll("#grid > [data-day]")];
    const seen = days.find((day) => day.getBoundingClientRect().bottom > top)?.dataset.day;
    for (const mark of this.marks) {
      const is = Boolean(seen) && mark.dataset.since <= seen && seen <= mark.dataset.day;
      if (is) mark.setAttribute("aria-current", "true");
      else mark.removeAttribute("aria-current");
    }
    return undefined;
  }

  async clicked(event) {
    const mark = event.target.closest("[data-day]");
    if (!mark || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const url = new URL(window.location.href);
    const { day } = mark.dataset;
    if (mark === this.marks[0]) url.searchParams.delete("before");
    else url.searchParams.set("before", day);
    if (url.href !== window.location.href) history.pushState(null, "", url);
    this.day = dayOfAddress();
    await this.go(day, mark.href);
  }

  /** Back or forward between days; a picture over the canvas comes and goes without moving what lies below. */
  async cameBack() {
    const day = dayOfAddress();
    if (!this.rail.isConnected || window.location.pathname !== this.path || day === this.day) return;
    this.day = day;
    await this.go(day ?? this.marks[0].dataset.day, window.location.href);
  }

  async go(day, page) {
    if (!this.section(day)) await this.fetch(day, page);
    this.section(day)?.scrollIntoView({ block: "start", behavior: "instant" });
    if (day === this.marks[0].dataset.day) this.scroller.scrollTop = 0;
    this.show();
  }

  section(day) {
    return document.querySelector(`#grid > [data-day="${CSS.escape(day)}"]`);
  }

  /** A day that is not on the page: the grid starts there, and goes on both ways. */
  async fetch(day, page) {
    const url = `${document.querySelector("[data-pictures]").dataset.pictures}?before=${encodeURIComponent(day)}`;
    const answer = await fetch(url, { headers: { Accept: "text/html", "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok) {
      window.location.assign(page);
      return;
    }
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("grid");
    const grid = document.getElementById("grid");
    grid.replaceWith(found);
    document.dispatchEvent(new CustomEvent("darkroom:pictures", { detail: { root: found } }));
    found.dispatchEvent(new CustomEvent("darkroom:fresh-grid", { bubbles: true }));
  }
}

const dayOfAddress = () => new URLSearchParams(window.location.search).get("before");
