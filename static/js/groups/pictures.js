// Pages with pictures to choose, mark and use.
import "./signed-in.js";
import { provide } from "../mount.js";
import { CanvasView } from "../modules/canvas-view.js";
import { Inspector } from "../modules/inspector.js";
import { listenForHands } from "../modules/lasso.js";
import { Library } from "../modules/library.js";
import { LibraryDrops } from "../modules/library-drops.js";
import { listenForMarks } from "../modules/marks.js";
import { furnishPictures } from "../modules/picture-tools.js";
import { listenForSelection } from "../modules/selection.js";
import { listenForUses } from "../modules/uses.js";
import { Windowing } from "../modules/windowing.js";

provide({
  "canvas-view": CanvasView,
  inspector: Inspector,
  library: Library,
  "library-drops": LibraryDrops,
  pictures: class {}, // brings what listens below, and no more
  windowing: Windowing,
});

listenForSelection(document);
listenForHands(document);
listenForMarks(document);
listenForUses(document);
furnishPictures(document);
