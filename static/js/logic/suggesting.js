const LEAST = 2;
const MOST = 200;
const OPEN_WILDCARD = /(?<![A-Za-z0-9_])__([A-Za-z0-9*][A-Za-z0-9/*.-]*(?:_[A-Za-z0-9/*.-]+)*_?)?$/;

/**
 * What to ask for, with the caret standing there: { wildcard, from } after `__`, { text } at the end of a prompt of two
 * characters and more, or null. from: where the wildcard begins.
 */
export function question(text, caret) {
  const before = text.slice(0, caret);
  const wildcard = OPEN_WILDCARD.exec(before);
  if (wildcard && !closes(before, wildcard.index)) return { wildcard: wildcard[1] ?? "", from: wildcard.index };
  const typed = before.trim();
  // A prompt is suggested as a whole: only where it goes on, and not among the options of a group.
  if (text.slice(caret).trim() || typed.length < LEAST || typed.length > MOST) return null;
  if (before.lastIndexOf("{") > before.lastIndexOf("}")) return null;
  return { text: typed };
}

/** What the text becomes: { from, to, text }, the stretch to replace and by what. null: the text stays. */
export function completion(asked, caret, length, { kind, text }) {
  if (kind === "style") return null;
  if (kind === "wildcard") return { from: asked.from, to: caret, text };
  return { from: 0, to: length, text };
}

/** The next option by arrow keys; -1 is none, where the way up ends. */
export function step(at, count, key) {
  if (key === "ArrowDown") return Math.min(at + 1, count - 1);
  return Math.max(at - 1, -1);
}

// "__a__ and __b": the second pair opens only if those before it are closed.
function closes(before, index) {
  return (before.slice(0, index).match(/__/g)?.length ?? 0) % 2 === 1;
}
