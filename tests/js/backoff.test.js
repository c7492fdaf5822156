import assert from "node:assert/strict";
import { test } from "node:test";
import { backoff } from "../../static/js/logic/backoff.js";

test("waits double from half a second to half a minute", () => {
  const most = [0, 1, 2, 6, 20].map((attempt) => backoff(attempt, () => 1));
  assert.deepEqual(most, [500, 1000, 2000, 30_000, 30_000]);
});

test("chance spreads a wait over its second half", () => {
  assert.equal(backoff(3, () => 0), 2000);
  assert.equal(backoff(3, () => 0.5), 3000);
});
