/** The item at `from` moved to `to`, both kept inside the list. */
export function moved(items, from, to) {
  const rest = items.filter((_, at) => at !== from);
  rest.splice(Math.max(0, Math.min(to, rest.length)), 0, items[from]);
  return rest;
}

/** Which item an operation starts from: the first that is stored and is no film. */
export const sourceOf = (items) => items.find(({ state, kind }) => state === "ready" && kind === "image") ?? null;

/** "none", "fox.png", "fox.png and 2 more": what was brought along, in a few words. */
export function summary(items) {
  const there = items.filter(({ state }) => state !== "failed");
  if (!there.length) return "none";
  const first = sourceOf(items) ?? there[0];
  return there.length === 1 ? first.name : `${first.name} and ${there.length - 1} more`;
}

/** Whether a swipe sideways is far enough, or fast enough, to remove what it moves; up and down is scrolling. */
export function swiped(dx, dy, ms, width) {
  if (Math.abs(dy) > Math.abs(dx) || dx > 0) return false;
  return -dx > width / 3 || (-dx > 40 && -dx / Math.max(ms, 1) > 0.5);
}

/** An address somebody dropped or pasted: { id } for a picture of ours, { url } for another, or null. */
export function addressOf(text, origin) {
  const line = text.trim().split(/\r?\n/).find((each) => each && !each.startsWith("#")) ?? "";
  if (!/^https?:\/\/\S+$/i.test(line) || line.length > 2048) return null;
  const url = new URL(line);
  if (url.origin !== origin) return { url: line };
  const id = /^\/(?:api\/)?images\/([0-9a-f-]{36})(?:\/|$)/.exec(url.pathname)?.[1];
  return id ? { id } : null;
}

/** What a recipe says, in one line: whose it is and how it begins. */
export function toldOf(recipe) {
  const words = (recipe.template ?? recipe.prompt ?? "").replace(/\s+/g, " ").trim();
  return `Recipe read from ${recipe.tool ?? "Darkroom"}${words ? `: ${words}` : ""}`;
}
