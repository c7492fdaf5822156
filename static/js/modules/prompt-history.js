import { announce } from "./announce.js";
import { askFor } from "./calls.js";

const PAUSE_MS = 200;
const AGO = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const UNITS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** The dialog of past prompts. Fetched anew whenever it opens, for every picture made may have added one. */
export class PromptHistory {
  constructor(dialog) {
    this.dialog = dialog;
    this.body = dialog.querySelector("[data-history]");
    this.rows = dialog.querySelector("[data-rows]");
    this.search = dialog.querySelector("[data-search]");
    this.state = dialog.querySelector("[data-state]");
    this.more = dialog.querySelector("[data-more]");
    this.pattern = dialog.querySelector("[data-pattern]");
    this.gonePattern = dialog.querySelector("[data-gone-pattern]");
    this.search.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.load(), PAUSE_MS);
    });
    this.more.addEventListener("click", () => this.load(this.more.dataset.next));
    this.rows.addEventListener("click", (event) => this.clicked(event));
    this.rows.addEventListener("keydown", (event) => this.pressed(event));
    new MutationObserver(() => dialog.open && this.opened()).observe(dialog, { attributeFilter: ["open"] });
  }

  opened() {
    this.search.value = "";
    this.rows.replaceChildren();
    this.load();
  }

  async load(cursor = null) {
    const query = new URLSearchParams({ workspace_id: this.body.dataset.workspace, limit: "30" });
    if (this.search.value.trim()) query.set("q", this.search.value.trim());
    if (cursor) query.set("cursor", cursor);
    this.request?.abort();
    this.request = new AbortController();
    try {
      const page = await askFor(`/api/prompts/history?${query}`, { signal: this.request.signal });
      if (!cursor) this.rows.replaceChildren();
      this.rows.append(...page.items.map((past) => this.row(past)));
      this.more.hidden = !page.next;
      this.more.dataset.next = page.next ?? "";
      this.say();
    } catch (error) {
      if (error.name !== "AbortError") this.state.textContent = `The history could not be read: ${error.message}`;
    }
  }

  say() {
    const words = this.search.value.trim();
    const empty = words ? "No prompt holds all of these words." : "What you ask for is kept here. Nothing yet.";
    this.state.textContent = this.rows.children.length ? "" : empty;
  }

  row(past) {
    const row = this.pattern.content.firstElementChild.cloneNode(true);
    row.past = past;
    row.querySelector("[data-text]").textContent = past.prompt;
    const negative = row.querySelector("[data-negative]");
    negative.textContent = past.negative_prompt;
    negative.hidden = !past.negative_prompt;
    const used = past.times_used === 1 ? "used once" : `used ${past.times_used} times`;
    row.querySelector("[data-meta]").textContent = `${used} · ${ago(past.last_used_at)}`;
    showPin(row);
    return row;
  }

  clicked(event) {
    const row = event.target.closest("[data-row]");
    if (!row?.past) return;
    if (event.target.closest("[data-pin]")) this.pin(row);
    else if (event.target.closest("[data-delete]")) this.forget(row);
    else this.use(row.past);
  }

  pressed(event) {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const uses = [...this.rows.querySelectorAll("[data-use]")];
    const at = uses.indexOf(event.target.closest("[data-row]")?.querySelector("[data-use]"));
    const next = uses[at + (event.key === "ArrowDown" ? 1 : -1)] ?? (at === 0 ? this.search : null);
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  use(past) {
    this.dialog.close();
    const detail = { prompt: past.prompt, negative_prompt: past.negative_prompt, label: "Prompt taken from the history" };
    document.dispatchEvent(new CustomEvent("darkroom:use", { detail }));
    document.getElementById("prompt")?.focus();
  }

  async pin(row) {
    const act = row.past.pinned ? "unpin" : "pin";
    try {
      row.past = await askFor(`/api/prompts/history/${row.past.id}/${act}`, { method: "POST" });
      showPin(row);
      announce(act === "pin" ? "Pinned." : "Unpinned.");
    } catch (error) {
      this.state.textContent = error.message;
    }
  }

  /** Undone in its place: a toast would lie behind this dialog. */
  async forget(row) {
    try {
      await askFor(`/api/prompts/history/${row.past.id}`, { method: "DELETE" });
    } catch (error) {
      this.state.textContent = error.message;
      return;
    }
    const gone = this.gonePattern.content.firstElementChild.cloneNode(true);
    gone.querySelector("[data-undo]").addEventListener("click", () => this.bringBack(row, gone));
    row.replaceWith(gone);
    gone.querySelector("[data-undo]").focus();
    announce("Deleted from the history.");
  }

  async bringBack(row, gone) {
    try {
      await askFor(`/api/prompts/history/${row.past.id}/restore`, { method: "POST" });
      gone.replaceWith(row);
      row.querySelector("[data-delete]").focus();
    } catch (error) {
      this.state.textContent = error.message;
    }
  }
}

function showPin(row) {
  const pin = row.querySelector("[data-pin]");
  pin.setAttribute("aria-pressed", String(row.past.pinned));
  pin.setAttribute("aria-label", row.past.pinned ? "Unpin" : "Pin");
  pin.title = row.past.pinned ? "Unpin" : "Pin";
  row.classList.toggle("is-pinned", row.past.pinned);
}

function ago(time) {
  const seconds = (Date.now() - Date.parse(time)) / 1000;
  const [unit, length] = UNITS.find(([, each]) => seconds >= each) ?? ["", 1];
  return unit ? AGO.format(-Math.floor(seconds / length), unit) : "just now";
}
