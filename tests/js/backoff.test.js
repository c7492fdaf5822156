import assert from "node:assert/strict";
import { test } from "node:test";
import { backoff } from "../../static/js/logic/backoff.js";

const longest = { random: () => 1 };

test("waits double from half a second to half a minute", () => {
  const most = [0, 1, 2, 6, 20].map((attempt) => backoff(attempt, longest));
  assert.deepEqual(most, [500, 1000, 2000, 30_000, 30_000]);
});

test("where somebody looks they stay short", () => {
  const most = [0, 2, 20].map((attempt) => backoff(attempt, { ...longest, watched: true }));
  assert.deepEqual(most, [500, 2000, 4000]);
});

test("chance spreads a wait over its second half", () => {
  assert.equal(backoff(3, { random: () => 0 }), 2000);
  assert.equal(backoff(3, { random: () => 0.5 }), 3000);
});
