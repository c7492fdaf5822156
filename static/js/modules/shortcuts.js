import { walk } from "../logic/grid-walk.js";
import { meaning } from "../logic/keys.js";

const SEQUENCE_MS = 1200;

const tell = (type, detail) => document.dispatchEvent(new CustomEvent(type, { detail }));

const acts = {
  generate: () => document.getElementById("create-form")?.requestSubmit(),
  canvas: () => document.querySelector(".topbar__tab")?.click(),
  library: () => document.querySelector('[data-go="library"]')?.click(),
  workspaces: () => document.querySelector('[data-go="workspaces"]')?.click(),
  queue: () => document.querySelector("[data-queue-open]")?.click(),
  palette: () => tell("darkroom:open-palette"),
  keys: () => document.getElementById("keys").showModal(),
  prompt() {
    document.dispatchEvent(new CustomEvent("darkroom:open-panel"));
    document.querySelector("#prompt, [data-search]")?.focus();
  },
  batch({ size }) {
    document.querySelector(`[name=batch_size][value="${size}"]`)?.click();
  },
  walk({ key }) {
    const links = [...document.querySelectorAll("[data-grid] [data-picture-link]")];
    const boxes = links.map((link) => link.getBoundingClientRect());
    const link = links[walk(boxes, links.indexOf(document.activeElement), key)];
    link.focus();
    tell("darkroom:walked", { id: link.closest("[data-picture]").dataset.id });
  },
  undo: () => tell("darkroom:undo"),
  select: ({ how, key }) => tell("darkroom:select-key", { how, key }),
  picture: ({ name, value }) => tell("darkroom:act", { act: name, value }),
};

// What works also while a picture is open at full size, and while the page waits behind the queue.
const OVER_A_PICTURE = new Set(["picture", "undo", "keys"]);
const ANYWHERE = new Set(["canvas", "library", "workspaces", "queue", "palette", "keys"]);

/** Do what a key would. found: as `meaning` gives it. */
export function perform(found) {
  acts[found.act](found);
}

export function listenForKeys(scope) {
  scope.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-open-palette]");
    if (!button) return;
    const menu = button.closest("details");
    if (menu) menu.open = false;
    perform({ act: "palette" });
  });
  let before = null;
  let timer = 0;
  scope.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog:modal:not(#lightbox)")) return;
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
    if (document.querySelector("#lightbox:modal") && !OVER_A_PICTURE.has(found.act)) return;
    if (document.querySelector(".stage[inert]") && !ANYWHERE.has(found.act)) return;
    event.preventDefault();
    perform(found);
  });
}

const UNTYPED = new Set(["button", "checkbox", "radio", "range", "submit", "file"]);

function isTyping(element) {
  if (element.isContentEditable || element.tagName === "TEXTAREA" || element.tagName === "SELECT") return true;
  return element.tagName === "INPUT" && !UNTYPED.has(element.type);
}
