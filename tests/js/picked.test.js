import assert from "node:assert/strict";
import { test } from "node:test";
import { overlaps, Picked, rectangle } from "../../static/js/logic/picked.js";

const order = ["a", "b", "c", "d", "e"];

test("a toggle adds and takes away, and a range starts where it last happened", () => {
  const picked = new Picked().toggle("b").toggle("d").toggle("b");
  assert.deepEqual(picked.ids, ["d"]);
  assert.deepEqual(picked.through("e", order, { keep: true }).ids, ["d", "b", "c", "e"]);
});

test("a range goes both ways, and moves with its end while the anchor stays", () => {
  const picked = new Picked().only("c");
  assert.deepEqual(picked.through("e", order).ids, ["c", "d", "e"]);
  assert.deepEqual(picked.through("e", order).through("a", order).ids, ["a", "b", "c"]);
});

test("a range from something that left the page is its end alone, or that as well", () => {
  const picked = new Picked(["x"], "x");
  assert.deepEqual(picked.through("b", order).ids, ["b"]);
  const kept = picked.through("b", order, { keep: true });
  assert.deepEqual([kept.ids, kept.anchor], [["x", "b"], "b"]);
});

test("what goes into the trash leaves the selection and anchors nothing", () => {
  const picked = new Picked(["a", "b", "c"], "b").without(["b", "c"]);
  assert.deepEqual([picked.ids, picked.anchor], [["a"], null]);
});

test("two selections are equal when they hold the same, in any order", () => {
  assert.ok(new Picked(["a", "b"]).equals(new Picked(["b", "a"])));
  assert.ok(!new Picked(["a", "b"]).equals(new Picked(["a", "c"])));
  assert.ok(!new Picked(["a"]).equals(new Picked(["a", "c"])));
});

test("a rectangle is the same drawn from any corner, and touches only what it covers a part of", () => {
  const box = rectangle({ x: 50, y: 60 }, { x: 10, y: 20 });
  assert.deepEqual(box, { left: 10, top: 20, right: 50, bottom: 60 });
  assert.ok(overlaps(box, { left: 49, top: 0, right: 90, bottom: 21 }));
  assert.ok(!overlaps(box, { left: 50, top: 20, right: 90, bottom: 60 }));
});
