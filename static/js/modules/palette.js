import { rank } from "../logic/palette.js";
import { perform } from "./shortcuts.js";
import { toast } from "./toast.js";

// Links that lead to places, and buttons that do what their words say.
const PLACES = ".topbar__tab, .topbar .menu__item, .topbar__end > a, .tabbar__item";

// Every act and every place, found by some of its letters. The focus stays in the field; the list follows.
export class Palette {
  constructor(dialog) {
    this.dialog = dialog;
    this.input = dialog.querySelector("[data-palette-input]");
    this.list = dialog.querySelector("[data-palette-list]");
    this.none = dialog.querySelector("[data-palette-none]");
    this.pattern = dialog.querySelector("[data-palette-pattern]");
    this.input.addEventListener("input", () => this.show());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.list.addEventListener("pointermove", (event) => this.point(event.target.closest("[role=option]")));
    this.list.addEventListener("click", (event) => this.run(event.target.closest("[role=option]")));
    document.addEventListener("darkroom:open-palette", () => this.open());
  }

  open() {
    if (this.dialog.open) return;
    this.entries = [...acts(), ...this.commands(), ...places()];
    this.input.value = "";
    this.dialog.showModal();
    this.show();
  }

  /** What stands nowhere else on the page. */
  commands() {
    if (!document.querySelector("[data-queue-open]")) return [];
    const { queuePauseUrl, queueResumeUrl } = this.dialog.dataset;
    return [
      { label: "Open the queue", words: "jobs waiting running", icon: "queue", kind: "G Q", run: () => perform({ act: "queue" }) },
      { label: "Pause the queue", words: "stop hold", icon: "pause", run: () => send(queuePauseUrl, "The queue is paused", "pause") },
      { label: "Resume the queue", words: "go on continue", icon: "play", run: () => send(queueResumeUrl, "The queue goes on", "play") },
    ];
  }

  show() {
    const found = rank(this.input.value, this.entries);
    this.shown = found.map(({ entry }) => entry);
    this.list.replaceChildren(...found.map((each, index) => this.item(each, index)));
    this.none.hidden = found.length > 0;
    this.current = null;
    this.input.removeAttribute("aria-activedescendant");
    this.point(this.list.firstElementChild);
  }

  item({ entry, marks }, index) {
    const item = this.pattern.content.firstElementChild.cloneNode(true);
    item.id = `palette-${index}`;
    const use = item.querySelector("use");
    const sprite = document.querySelector("svg.icon use").getAttribute("href").replace(/#.*/, "");
    use.setAttribute("href", `${sprite}#${entry.icon ?? "chevron-right"}`);
    item.querySelector(".palette__label").append(...marked(entry.label, new Set(marks)));
    item.querySelector(".palette__kind").textContent = entry.kind ?? "";
    return item;
  }

  point(item) {
    if (!item || item === this.current) return;
    this.current?.setAttribute("aria-selected", "false");
    this.current = item;
    item.setAttribute("aria-selected", "true");
    item.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", item.id);
  }

  onKey(event) {
    if (event.isComposing) return;
    const items = [...this.list.children];
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps && items.length) {
      event.preventDefault();
      this.point(items[(items.indexOf(this.current) + steps[event.key] + items.length) % items.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.run(items.includes(this.current) ? this.current : null);
    } else if (event.ctrlKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      this.dialog.close();
    }
  }

  run(item) {
    if (!item) return;
    const entry = this.shown[[...this.list.children].indexOf(item)];
    this.dialog.close();
    entry.run();
  }
}

/** The acts in the list of keys that have something to act on here. */
function acts() {
  return [...document.querySelectorAll("#keys [data-act]")]
    .filter(({ dataset }) => !dataset.needs || document.querySelector(dataset.needs))
    .map((words) => ({
      label: words.textContent.trim(),
      kind: [...words.previousElementSibling.querySelectorAll("kbd")].map((key) => key.textContent).join(" "),
      icon: "command",
      run: () => perform({ act: words.dataset.act }),
    }));
}

function places() {
  const seen = new Set();
  return [...document.querySelectorAll(PLACES)]
    .filter((each) => !each.closest("[hidden]") && !each.matches("[data-queue-open], [data-open-palette]"))
    .map((each) => ({
      label: wordsOf(each),
      words: each.dataset.words,
      kind: each.dataset.kind ?? (each.href ? "Go to" : ""),
      icon: each.querySelector("use")?.getAttribute("href").split("#")[1],
      run: () => each.click(),
      key: each.href ?? wordsOf(each),
    }))
    .filter(({ key, label }) => label && !seen.has(key) && seen.add(key));
}

/** The words of a link or button without its key and its count. */
function wordsOf(element) {
  const copy = element.cloneNode(true);
  for (const other of copy.querySelectorAll("kbd, .count, .visually-hidden")) other.remove();
  return copy.textContent.replace(/\s+/g, " ").trim();
}

function marked(label, marks) {
  return [...label].map((letter, index) => {
    if (!marks.has(index)) return document.createTextNode(letter);
    const mark = document.createElement("mark");
    mark.textContent = letter;
    return mark;
  });
}

async function send(url, title, icon) {
  const token = document.querySelector("meta[name=csrf-token]").content;
  const headers = { "X-CSRFToken": token, Accept: "application/json" };
  const answer = await fetch(url, { method: "POST", headers }).catch(() => null);
  if (answer?.ok) toast({ title, icon });
  else toast({ title: "That did not reach Darkroom", detail: "Try again once the connection is back.", icon: "alert" });
}
