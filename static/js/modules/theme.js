// Light and dark at once; the form itself is sent by htmx and remembered by the server.
export class Theme {
  constructor(form) {
    this.form = form;
    form.addEventListener("submit", () => this.turn());
  }

  turn() {
    const chosen = this.form.elements.theme.value;
    const other = chosen === "dark" ? "light" : "dark";
    document.documentElement.dataset.bsTheme = chosen;
    // htmx reads the form while this event is still under way.
    setTimeout(() => this.offer(other));
  }

  offer(theme) {
    this.form.elements.theme.value = theme;
    this.form.querySelector("[data-theme-text]").textContent = theme === "light" ? "Light theme" : "Dark theme";
    const use = this.form.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, theme === "light" ? "#sun" : "#moon"));
  }
}
