const APART_MS = 6000;
let spokenAt = -APART_MS;
let next = null;
let timer = 0;

/** Say something to a screen reader, politely and rarely: of what comes too fast, only the last is said. */
export function announce(text) {
  next = text;
  clearTimeout(timer);
  timer = setTimeout(speak, Math.max(0, spokenAt + APART_MS - performance.now()));
}

function speak() {
  spokenAt = performance.now();
  document.getElementById("announcer").textContent = next;
}
