import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../../static/js/logic/thumbhash.js";

// Hashes and pixels as app/imaging/thumbhash.py gives them, for a landscape and for a portrait with alpha.
const LANDSCAPE = "2MYBFYIbgK2bVZhR3AfFiQubsLAJ";
const PORTRAIT = "5XuCAwARnahnIoAfjoaAlxuRm1VRDIU=";

function near({ rgba, width }, [y, x], expected) {
  const found = [...rgba.slice((y * width + x) * 4, (y * width + x) * 4 + 4)];
  found.forEach((value, at) => assert.ok(Math.abs(value - expected[at]) <= 1, `${found} is not ${expected}`));
}

test("the stand-in has the shape and the colours that the server sees in a hash", () => {
  const picture = decode(LANDSCAPE);
  assert.deepEqual([picture.width, picture.height], [32, 23]);
  near(picture, [0, 0], [60, 97, 132, 255]);
  near(picture, [7, 10], [88, 101, 101, 255]);
  near(picture, [22, 31], [38, 94, 158, 255]);
});

test("a hash with alpha stays see-through", () => {
  const picture = decode(PORTRAIT);
  assert.deepEqual([picture.width, picture.height], [19, 32]);
  near(picture, [0, 0], [221, 161, 66, 0]);
  near(picture, [10, 6], [221, 161, 66, 145]);
});

test("a smaller stand-in keeps the shape", () => {
  const { width, height, rgba } = decode(LANDSCAPE, 16);
  assert.deepEqual([width, height, rgba.length], [16, 11, 16 * 11 * 4]);
});

test("what is no hash, or a part of one, has no stand-in", () => {
  for (const text of ["", "?", "AAAA", LANDSCAPE.slice(0, 12)]) assert.equal(decode(text), null);
});
