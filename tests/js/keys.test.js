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
  assert.deepEqual(meaning(press("w"), { before: "g" }), { act: "workspaces" });
  assert.notEqual(meaning(press("c"))?.act, "canvas");
});

test("arrows walk only from picture to picture", () => {
  assert.deepEqual(meaning(press("ArrowDown"), { onPicture: true }), { act: "walk", key: "ArrowDown" });
  assert.equal(meaning(press("ArrowDown")), null);
});

test("Space, Shift with an arrow, Ctrl+A and Escape select; a space elsewhere scrolls", () => {
  assert.deepEqual(meaning(press(" "), { onPicture: true }), { act: "select", how: "toggle" });
  assert.deepEqual(meaning(press("ArrowUp", { shift: true }), { onPicture: true }), { act: "select", how: "extend", key: "ArrowUp" });
  assert.deepEqual(meaning(press("a", { ctrl: true }), { onGrid: true }), { act: "select", how: "all" });
  assert.deepEqual(meaning(press("Escape"), { selecting: true }), { act: "select", how: "none" });
  assert.equal(meaning(press(" ")), null);
  assert.equal(meaning(press("a", { ctrl: true })), null);
  assert.equal(meaning(press("a", { ctrl: true }), { onGrid: true, typing: true }), null);
  assert.equal(meaning(press("Escape")), null);
});

test("Ctrl+Z undoes an act, and in a field what was typed", () => {
  assert.deepEqual(meaning(press("z", { ctrl: true })), { act: "undo" });
  assert.equal(meaning(press("z", { ctrl: true }), { typing: true }), null);
  assert.equal(meaning(press("z", { ctrl: true, shift: true })), null);
});

test("letters mark pictures, and Shift with a digit rates them on any keyboard", () => {
  assert.deepEqual(meaning(press("f")), { act: "picture", name: "favourite" });
  assert.deepEqual(meaning(press("Delete")), { act: "picture", name: "trash" });
  assert.deepEqual(meaning(press("!", { shift: true, code: "Digit1" })), { act: "picture", name: "rating", value: "1" });
  assert.deepEqual(meaning(press("à", { shift: true, code: "Digit0" })), { act: "picture", name: "rating", value: "0" });
  assert.equal(meaning(press("f"), { typing: true }), null);
  assert.equal(meaning(press("f", { ctrl: true })), null);
});

test("the browser keeps its own combinations", () => {
  assert.equal(meaning(press("g", { ctrl: true })), null);
  assert.equal(meaning(press("ArrowLeft", { alt: true }), { onPicture: true }), null);
});

test("Ctrl and K open the palette, also while one types; G leads to the places", () => {
  assert.deepEqual(meaning(press("k", { ctrl: true }), { typing: true }), { act: "palette" });
  assert.equal(meaning(press("k")), null);
  assert.deepEqual(meaning(press("l"), { before: "g" }), { act: "library" });
  assert.deepEqual(meaning(press("q"), { before: "g" }), { act: "queue" });
  assert.equal(meaning(press("c"), { before: "g", typing: true }), null);
});
