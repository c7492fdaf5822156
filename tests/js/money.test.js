import assert from "node:assert/strict";
import { test } from "node:test";
import { priceOf } from "../../static/js/logic/money.js";

test("what costs nothing is free", () => {
  assert.equal(priceOf(6, ""), "free");
  assert.equal(priceOf(6, null), "free");
  assert.equal(priceOf(0, "0.028"), "free");
});

test("sums are exact and rounded once, half up", () => {
  assert.equal(priceOf(6, "0.028"), "$0.17");
  assert.equal(priceOf(3, "0.035"), "$0.11");
  assert.equal(priceOf(15, "0.001"), "$0.02");
  assert.equal(priceOf(30, "0.35"), "$10.50");
});

test("below one cent is said so, and thousands stand apart", () => {
  assert.equal(priceOf(1, "0.009"), "<$0.01");
  assert.equal(priceOf(1, "0.01"), "$0.01");
  assert.equal(priceOf(1_000_000, "1.5"), "$1\u2009500\u2009000.00");
});
