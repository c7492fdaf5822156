import assert from "node:assert/strict";
import test from "node:test";
import { match, rank } from "../../static/js/logic/palette.js";

const ENTRIES = ["Generate", "Library", "Pause the queue", "Light theme", "Field notes", "Night maps", "API keys", "Keys"].map(
  (label) => ({ label }),
);
const labels = (query, entries = ENTRIES) => rank(query, entries).map(({ entry }) => entry.label);

test("nothing typed shows everything in its own order", () => {
  assert.deepEqual(labels(""), ENTRIES.map(({ label }) => label));
  assert.deepEqual(labels("   "), ENTRIES.map(({ label }) => label));
});

test("the beginning of a label comes before the middle of another", () => {
  assert.equal(labels("key")[0], "Keys");
  assert.equal(labels("lig")[0], "Light theme");
  assert.equal(labels("lib")[0], "Library");
});

test("the first letters of words find the whole", () => {
  assert.equal(labels("ptq")[0], "Pause the queue");
  assert.equal(labels("nm")[0], "Night maps");
  assert.equal(labels("night m")[0], "Night maps");
});

test("letters out of order find nothing", () => {
  assert.deepEqual(labels("zzz"), []);
  assert.deepEqual(labels("yrarbil"), []);
  assert.equal(match("ba", "ab"), null);
});

test("the places that matched are told, and cases and accents do not matter", () => {
  assert.deepEqual(rank("ELG", [{ label: "Élégie" }])[0].marks, [0, 1, 3]);
  assert.deepEqual(rank("queue", ENTRIES)[0].marks, [10, 11, 12, 13, 14]);
});

test("another name finds an entry too, behind those that are called so", () => {
  const entries = [{ label: "Light theme", words: "appearance bright" }, { label: "Bright hills" }];
  assert.deepEqual(labels("bright", entries), ["Bright hills", "Light theme"]);
  assert.deepEqual(labels("appear", entries), ["Light theme"]);
});

test("every label finds itself first, whatever else there is", () => {
  for (const { label } of ENTRIES) assert.equal(labels(label)[0], label);
});
