// The queue over the page it was called from. Top bar and footer stay lit and in use; only the page between waits.
export class QueuePanel {
  constructor(panel) {
    this.panel = panel;
    this.opener = document.querySelector("[data-queue-open]");
    this.behind = document.querySelector(".stage");
    this.opener.setAttribute("aria-haspopup", "dialog");
    this.opener.setAttribute("aria-expanded", "false");
    this.opener.addEventListener("click", (event) => {
      // With a modifier the link means what links mean: another tab.
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (panel.hidden) this.open();
      else this.close();
    });
    panel.addEventListener("click", (event) => {
      if (event.target === panel || event.target.closest("[data-queue-close]")) this.close();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || panel.hidden || event.defaultPrevented || document.querySelector("dialog:modal")) return;
      event.preventDefault();
      this.close();
    });
    document.addEventListener("htmx:afterSettle", () => this.arrive());
  }

  open() {
    this.before = document.activeElement;
    this.panel.hidden = false;
    this.behind.inert = true;
    this.opener.setAttribute("aria-expanded", "true");
    this.old = this.panel.querySelector("#queue");
    this.old.dispatchEvent(new CustomEvent("darkroom:refresh"));
  }

  /** Once the fresh list is there, the focus goes into it. */
  arrive() {
    if (this.panel.hidden || !this.old || this.panel.querySelector("#queue") === this.old) return;
    this.old = null;
    if (this.panel.contains(document.activeElement)) return;
    (this.panel.querySelector("[data-queue-waiting], [data-queue-job]") ?? this.panel.querySelector("[data-queue-close]"))?.focus();
  }

  close() {
    this.panel.hidden = true;
    this.behind.inert = false;
    this.opener.setAttribute("aria-expanded", "false");
    (this.before?.isConnected && this.before !== document.body ? this.before : this.opener).focus();
  }
}
