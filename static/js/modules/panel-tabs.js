/**
 * The control panel's two parts, Create and Chat: links to pages without a script, here shown in turn. Which one it is
 * stands in the address (`?panel=chat`). The conversation is fetched when it is first looked at.
 */
export class PanelTabs {
  constructor(panel) {
    this.panel = panel;
    this.tabs = [...panel.querySelectorAll("[data-panel-tab]")];
    this.chat = panel.querySelector("[data-panel-chat]");
    for (const tab of this.tabs) {
      tab.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.show(tab.dataset.panelTab);
        if (tab.dataset.panelTab === "chat") this.write();
      });
    }
    // Whoever asks for the form means Create: "use" of a picture, the key for the prompt, the line of a closed sheet.
    document.addEventListener("darkroom:open-panel", () => this.show("create"));
    panel.querySelector("[data-peek]")?.addEventListener("click", () => this.show("create"));
  }

  /** Ready to type; on a phone its keyboard would cover what there is to read. */
  write() {
    if (matchMedia("(pointer: coarse)").matches) return;
    const focus = () => this.panel.querySelector("#chat-text")?.focus({ preventScroll: true });
    if (this.chat.children.length) focus();
    else this.chat.addEventListener("htmx:load", focus, { once: true });
  }

  show(name) {
    if (this.panel.dataset.tab === name) return;
    this.panel.dataset.tab = name;
    for (const tab of this.tabs) {
      if (tab.dataset.panelTab === name) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    }
    const address = new URL(window.location.href);
    if (name === "chat") address.searchParams.set("panel", "chat");
    else address.searchParams.delete("panel");
    window.history.replaceState(window.history.state, "", address);
    if (name === "chat") this.chat.dispatchEvent(new CustomEvent("darkroom:refresh"));
  }
}
