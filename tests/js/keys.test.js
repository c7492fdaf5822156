import assert from "node:assert/strict";
import { test } from "node:test";
import { meaning } from "../../static/js/logic/keys.js";

const press = (key, more = {}) => ({ key, ctrl: false, alt: false, ...more });

test("Ctrl+Enter generates, also while typing", () => {
  assert.deepEqual(meaning(press("Enter", { ctrl: true }), { typing: true }), { act: "generate" });
});

test("letters and digits mean nothing while somebody types", () => {
  for (const key of ["/", "?", "1", "g"]) assert.equal(meaning(press(key), { typing: true }), null);
});

test("1, 2 and 4 choose the batch size, 3 does not", () => {
  assert.deepEqual(meaning(press("4")), { act: "batch", size: "4" });
  assert.equal(meaning(press("3")), null);
});

test("G then C goes to the canvas", () => {
  assert.deepEqual(meaning(press("g")), { act: "wait" });
  assert.deepEqual(meaning(press("c"), { before: "g" }), { act: "canvas" });
  assert.equal(meaning(press("c")), null);
});

test("arrows walk only from picture to picture", () => {
  assert.deepEqual(meaning(press("ArrowDown"), { onPicture: true }), { act: "walk", key: "ArrowDown" });
  assert.equal(meaning(press("ArrowDown")), null);
});

test("the browser keeps its own combinations", () => {
  assert.equal(meaning(press("g", { ctrl: true })), null);
  assert.equal(meaning(press("ArrowLeft", { alt: true }), { onPicture: true }), null);
});
