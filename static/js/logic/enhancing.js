// Of the words of an enhanced prompt so many may go before it counts as another prompt.
const LEAST_KEPT = 0.4;
const MOST_STYLES = 5;

/** Whether a prompt that was edited is still the enhanced one: most of what it said still stands there. */
export function stillEnhanced(enhanced, now) {
  const before = wordsOf(enhanced);
  if (!before.length) return false;
  const left = new Set(wordsOf(now));
  return before.filter((word) => left.has(word)).length / before.length >= LEAST_KEPT;
}

/** "photorealistic, fashion" as a list of hints. */
export const stylesOf = (text) =>
  text
    .split(",")
    .map((style) => style.trim())
    .filter(Boolean)
    .slice(0, MOST_STYLES);

/**
 * The answer once nothing of it is open: `rest` until somebody told of it or a while has passed, then `ask` for it again.
 * Throws with the sentence it failed with.
 */
export async function written(answer, { rest, ask }) {
  let found = answer;
  while (found.state === "waiting" || found.state === "writing") {
    await rest(found.id);
    found = await ask(found.id);
  }
  if (found.state === "failed") throw new Error(found.error);
  return found;
}

/** How to tell of an answer of POST /api/prompts/enhance: { title, writer, cost }. */
export function told({ items, writers, cost_text: cost }) {
  const count = items[0].prompts.length;
  const title = count === 1 ? "1 variation" : `${count} variations`;
  const names = writers.filter(({ is_rules: rules }) => !rules).map(({ name }) => name);
  const byRules = writers.some(({ is_rules: rules }) => rules);
  const again = items.every(({ cached }) => cached) ? " Written before." : "";
  if (byRules) return { title, cost, writer: "By built-in rules: no language model is set up here, or none answered." };
  return { title, cost: again ? "free" : cost, writer: `By ${names.join(", ")}.${again}` };
}

const wordsOf = (text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
