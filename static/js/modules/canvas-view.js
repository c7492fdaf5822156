const KEY = "darkroom:canvas-view";

// Justified rows or squares, and how large: a choice of this browser, not of the workspace.
export class CanvasView {
  constructor(canvas) {
    this.canvas = canvas;
    this.size = canvas.querySelector("[data-view-size]");
    this.choices = [...canvas.querySelectorAll("[data-view-choice]")];
    for (const button of this.choices) {
      button.addEventListener("click", () => this.set({ view: button.dataset.viewChoice }));
    }
    this.size.addEventListener("input", () => this.set({ size: Number(this.size.value) }));
    this.state = { view: "rows", size: null, ...remembered() };
    this.show();
  }

  set(change) {
    this.state = { ...this.state, ...change };
    this.show();
    try {
      localStorage.setItem(KEY, JSON.stringify(this.state));
    } catch {
      // Storage may be full or forbidden; the view still changes for now.
    }
  }

  show() {
    this.canvas.dataset.view = this.state.view;
    if (this.state.size) {
      this.canvas.style.setProperty("--canvas-row", `${this.state.size}px`);
      this.size.value = this.state.size;
    }
    for (const button of this.choices) {
      button.setAttribute("aria-pressed", String(button.dataset.viewChoice === this.state.view));
    }
    document.dispatchEvent(new CustomEvent("darkroom:view"));
  }
}

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}
