// Pictures at full size: one, or several beside each other.
import "./pictures.js";
import { provide } from "../mount.js";
import { Compare } from "../modules/compare.js";
import { Lightbox } from "../modules/lightbox.js";
import { PicturePage } from "../modules/picture-view.js";

provide({
  compare: Compare,
  lightbox: Lightbox,
  "picture-page": PicturePage,
});
