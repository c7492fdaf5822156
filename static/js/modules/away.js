import { awaySince } from "../logic/away.js";

const KEY = "darkroom:seen";
const SINCE = "darkroom:away-since";
const TICK_MS = 30_000;

// Remembers when the person last looked, and after a longer absence asks the queue to tell what ended meanwhile.
export class Away {
  constructor(input) {
    this.input = input;
    this.input.value = recalled();
    this.look();
    document.addEventListener("visibilitychange", () => this.look());
    window.addEventListener("pagehide", () => this.look());
    setInterval(() => this.look(), TICK_MS);
    // The page of the queue was made before anybody could say since when.
    if (this.input.value) document.querySelector(".queue-page #queue")?.dispatchEvent(new CustomEvent("darkroom:refresh"));
    // Read once, it is old news from the next page on.
    document.addEventListener("darkroom:queue-read", () => this.input.value && sessionStorage.removeItem(SINCE));
  }

  look() {
    try {
      const since = awaySince(Number(localStorage.getItem(KEY)) || null, Date.now());
      if (since && !document.hidden) {
        this.input.value = new Date(since).toISOString();
        sessionStorage.setItem(SINCE, this.input.value);
      }
      // Leaving is the last moment of looking; while hidden nobody looks.
      if (!document.hidden || !this.hidden) localStorage.setItem(KEY, String(Date.now()));
    } catch {
      // Without storage nobody knows when they looked last, and nothing is told.
    }
    this.hidden = document.hidden;
  }
}

function recalled() {
  try {
    return sessionStorage.getItem(SINCE) ?? "";
  } catch {
    return "";
  }
}
