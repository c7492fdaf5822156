import { sumOf } from "./money.js";

const MOST_NAMED = 3;

/**
 * What a selection of pictures means among columns. columns: [{ name, each, refused, images }], each: dollars of one more as
 * text, refused: whether one more would be; ids: the selected pictures. Returns { any, images, whom, price }: whether any
 * column is meant, the pictures of those that can follow, for whom one prompt is, what it costs.
 */
export function chosen(columns, ids) {
  const wanted = new Set(ids);
  const hit = columns.map((column) => ({ ...column, images: column.images.filter((id) => wanted.has(id)) }));
  const touched = hit.filter((column) => column.images.length > 0);
  const able = touched.filter(({ refused }) => !refused);
  const part = able.length < touched.length ? `${able.length} of ${touched.length} columns` : "";
  const names = listed(able.map(({ name }) => name));
  return {
    any: touched.length > 0,
    images: able.flatMap((column) => column.images),
    whom: touched.length ? `one prompt for ${[part, names].filter(Boolean).join(": ")}` : "",
    price: sumOf(able.flatMap(({ each, images }) => images.map(() => each))),
  };
}

/** What choosing columns comes to. models: [{ id, name, price }] as chosen, gaps and repeats included. */
export function choice(models) {
  const once = new Map(models.filter(({ id }) => id).map((model) => [model.id, model]));
  const asked = [...once.values()];
  return {
    count: asked.length,
    names: asked.map(({ name }) => name).join(", "),
    price: sumOf(asked.map(({ price }) => price)),
  };
}

function listed(names) {
  if (names.length <= MOST_NAMED) return names.join(", ");
  return `${names.slice(0, MOST_NAMED - 1).join(", ")} and ${names.length - MOST_NAMED + 1} more`;
}
