import { factors, paint } from "../logic/macro-paint.js";

const PAUSE_MS = 250;
const CLASSES = { mark: "macro__mark", wildcard: "macro", comment: "faint", open: "macro--open" };

// The prompt: macro groups painted under a see-through textarea, counted by the server while one types.
export class PromptBox {
  constructor(box) {
    this.box = box;
    this.text = box.querySelector("textarea");
    this.canvas = box.querySelector("[data-paint]");
    this.badge = box.querySelector("[data-combinations]");
    this.length = box.querySelector("[data-length-now]");
    this.error = box.querySelector("[data-error]");
    this.count = 1;
    this.asked = null;
    this.text.addEventListener("input", () => {
      this.changed();
      this.follow();
    });
    this.text.addEventListener("scroll", () => this.follow());
    this.box.classList.add("is-painted");
    this.changed();
  }

  changed() {
    this.paint();
    this.length.textContent = [...this.text.value].length;
    clearTimeout(this.timer);
    if (!this.box.dataset.expandUrl || !mayBranch(this.text.value)) {
      this.asked?.abort();
      this.show({ count: 1, error: "" });
    } else {
      // Plain groups side by side can be counted at once; the server's count follows and is the truth.
      const sizes = factors(this.text.value);
      if (sizes.length) this.show({ count: sizes.reduce((all, size) => all * size), error: "" });
      this.timer = setTimeout(() => this.ask(), PAUSE_MS);
    }
  }

  paint() {
    const parts = [];
    let group = null;
    for (const { text, kind, depth } of paint(this.text.value)) {
      const node = CLASSES[kind] ? span(CLASSES[kind], text) : document.createTextNode(text);
      if (depth && !group) {
        group = span("macro");
        parts.push(group);
      }
      if (!depth) group = null;
      if (group) group.append(node);
      else parts.push(node);
      if (group && depth === 1 && kind === "mark" && text === "}") group = null;
    }
    // A last line that is empty has no height unless something stands on it.
    parts.push(document.createTextNode("\u200b"));
    this.canvas.replaceChildren(...parts);
  }

  /** Not before somebody typed or scrolled: asked while the page starts, it would have to be laid out an extra time. */
  follow() {
    this.canvas.scrollTop = this.text.scrollTop;
  }

  async ask() {
    this.asked?.abort();
    this.asked = new AbortController();
    const prompt = this.text.value;
    try {
      const response = await fetch(this.box.dataset.expandUrl, {
        method: "POST",
        signal: this.asked.signal,
        headers: {
          "Content-Type": "application/json",
          Accept: "application/json",
          "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
        },
        body: JSON.stringify(this.question(prompt)),
      });
      const answer = await response.json();
      this.show({ count: answer.count ?? this.count, error: refusal(response, answer), label: answer.label });
    } catch (error) {
      // Being overtaken is the rule while one types. Being offline is told in the footer; the server counts again
      // when the form is sent.
      if (error.name !== "AbortError") this.show({ count: this.count, error: "" });
    }
  }

  question(prompt) {
    const question = { prompt, limit: 1 };
    if (this.box.dataset.workspace) question.workspace_id = this.box.dataset.workspace;
    return question;
  }

  show({ count, error, label = null }) {
    this.count = count;
    const sizes = factors(this.text.value);
    const product = sizes.reduce((all, size) => all * size, 1);
    const shown = Number(count).toLocaleString("en").replaceAll(",", "\u2009");
    const sum = sizes.length > 1 && product === Number(count) ? `${sizes.join(" × ")} = ` : "";
    this.badge.hidden = !(count > 1);
    this.badge.querySelector("[data-combinations-text]").textContent = label ?? sum + shown;
    this.error.hidden = !error;
    this.error.querySelector("[data-error-text]").textContent = error;
    this.text.toggleAttribute("aria-invalid", false);
    if (error) this.text.setAttribute("aria-invalid", "true");
    this.box.dispatchEvent(new CustomEvent("darkroom:count", { bubbles: true, detail: { count, error } }));
  }
}

const mayBranch = (text) => /[{}]|__|\$|^---/m.test(text);

function refusal(response, answer) {
  const [first] = answer.errors ?? [];
  if (first) return first.message ?? first.sentence ?? String(first);
  // Only what was refused about the prompt belongs under it.
  return response.status !== 422 ? "" : (answer.error?.fields?.prompt ?? answer.error?.message ?? "");
}

function span(className, text = "") {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}
