import assert from "node:assert/strict";
import { test } from "node:test";

import { chosen, choice } from "../../static/js/logic/columns.js";
import { sumOf } from "../../static/js/logic/money.js";

const COLUMNS = [
  { name: "Flux", each: "0.04", images: ["a", "b"] },
  { name: "Recraft", each: "0.04", images: ["c"] },
  { name: "OpenAI", each: "0.034", images: ["d"] },
  { name: "Sketch", each: "", images: ["e"] },
];

test("a selection names its columns and sums what one more of each costs", () => {
  const { images, whom, price } = chosen(COLUMNS, ["d", "a", "b", "elsewhere"]);
  assert.deepEqual(images, ["a", "b", "d"]);
  assert.equal(whom, "one prompt for Flux, OpenAI");
  assert.equal(price, "$0.11");
});

test("a column that would be refused is left out, and said to be", () => {
  const columns = COLUMNS.map((column) => ({ ...column, refused: column.name === "Recraft" }));
  const { any, images, whom, price } = chosen(columns, ["a", "c", "d"]);
  assert.deepEqual([any, images, whom, price], [true, ["a", "d"], "one prompt for 2 of 3 columns: Flux, OpenAI", "$0.07"]);
  const none = chosen(columns, ["c"]);
  assert.deepEqual([none.any, none.images, none.whom], [true, [], "one prompt for 0 of 1 columns"]);
});

test("nothing selected is for nobody", () => {
  assert.deepEqual(chosen(COLUMNS, []), { any: false, images: [], whom: "", price: "free" });
});

test("many columns are not all named", () => {
  assert.equal(chosen(COLUMNS, ["a", "c", "d", "e"]).whom, "one prompt for Flux, Recraft and 2 more");
});

test("a choice counts each model once and leaves gaps out", () => {
  const flux = { id: "flux", name: "Flux", price: "0.04" };
  const sketch = { id: "sketch", name: "Sketch", price: "" };
  assert.deepEqual(choice([flux, { id: "" }, sketch, flux]), { count: 2, names: "Flux, Sketch", price: "$0.04" });
});

test("prices add up exactly", () => {
  assert.equal(sumOf(Array(10).fill("0.001")), "$0.01");
  assert.equal(sumOf(["0.1", "0.2"]), "$0.30");
  assert.equal(sumOf([]), "free");
});
