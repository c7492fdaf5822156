// Binds modules to the markup that names them in data-module; also to what htmx brings in later.
import { mount } from "./mount.js";
import { Away } from "./modules/away.js";
import { BatchDialog } from "./modules/batch-dialog.js";
import { BatchNotice } from "./modules/batch-notice.js";
import { CanvasView } from "./modules/canvas-view.js";
import { Chat } from "./modules/chat.js";
import { ColumnChoice } from "./modules/column-choice.js";
import { Columns } from "./modules/columns.js";
import { Compare } from "./modules/compare.js";
import { Cropper } from "./modules/cropper.js";
import { Dialog, openFromButtons } from "./modules/dialog.js";
import { DoneNotices } from "./modules/done-notices.js";
import { Draft } from "./modules/draft.js";
import { Enhance } from "./modules/enhance.js";
import { Framing } from "./modules/framing.js";
import { GroupWindowing } from "./modules/group-windowing.js";
import { Inputs } from "./modules/inputs.js";
import { Library } from "./modules/library.js";
import { LibraryDrops } from "./modules/library-drops.js";
import { LibraryPicker } from "./modules/library-picker.js";
import { Inspector } from "./modules/inspector.js";
import { listenForHands } from "./modules/lasso.js";
import { Lightbox } from "./modules/lightbox.js";
import { Live } from "./modules/live.js";
import { listenForMarks } from "./modules/marks.js";
import { MaskPainter } from "./modules/mask-painter.js";
import { Menu } from "./modules/menu.js";
import { ModelPicker } from "./modules/model-picker.js";
import { ModelRow } from "./modules/model-row.js";
import { ModelSettings } from "./modules/model-settings.js";
import { furnishPictures } from "./modules/picture-tools.js";
import { PanelTabs } from "./modules/panel-tabs.js";
import { PicturePage } from "./modules/picture-view.js";
import { Palette } from "./modules/palette.js";
import { hideBrokenPreviews } from "./modules/previews.js";
import { PromptBox } from "./modules/prompt-box.js";
import { PromptHistory } from "./modules/prompt-history.js";
import { QueuePanel } from "./modules/queue-panel.js";
import { listenForQueueUndo } from "./modules/queue-undo.js";
import { Queue } from "./modules/queue.js";
import { Rail } from "./modules/rail.js";
import { Seed } from "./modules/seed.js";
import { Segments } from "./modules/segments.js";
import { listenForSelection } from "./modules/selection.js";
import { Sheet } from "./modules/sheet.js";
import { listenForKeys } from "./modules/shortcuts.js";
import { Status } from "./modules/status.js";
import { Submit } from "./modules/submit.js";
import { Suggest } from "./modules/suggest.js";
import { Theme } from "./modules/theme.js";
import { tellTimeZone } from "./modules/time-zone.js";
import { Tour } from "./modules/tour.js";
import { Tray } from "./modules/tray.js";
import { listenForUndo } from "./modules/undo.js";
import { listenForUse } from "./modules/use.js";
import { listenForUses } from "./modules/uses.js";
import { Windowing } from "./modules/windowing.js";

const modules = {
  away: Away,
  "batch-dialog": BatchDialog,
  "batch-notice": BatchNotice,
  "canvas-view": CanvasView,
  chat: Chat,
  "column-choice": ColumnChoice,
  columns: Columns,
  compare: Compare,
  cropper: Cropper,
  dialog: Dialog,
  "done-notices": DoneNotices,
  draft: Draft,
  enhance: Enhance,
  framing: Framing,
  "group-windowing": GroupWindowing,
  inputs: Inputs,
  inspector: Inspector,
  "library-picker": LibraryPicker,
  library: Library,
  "library-drops": LibraryDrops,
  lightbox: Lightbox,
  live: Live,
  "mask-painter": MaskPainter,
  menu: Menu,
  "model-picker": ModelPicker,
  "model-row": ModelRow,
  "model-settings": ModelSettings,
  "panel-tabs": PanelTabs,
  "picture-page": PicturePage,
  palette: Palette,
  "prompt-box": PromptBox,
  "prompt-history": PromptHistory,
  queue: Queue,
  "queue-panel": QueuePanel,
  rail: Rail,
  seed: Seed,
  segments: Segments,
  sheet: Sheet,
  status: Status,
  submit: Submit,
  suggest: Suggest,
  theme: Theme,
  tour: Tour,
  tray: Tray,
  windowing: Windowing,
};

document.addEventListener("htmx:load", (event) => mount(event.detail.elt, modules));
openFromButtons(document);
hideBrokenPreviews(document);
tellTimeZone();
listenForKeys(document);
listenForUndo(document);
listenForQueueUndo(document);
listenForUse(document);
listenForSelection(document);
listenForHands(document);
listenForMarks(document);
listenForUses(document);
furnishPictures(document);
mount(document.documentElement, modules);
