const TOGETHER_MS = 150;
const APART_MS = 6000;
let spokenAt = -APART_MS;
let next = null;
let answers = false;
let timer = 0;

/**
 * Say something to a screen reader, politely: of what comes together only the last is said. rarely: nobody asked, it is
 * progress, which keeps its distance from what was said before and never takes the place of an answer.
 */
export function announce(text, { rarely = false } = {}) {
  if (rarely && answers) return;
  next = text;
  answers = !rarely;
  clearTimeout(timer);
  timer = setTimeout(speak, rarely ? Math.max(TOGETHER_MS, spokenAt + APART_MS - performance.now()) : TOGETHER_MS);
}

function speak() {
  spokenAt = performance.now();
  answers = false;
  document.getElementById("announcer").textContent = next;
}
