import { MOST } from "./seeds.js";

const TEXTS = ["model", "prompt", "negative_prompt", "style_id"];

/**
 * What a wish { prompt?, negative_prompt?, seed?, model?, style_id?, params? } asks of a form, as [name, value] pairs in
 * the order to fill them: the model first, for it says which settings there are. Only what is given; null is nothing.
 * A seed that no model of ours takes (other programs have longer ones) is left out.
 */
export function changesFor(wish) {
  const changes = [];
  for (const name of TEXTS) {
    if (typeof wish[name] === "string") changes.push([name, wish[name]]);
  }
  if (Number.isInteger(wish.seed) && wish.seed >= 0 && wish.seed <= MOST) changes.push(["seed", String(wish.seed)]);
  for (const [name, value] of Object.entries(wish.params ?? {})) {
    if (["string", "number"].includes(typeof value)) changes.push([name, String(value)]);
    if (typeof value === "boolean") changes.push([name, value]);
  }
  return changes;
}

/** What to keep of a recipe, ours or another program's, for "prompt", "seed" or "all". */
export function wishOf(recipe, what) {
  const words = { prompt: recipe.template ?? recipe.prompt ?? "" };
  const seed = { seed: recipe.seed };
  if (what === "prompt") return words;
  if (what === "seed") return seed;
  return {
    ...words,
    ...seed,
    negative_prompt: recipe.negative_prompt ?? "",
    model: recipe.model,
    style_id: recipe.style?.style?.id,
    params: recipe.params,
  };
}
