// Binds modules to the markup that names them in data-module; also to what htmx brings in later. A module comes with its
// group, and a group only to a page that names one of its modules. A group is served with all it imports
// (app/web/joined_scripts.py).
import { waitForCalls } from "./called.js";
import { Dialog, openFromButtons } from "./modules/dialog.js";
import { Menu } from "./modules/menu.js";
import { Segments } from "./modules/segments.js";
import { listenForKeys } from "./modules/shortcuts.js";
import { listenForUndo } from "./modules/undo.js";
import { mount, provide } from "./mount.js";

const groups = [
  [() => import("./groups/signed-in.js"), "away batch-notice done-notices live local-time queue queue-panel status theme"],
  [() => import("./groups/pictures.js"), "canvas-view inspector library library-drops pictures windowing"],
  [() => import("./groups/canvas.js"), "batch-dialog draft inputs model-row model-settings prompt-box rail seed sheet submit suggest tray"],
  [() => import("./groups/looking.js"), "compare lightbox picture-page"],
  [() => import("./groups/called.js"), "library-picker palette prompt-history tour"],
];
const homes = Object.fromEntries(groups.flatMap(([home, names]) => names.split(" ").map((name) => [name, home])));

provide({ dialog: Dialog, menu: Menu, segments: Segments });

// The dress of what is called over the page is fetched beside the page and holds up nothing.
for (const sheet of document.querySelectorAll("link[data-overlays]")) sheet.media = "all";
openFromButtons(document);
listenForKeys(document);
listenForUndo(document);
waitForCalls(document, { fetch: (name) => homes[name]().catch(() => null), bind: (element) => mount(element, homes) });
document.addEventListener("htmx:load", (event) => mount(event.detail.elt, homes));
// Not before: the groups that the page's head tells of run after this.
document.addEventListener("DOMContentLoaded", () => mount(document.documentElement, homes));
