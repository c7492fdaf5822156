import { Dialog } from "./dialog.js";

/** "Generate batch of 6 images?": comes open from the server, goes when it is answered. */
export class BatchDialog extends Dialog {
  constructor(dialog) {
    super(dialog);
    const askedFrom = document.getElementById("prompt");
    this.lift();
    dialog.addEventListener("close", () => {
      dialog.remove();
      askedFrom?.focus();
    });
    // A number typed for "random" means that random is wanted.
    dialog.querySelector("[name=pick_count]")?.addEventListener("input", () => {
      dialog.querySelector("#pick-random").checked = true;
    });
    dialog.querySelector("form[hx-post]").addEventListener("darkroom:sent", () => dialog.close());
  }
}
