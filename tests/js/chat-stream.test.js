import assert from "node:assert/strict";
import test from "node:test";
import { asShown, grown, toHear } from "../../static/js/logic/chat-stream.js";

test("words join where they belong", () => {
  assert.equal(grown("Try ", 4, "this"), "Try this");
  assert.equal(grown("", 0, "Try"), "Try");
});

test("what came twice stands there once, and a writer that begins anew is believed", () => {
  assert.equal(grown("Try this", 4, "this"), "Try this");
  assert.equal(grown("Try this", 0, "A"), "A");
});

test("a gap is told", () => {
  assert.equal(grown("Try ", 9, "fox"), null);
});

test("the marks of fences are not shown", () => {
  assert.equal(asShown("Here:\n```prompt\na red fox\n```\nOr **so**"), "Here:\na red fox\nOr so");
  assert.equal(asShown("Here:\n```pro"), "Here:\n");
});

test("of a long answer the beginning is read out", () => {
  assert.equal(toHear(" a\n fox "), "a fox");
  assert.equal(toHear("red fox in snow", 9), "red fox …");
  assert.equal(toHear("x".repeat(20), 9), `${"x".repeat(9)} …`);
});
