import assert from "node:assert/strict";
import { test } from "node:test";
import { clampSeed, MOST, rollSeed, submissionKey } from "../../static/js/logic/seeds.js";

test("the form clamps a seed to 0 and 2^32-1", () => {
  assert.equal(clampSeed("4294967296"), MOST);
  assert.equal(clampSeed("-1"), 0);
  assert.equal(clampSeed(" 42 "), 42);
  assert.equal(clampSeed("3.9"), 3);
});

test("nothing and nonsense are no seed", () => {
  assert.equal(clampSeed(""), null);
  assert.equal(clampSeed("fox"), null);
});

test("a rolled seed is one the form takes unchanged", () => {
  for (let roll = 0; roll < 100; roll += 1) {
    const seed = rollSeed();
    assert.equal(clampSeed(seed), seed);
  }
});

test("no two submissions share a key", () => {
  assert.equal(new Set(Array.from({ length: 100 }, submissionKey)).size, 100);
});
