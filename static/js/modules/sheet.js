const KEY = "darkroom:panel";
const SWIPE_PX = 40;

// The control panel: foldable at left on a desktop, a bottom sheet on a phone.
export class Sheet {
  constructor(panel) {
    this.panel = panel;
    this.fold = panel.querySelector("[data-panel-toggle]");
    this.peek = panel.querySelector("[data-peek]");
    this.toggles = panel.querySelectorAll("[data-sheet-toggle]");
    this.fold.addEventListener("click", () => this.setFolded(document.body.dataset.panel !== "collapsed"));
    for (const link of this.toggles) {
      link.setAttribute("role", "button");
      link.setAttribute("aria-expanded", "false");
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.setOpen(!panel.classList.contains("is-open"));
      });
    }
    panel.addEventListener("keydown", (event) => {
      const inDialog = event.target.closest("dialog"); // its own Escape closes it
      if (event.key === "Escape" && !inDialog && panel.classList.contains("is-open")) this.setOpen(false);
    });
    // On the document: the batch dialog, which may answer for the form, stands outside the panel.
    document.addEventListener("darkroom:sent", () => this.setOpen(false));
    document.addEventListener("darkroom:open-panel", () => this.reveal());
    this.followSwipes(panel.querySelector(".panel__grip"));
    this.followPrompt(panel.querySelector("#prompt"));
    this.setFolded(localStorage.getItem(KEY) === "collapsed");
  }

  reveal() {
    this.setFolded(false);
    if (matchMedia("(max-width: 1023.98px)").matches) this.setOpen(true);
  }

  setFolded(folded) {
    document.body.dataset.panel = folded ? "collapsed" : "open";
    this.fold.setAttribute("aria-expanded", String(!folded));
    this.fold.title = folded ? "Unfold the panel" : "Fold the panel";
    this.fold.setAttribute("aria-label", this.fold.title);
    localStorage.setItem(KEY, document.body.dataset.panel);
  }

  setOpen(open) {
    this.panel.classList.toggle("is-open", open);
    document.body.classList.toggle("frame--sheet-open", open);
    for (const link of this.toggles) link.setAttribute("aria-expanded", String(open));
    if (open) this.panel.querySelector("#prompt").focus();
  }

  followSwipes(grip) {
    let from = null;
    grip.addEventListener("pointerdown", (event) => {
      from = event.clientY;
      grip.setPointerCapture(event.pointerId);
    });
    grip.addEventListener("pointerup", (event) => {
      const moved = event.clientY - from;
      if (Math.abs(moved) > SWIPE_PX) this.setOpen(moved < 0);
    });
  }

  followPrompt(prompt) {
    const show = () => {
      this.peek.textContent = prompt.value || "Describe a picture";
    };
    prompt.addEventListener("input", show);
    show();
  }
}
