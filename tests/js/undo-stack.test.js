import assert from "node:assert/strict";
import { test } from "node:test";
import { UndoStack } from "../../static/js/logic/undo-stack.js";

test("the newest act is taken back first", () => {
  const stack = new UndoStack();
  stack.push("trash");
  stack.push("favourite");
  assert.deepEqual([stack.pop(), stack.pop(), stack.pop()], ["favourite", "trash", undefined]);
});

test("an act undone from its toast is not undone again by the keys", () => {
  const stack = new UndoStack();
  const [first, second] = [stack.push({ text: "one" }), stack.push({ text: "two" })];
  assert.equal(stack.take(first), true);
  assert.equal(stack.take(first), false);
  assert.equal(stack.pop(), second);
});

test("what lies too far back is settled", () => {
  const stack = new UndoStack(2);
  for (const act of ["one", "two", "three"]) stack.push(act);
  assert.deepEqual(stack.acts, ["two", "three"]);
});
