import assert from "node:assert/strict";
import test from "node:test";
import { awaySince } from "../../static/js/logic/away.js";

const MINUTE = 60_000;

test("a glance elsewhere is no absence, an hour is", () => {
  assert.equal(awaySince(100 * MINUTE, 104 * MINUTE), null);
  assert.equal(awaySince(100 * MINUTE, 160 * MINUTE), 100 * MINUTE);
});

test("who never looked before was not away", () => {
  assert.equal(awaySince(null, 160 * MINUTE), null);
});
