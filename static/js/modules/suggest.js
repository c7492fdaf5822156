import { completion, question, step } from "../logic/suggesting.js";
import { announce } from "./announce.js";

const PAUSE_MS = 160;
const KINDS = { prompt: "history", style: "palette", wildcard: "braces" };

/**
 * What a prompt may go on to be, in a list below it. The text keeps the focus and its own keys: the list takes the
 * arrows while it is open, Enter and Tab only for an option that was walked to, Escape to close.
 */
export class Suggest {
  constructor(box) {
    this.box = box;
    this.text = box.querySelector("textarea");
    this.list = box.querySelector("[data-suggestions]");
    this.items = [];
    this.at = -1;
    this.asked = null;
    this.text.addEventListener("input", (event) => this.changed(event));
    this.text.addEventListener("keydown", (event) => this.pressed(event));
    this.text.addEventListener("blur", () => this.close());
    this.text.addEventListener("click", () => this.close());
    // The focus stays in the text: otherwise the list would be gone before the click is.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.take(Number(option.dataset.index));
    });
  }

  get open() {
    return !this.list.hidden;
  }

  changed(event) {
    clearTimeout(this.timer);
    this.request?.abort();
    this.asked = isTyped(event) && document.activeElement === this.text && !this.taking ? question(this.text.value, this.text.selectionStart) : null;
    if (!this.asked || this.text.selectionStart !== this.text.selectionEnd) this.close();
    else this.timer = setTimeout(() => this.ask(this.asked), PAUSE_MS);
  }

  async ask(asked) {
    this.request = new AbortController();
    const query = new URLSearchParams(asked.text === undefined ? { wildcard: asked.wildcard } : { text: asked.text });
    if (this.box.dataset.workspace) query.set("workspace_id", this.box.dataset.workspace);
    try {
      const answer = await fetch(`${this.box.dataset.suggestUrl}?${query}`, {
        signal: this.request.signal,
        headers: { Accept: "application/json" },
      });
      if (answer.ok && this.asked === asked) this.show((await answer.json()).items);
    } catch {
      // Overtaken by the next letter, or offline: nothing is suggested, and nothing is lost.
    }
  }

  show(items) {
    if (!items.length || document.activeElement !== this.text) {
      this.close();
      return;
    }
    this.items = items;
    this.at = -1;
    this.list.replaceChildren(...items.map((item, index) => this.option(item, index)));
    this.list.hidden = false;
    this.list.scrollTop = 0;
    this.text.setAttribute("aria-controls", this.list.id);
    this.text.removeAttribute("aria-activedescendant");
    announce(`${items.length} ${items.length === 1 ? "suggestion" : "suggestions"}. Arrow down to choose.`);
  }

  option({ kind, text, hint }, index) {
    const option = document.createElement("li");
    option.id = `${this.list.id}-${index}`;
    option.className = "suggestions__item";
    option.dataset.index = index;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    const icon = this.box.querySelector(".icon").cloneNode(true);
    const use = icon.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${KINDS[kind]}`));
    option.append(icon, words("suggestions__text", text), words("suggestions__hint", hint));
    return option;
  }

  pressed(event) {
    if (!this.open || event.isComposing) return;
    const { key } = event;
    if (key === "Escape") {
      this.close();
      event.stopPropagation();
      event.preventDefault();
    } else if (key === "ArrowDown" || (key === "ArrowUp" && this.at >= 0)) {
      this.walk(step(this.at, this.items.length, key));
      event.preventDefault();
    } else if ((key === "Enter" || key === "Tab") && this.at >= 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      this.take(this.at);
      event.preventDefault();
    } else if (key === "Enter" || key === "Tab" || key.startsWith("Arrow") || key === "Home" || key === "End") {
      this.close();
    }
  }

  walk(to) {
    this.at = to;
    for (const option of this.list.children) {
      const chosen = Number(option.dataset.index) === to;
      option.setAttribute("aria-selected", String(chosen));
      if (chosen) option.scrollIntoView({ block: "nearest" });
    }
    if (to < 0) this.text.removeAttribute("aria-activedescendant");
    else this.text.setAttribute("aria-activedescendant", `${this.list.id}-${to}`);
  }

  take(index) {
    const item = this.items[index];
    const change = completion(this.asked, this.text.selectionStart, this.text.value.length, item);
    this.close();
    if (!change) {
      this.chooseStyle(item);
      return;
    }
    this.taking = true;
    this.text.focus();
    this.text.setSelectionRange(change.from, change.to);
    // As if typed, so that the field's own undo takes it back.
    if (!document.execCommand("insertText", false, change.text)) {
      this.text.setRangeText(change.text, change.from, change.to, "end");
      this.text.dispatchEvent(new Event("input", { bubbles: true }));
    }
    this.taking = false;
  }

  chooseStyle({ id, text }) {
    const select = this.text.form?.elements.style_id;
    if (!select) return;
    const before = select.value;
    const choose = (value) => {
      select.value = value;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    };
    choose(id);
    document.dispatchEvent(
      new CustomEvent("darkroom:undoable", { detail: { text: `Style: ${text}`, icon: "palette", undo: async () => choose(before) } }),
    );
  }

  close() {
    clearTimeout(this.timer);
    this.request?.abort();
    if (!this.open) return;
    this.list.hidden = true;
    this.at = -1;
    this.text.removeAttribute("aria-controls");
    this.text.removeAttribute("aria-activedescendant");
  }
}

// Letters and their removal. What a script writes, what is pasted, dictated or undone is no beginning of something.
function isTyped({ isTrusted, inputType, data }) {
  if (!isTrusted) return false;
  if (inputType === "insertText") return data?.length === 1;
  return inputType === "insertCompositionText" || inputType === "deleteContentBackward";
}

function words(className, text) {
  const span = document.createElement("span");
  span.className = className;
  span.textContent = text;
  return span;
}
