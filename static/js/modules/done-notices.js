const SETTLE_MS = 400;
const TOLD = "darkroom:told";
const CHOICES = { sound: "darkroom:sound", notify: "darkroom:notify" };
const NOTES = [660, 880];

// Says that a batch is done to somebody who looks elsewhere: a short sound, a notice of the browser's. Both are off until
// switched on in the account menu, and are choices of this browser.
export class DoneNotices {
  constructor() {
    this.buttons = [...document.querySelectorAll("[data-done-notice]")];
    for (const button of this.buttons) {
      button.addEventListener("click", () => this.turn(button.dataset.doneNotice));
    }
    document.addEventListener("darkroom:finished", ({ detail }) => this.finished(detail));
    this.show();
  }

  async turn(what) {
    const on = !chosen(what);
    if (on && what === "notify" && !(await allowed())) {
      this.show("Notices are blocked in this browser's settings");
      return;
    }
    remember(CHOICES[what], on ? "on" : "off");
    if (on && what === "sound") ring();
    this.show();
  }

  show(refused = "") {
    for (const button of this.buttons) {
      const what = button.dataset.doneNotice;
      button.setAttribute("aria-checked", String(chosen(what)));
      if (what === "notify") button.title = refused;
    }
  }

  /** The page somebody looks at shows it already, and says so to the other tabs, which wait a moment for that. */
  async finished({ id, title, detail, href }) {
    if (isLookedAt()) {
      remember(TOLD, id);
      return;
    }
    await new Promise((wake) => setTimeout(wake, SETTLE_MS + Math.random() * SETTLE_MS));
    if (recall(TOLD) === id || isLookedAt()) return;
    remember(TOLD, id);
    if (chosen("sound")) ring();
    if (chosen("notify") && window.Notification?.permission === "granted") notify({ id, title, detail, href });
  }
}

const isLookedAt = () => document.visibilityState === "visible" && document.hasFocus();
const chosen = (what) => recall(CHOICES[what]) === "on";

async function allowed() {
  if (!window.Notification) return false;
  return (await window.Notification.requestPermission()) === "granted";
}

function notify({ id, title, detail, href }) {
  const icon = document.querySelector("link[rel=icon]").href;
  const notice = new window.Notification(title, { body: detail, tag: id, icon });
  notice.addEventListener("click", () => {
    window.focus();
    if (href) window.location.assign(href);
    notice.close();
  });
}

/** Two soft notes, a quarter of a second together. */
function ring() {
  const context = new AudioContext();
  NOTES.forEach((frequency, index) => {
    const from = context.currentTime + index * 0.12;
    const tone = new OscillatorNode(context, { frequency, type: "sine" });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(0.12, from + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, from + 0.3);
    tone.connect(volume).connect(context.destination);
    tone.start(from);
    tone.stop(from + 0.32);
  });
  setTimeout(() => context.close(), 1000);
}

function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage may be full or forbidden; then the choice lasts as long as the page.
  }
}
