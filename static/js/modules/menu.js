// A <details> that also closes by Escape and by a click elsewhere, and is walked by arrow keys.
export class Menu {
  constructor(details) {
    this.details = details;
    this.summary = details.querySelector("summary");
    details.addEventListener("keydown", (event) => this.onKey(event));
    details.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !details.contains(event.relatedTarget)) details.open = false;
    });
    document.addEventListener("click", (event) => {
      if (!details.contains(event.target)) details.open = false;
    });
  }

  onKey(event) {
    if (event.key === "Escape" && this.details.open) {
      this.details.open = false;
      this.summary.focus();
      event.stopPropagation();
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.details.open = true;
      const items = [...this.details.querySelectorAll(".menu__item")];
      const at = items.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      items[(at + items.length) % items.length]?.focus();
    }
  }
}
