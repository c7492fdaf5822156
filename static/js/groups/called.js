// What is called over a page, from its second moment on.
import "./signed-in.js";
import { provide } from "../mount.js";
import { LibraryPicker } from "../modules/library-picker.js";
import { Palette } from "../modules/palette.js";
import { PromptHistory } from "../modules/prompt-history.js";
import { Tour } from "../modules/tour.js";

provide({
  "library-picker": LibraryPicker,
  palette: Palette,
  "prompt-history": PromptHistory,
  tour: Tour,
});
