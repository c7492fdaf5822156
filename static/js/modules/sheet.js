const KEY = "darkroom:panel";
const SMALL = "(max-width: 1023.98px)";
const SWIPE_PX = 40;
const HOLD_PX = 8;

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
        this.setOpen(!this.isOpen, { write: link === this.peek });
      });
    }
    panel.addEventListener("keydown", (event) => {
      const inDialog = event.target.closest("dialog"); // its own Escape closes it
      if (event.key === "Escape" && !inDialog && this.isOpen) this.setOpen(false);
    });
    // On the document: the batch dialog, which may answer for the form, stands outside the panel.
    document.addEventListener("darkroom:sent", () => this.setOpen(false));
    document.addEventListener("darkroom:open-panel", () => this.reveal());
    document.addEventListener("click", (event) => {
      if (!event.target.closest?.('a[href="#prompt"]')) return;
      event.preventDefault();
      this.reveal();
      panel.querySelector("#prompt").focus();
    });
    for (const part of panel.querySelectorAll("[data-sheet-handle]")) this.followSwipes(part);
    this.followKeyboard();
    this.followPrompt(panel.querySelector("#prompt"));
    this.setFolded(localStorage.getItem(KEY) === "collapsed");
  }

  get isOpen() {
    return this.panel.classList.contains("is-open");
  }

  reveal() {
    this.setFolded(false);
    if (matchMedia(SMALL).matches) this.setOpen(true);
  }

  setFolded(folded) {
    document.body.dataset.panel = folded ? "collapsed" : "open";
    this.fold.setAttribute("aria-expanded", String(!folded));
    this.fold.title = folded ? "Unfold the panel" : "Fold the panel";
    this.fold.setAttribute("aria-label", this.fold.title);
    localStorage.setItem(KEY, document.body.dataset.panel);
  }

  /** write: somebody is about to type, so the phone's keyboard may come up. */
  setOpen(open, { write = false } = {}) {
    const within = this.panel.contains(document.activeElement);
    this.panel.classList.toggle("is-open", open);
    document.body.classList.toggle("frame--sheet-open", open);
    for (const link of this.toggles) link.setAttribute("aria-expanded", String(open));
    if (open && write) this.panel.querySelector("#prompt").focus();
    else if (open && within) this.panel.querySelector(".panel__grip").focus();
    else if (within && matchMedia(SMALL).matches) this.peek.focus();
  }

  /** A finger on the sheet's upper edge, or on what shows of it while closed, draws it up and down. */
  followSwipes(part) {
    let from = null;
    part.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "touch" && matchMedia(SMALL).matches) from = event.clientY;
    });
    part.addEventListener("pointermove", (event) => {
      const moved = from === null ? 0 : event.clientY - from;
      if (Math.abs(moved) > HOLD_PX && !part.hasPointerCapture(event.pointerId)) part.setPointerCapture(event.pointerId);
      if (this.isOpen) this.panel.style.translate = `0 ${Math.max(0, moved)}px`;
    });
    const end = (event) => {
      const moved = from === null ? 0 : event.clientY - from;
      from = null;
      this.panel.style.translate = "";
      if (event.type === "pointerup" && Math.abs(moved) > SWIPE_PX) this.setOpen(moved < 0);
    };
    for (const type of ["pointerup", "pointercancel"]) part.addEventListener(type, end);
  }

  /** Where the browser lays its keyboard over the page, the sheet ends above it. */
  followKeyboard() {
    const seen = window.visualViewport;
    const show = () => {
      const covered = seen.scale > 1 ? 0 : document.documentElement.clientHeight - seen.height - seen.offsetTop;
      this.panel.style.setProperty("--keyboard", `${Math.max(0, Math.round(covered))}px`);
    };
    for (const type of ["resize", "scroll"]) seen?.addEventListener(type, show);
  }

  followPrompt(prompt) {
    const text = this.peek.querySelector("[data-peek-text]");
    const show = () => {
      text.textContent = prompt.value || "Describe a picture";
    };
    prompt.addEventListener("input", show);
    show();
  }
}
