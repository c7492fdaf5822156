import { walk } from "../logic/grid-walk.js";
import { meaning } from "../logic/keys.js";

const SEQUENCE_MS = 1200;

const tell = (type, detail) => document.dispatchEvent(new CustomEvent(type, { detail }));

const acts = {
  generate: () => document.getElementById("create-form")?.requestSubmit(),
  canvas: () => document.querySelector(".topbar__tab")?.click(),
  keys: () => document.getElementById("keys").showModal(),
  prompt() {
    document.dispatchEvent(new CustomEvent("darkroom:open-panel"));
    document.getElementById("prompt")?.focus();
  },
  batch({ size }) {
    document.querySelector(`[name=batch_size][value="${size}"]`)?.click();
  },
  walk({ key }) {
    const links = [...document.querySelectorAll("[data-grid] [data-picture-link]")];
    const boxes = links.map((link) => link.getBoundingClientRect());
    links[walk(boxes, links.indexOf(document.activeElement), key)].focus();
  },
  undo: () => tell("darkroom:undo"),
  select: ({ how, key }) => tell("darkroom:select-key", { how, key }),
  picture: ({ name, value }) => tell("darkroom:act", { act: name, value }),
};

export function listenForKeys(scope) {
  let before = null;
  let timer = 0;
  scope.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog:modal")) return;
    const here = document.activeElement;
    const press = { key: event.key.length === 1 ? event.key.toLowerCase() : event.key, ctrl: event.ctrlKey || event.metaKey, alt: event.altKey, shift: event.shiftKey, code: event.code };
    const found = meaning(press, { typing: isTyping(here), before, onPicture: here.matches("[data-grid] [data-picture-link]"), onGrid: document.querySelector("[data-grid]") !== null, selecting: document.body.hasAttribute("data-selecting") });
    before = null;
    clearTimeout(timer);
    if (!found) return;
    if (found.act === "wait") {
      before = press.key;
      timer = setTimeout(() => (before = null), SEQUENCE_MS);
      return;
    }
    event.preventDefault();
    acts[found.act](found);
  });
}

const UNTYPED = new Set(["button", "checkbox", "radio", "range", "submit", "file"]);

function isTyping(element) {
  if (element.isContentEditable || element.tagName === "TEXTAREA" || element.tagName === "SELECT") return true;
  return element.tagName === "INPUT" && !UNTYPED.has(element.type);
}
