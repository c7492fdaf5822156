/**
 * A text that is being written, grown by `delta`, whose first character has the place `at`. Null when something between
 * was missed; whatever stood there from `at` on is replaced, for a writer may begin anew.
 */
export function grown(text, at, delta) {
  return at > text.length ? null : text.slice(0, at) + delta;
}

/** The same without the marks of fences, which become cards once it is whole. */
export const asShown = (text) => text.replace(/^ {0,3}(?:```|~~~)[^\n]*(?:\n|$)/gm, "").replace(/\*\*([^*\n]+)\*\*/g, "$1");

/** What is read out of a finished answer: its beginning, up to a word's end. */
export function toHear(text, most = 240) {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= most) return line;
  return `${line.slice(0, line.lastIndexOf(" ", most) + 1 || most).trim()} …`;
}
