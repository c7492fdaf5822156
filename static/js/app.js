// Binds modules to the markup that names them in data-module; also to what htmx brings in later.
import { mount } from "./mount.js";
import { BatchDialog } from "./modules/batch-dialog.js";
import { BatchNotice } from "./modules/batch-notice.js";
import { CanvasView } from "./modules/canvas-view.js";
import { Compare } from "./modules/compare.js";
import { Dialog, openFromButtons } from "./modules/dialog.js";
import { Inputs } from "./modules/inputs.js";
import { listenForHands } from "./modules/lasso.js";
import { Lightbox } from "./modules/lightbox.js";
import { Live } from "./modules/live.js";
import { listenForMarks } from "./modules/marks.js";
import { Menu } from "./modules/menu.js";
import { ModelRow } from "./modules/model-row.js";
import { PicturePage } from "./modules/picture-view.js";
import { hideBrokenPreviews } from "./modules/previews.js";
import { PromptBox } from "./modules/prompt-box.js";
import { QueuePanel } from "./modules/queue-panel.js";
import { Queue } from "./modules/queue.js";
import { Seed } from "./modules/seed.js";
import { Segments } from "./modules/segments.js";
import { listenForSelection } from "./modules/selection.js";
import { Sheet } from "./modules/sheet.js";
import { listenForKeys } from "./modules/shortcuts.js";
import { Status } from "./modules/status.js";
import { Submit } from "./modules/submit.js";
import { Theme } from "./modules/theme.js";
import { Tray } from "./modules/tray.js";
import { listenForUndo } from "./modules/undo.js";

const modules = {
  "batch-dialog": BatchDialog,
  "batch-notice": BatchNotice,
  "canvas-view": CanvasView,
  compare: Compare,
  dialog: Dialog,
  inputs: Inputs,
  lightbox: Lightbox,
  live: Live,
  menu: Menu,
  "model-row": ModelRow,
  "picture-page": PicturePage,
  "prompt-box": PromptBox,
  queue: Queue,
  "queue-panel": QueuePanel,
  seed: Seed,
  segments: Segments,
  sheet: Sheet,
  status: Status,
  submit: Submit,
  theme: Theme,
  tray: Tray,
};

document.addEventListener("htmx:load", (event) => mount(event.detail.elt, modules));
openFromButtons(document);
hideBrokenPreviews(document);
listenForKeys(document);
listenForUndo(document);
listenForSelection(document);
listenForHands(document);
listenForMarks(document);
mount(document.documentElement, modules);
