import assert from "node:assert/strict";
import { test } from "node:test";
import { hasEnded, looksDifferent } from "../../static/js/logic/job-states.js";

test("a card is fetched anew when a person would see a difference", () => {
  assert.ok(looksDifferent("waiting", "running"));
  assert.ok(looksDifferent("running", "succeeded"));
  assert.ok(looksDifferent("running", "cancelling"));
  assert.ok(looksDifferent("cancelling", "cancelled"));
});

test("states that look the same cost no request", () => {
  assert.ok(!looksDifferent("waiting", "placed"));
  assert.ok(!looksDifferent("submitted", "running"));
  assert.ok(!looksDifferent("running", "running"));
});

test("progress that arrives after the end is stale", () => {
  assert.ok(!looksDifferent("succeeded", "running"));
  assert.ok(!looksDifferent("cancelled", "cancelling"));
});

test("a retry opens an ended job again", () => {
  assert.ok(looksDifferent("failed", "waiting"));
});

test("a state this page does not know changes nothing", () => {
  assert.ok(!looksDifferent("running", "dreaming"));
});

test("three states are ends", () => {
  const all = ["waiting", "placed", "submitted", "running", "cancelling", "succeeded", "failed", "cancelled"];
  assert.deepEqual(all.filter(hasEnded), ["succeeded", "failed", "cancelled"]);
});
