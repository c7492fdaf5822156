import assert from "node:assert/strict";
import test from "node:test";
import { landing, stepped } from "../../static/js/logic/queue-order.js";

test("a row lands before the first whose middle lies below its own", () => {
  const middles = [30, 90, 150];
  assert.equal(landing(middles, 10), 0);
  assert.equal(landing(middles, 60), 1);
  assert.equal(landing(middles, 149), 2);
  assert.equal(landing(middles, 151), 3);
  assert.equal(landing([], 5), 0);
});

test("steps stay on the list", () => {
  assert.equal(stepped(-1, 4, 1), 0);
  assert.equal(stepped(1, 4, 1), 2);
  assert.equal(stepped(3, 4, 1), 3);
  assert.equal(stepped(0, 4, -1), 0);
  assert.equal(stepped(2, 4, -Infinity), 0);
  assert.equal(stepped(0, 4, Infinity), 3);
});
