import { sumOf } from "./money.js";

const MOST_NAMED = 3;

/**
 * What a selection of pictures means among columns. columns: [{ name, each, images }], each: dollars of one more as text;
 * ids: the selected pictures. Returns { images, whom, price }: those of the columns, for whom one prompt is, what it costs.
 */
export function chosen(columns, ids) {
  const wanted = new Set(ids);
  const hit = columns.map((column) => ({ ...column, images: column.images.filter((id) => wanted.has(id)) }));
  const touched = hit.filter((column) => column.images.length > 0);
  return {
    images: touched.flatMap((column) => column.images),
    whom: touched.length ? `one prompt for ${listed(touched.map(({ name }) => name))}` : "",
    price: sumOf(touched.flatMap(({ each, images }) => images.map(() => each))),
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
