/** A native dialog: modal, closed by a click on what lies behind it; the browser gives the focus back. */
export class Dialog {
  constructor(dialog) {
    this.dialog = dialog;
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog && !inside(dialog, event)) dialog.close();
    });
    for (const link of dialog.querySelectorAll("[data-close]")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        dialog.close();
      });
    }
  }

  /** One that the server rendered open stands in the page; lift it above. */
  lift() {
    if (this.dialog.matches(":modal")) return;
    this.dialog.removeAttribute("open");
    this.dialog.showModal();
  }
}

function inside(dialog, { clientX, clientY }) {
  const box = dialog.getBoundingClientRect();
  return clientX >= box.left && clientX <= box.right && clientY >= box.top && clientY <= box.bottom;
}

export function openFromButtons(scope) {
  scope.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-open-dialog]");
    if (!button) return;
    const menu = button.closest("details");
    if (menu) menu.open = false;
    document.getElementById(button.dataset.openDialog).showModal();
  });
}
