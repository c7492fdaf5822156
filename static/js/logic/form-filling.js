import { MOST } from "./seeds.js";

const TEXTS = ["model", "operation", "prompt", "negative_prompt", "style_id"];
// What has the size that was asked for; the others keep their source's.
const SHAPED = new Set([undefined, "txt2img", "img2img", "img2vid"]);

/**
 * What a wish { prompt?, negative_prompt?, seed?, model?, operation?, style_id?, size?, params? } asks of a form, as
 * [name, value] pairs in the order to fill them: the model first, for it says which settings there are. Only what is
 * given; null is nothing. A seed that no model of ours takes (other programs have longer ones) is left out.
 * size: { width, height }; shapes: { "1024x768": "4:3" }, the sizes that have a button of their own.
 */
export function changesFor(wish, shapes = {}) {
  const changes = [];
  for (const name of TEXTS) {
    if (typeof wish[name] === "string") changes.push([name, wish[name]]);
  }
  if (Number.isInteger(wish.seed) && wish.seed >= 0 && wish.seed <= MOST) changes.push(["seed", String(wish.seed)]);
  if (wish.size) changes.push(...sized(wish.size, shapes));
  if (wish.params?.expand) changes.push(...extended(wish.params.expand));
  for (const [name, value] of Object.entries(wish.params ?? {})) {
    if (["string", "number"].includes(typeof value)) changes.push([name, String(value)]);
    if (typeof value === "boolean") changes.push([name, value]);
  }
  return changes;
}

/** The sides of an outpaint, each in its own field. */
const extended = (sides) => [["frame", "own"], ...Object.entries(sides).map(([side, pixels]) => [`expand_${side}`, String(pixels)])];

function sized({ width, height }, shapes) {
  const shape = shapes[`${width}x${height}`];
  if (shape) return [["aspect", shape]];
  return [["aspect", "Custom"], ["width", String(width)], ["height", String(height)]];
}

/**
 * What to keep of a recipe, ours or another program's, for "prompt", "seed" or all of it. All of it is `whole`: what the
 * recipe does not name goes back to its rest. source, mask: ids of the pictures it was made from, or null.
 */
export function wishOf(recipe, what) {
  const words = { prompt: recipe.template ?? recipe.prompt ?? "", ...(recipe.enhanced_from && { enhanced_from: recipe.enhanced_from }) };
  const seed = { seed: recipe.seed };
  if (what === "prompt") return words;
  if (what === "seed") return seed;
  return {
    ...words,
    ...seed,
    whole: true,
    negative_prompt: recipe.negative_prompt ?? "",
    model: recipe.model,
    style_id: recipe.style?.style?.id ?? "",
    size: sizeOf(recipe),
    params: recipe.params,
    source: recipe.parents?.image ?? null,
    mask: recipe.parents?.mask ?? null,
    operation: recipe.parents?.image ? recipe.operation : undefined,
  };
}

function sizeOf({ operation, width_px: width, height_px: height }) {
  return SHAPED.has(operation) && width && height ? { width, height } : undefined;
}
