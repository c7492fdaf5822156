import assert from "node:assert/strict";
import { test } from "node:test";
import { completion, question, step } from "../../static/js/logic/suggesting.js";

const at = (text) => question(text.replace("|", ""), text.indexOf("|"));

test("the end of a prompt of two characters and more is asked about", () => {
  assert.deepEqual(at("fo|"), { text: "fo" });
  assert.deepEqual(at("a red fox |"), { text: "a red fox" });
  assert.equal(at("f|"), null);
  assert.equal(at("  |"), null);
  assert.equal(at("a | fox"), null);
  assert.equal(at(`${"x".repeat(201)}|`), null);
});

test("two underscores ask for wildcards, wherever they stand", () => {
  assert.deepEqual(at("a __|"), { wildcard: "", from: 2 });
  assert.deepEqual(at("a __anim| fox"), { wildcard: "anim", from: 2 });
  assert.deepEqual(at("__animals/big_c|"), { wildcard: "animals/big_c", from: 0 });
  assert.deepEqual(at("{red __w|"), { wildcard: "w", from: 5 });
  assert.deepEqual(at("__a__ and __b|"), { wildcard: "b", from: 10 });
});

test("a closed wildcard asks for nothing but what follows the text", () => {
  assert.deepEqual(at("a __fox__|"), { text: "a __fox__" });
  assert.equal(at("some snake__case| x"), null);
});

test("an open group asks for nothing", () => {
  assert.equal(at("a {red|".replace("|", "|")), null);
  assert.deepEqual(question("a {red} fox", 11), { text: "a {red} fox" });
});

test("a wildcard replaces what was begun, a prompt all of it, a style nothing", () => {
  assert.deepEqual(completion({ wildcard: "we", from: 2 }, 6, 10, { kind: "wildcard", text: "__weather__" }), {
    from: 2,
    to: 6,
    text: "__weather__",
  });
  assert.deepEqual(completion({ text: "fo" }, 2, 2, { kind: "prompt", text: "a fox" }), { from: 0, to: 2, text: "a fox" });
  assert.equal(completion({ text: "fo" }, 2, 2, { kind: "style", text: "Night" }), null);
});

test("arrows walk from none to the last and back to none", () => {
  assert.equal(step(-1, 3, "ArrowDown"), 0);
  assert.equal(step(2, 3, "ArrowDown"), 2);
  assert.equal(step(0, 3, "ArrowUp"), -1);
  assert.equal(step(-1, 3, "ArrowUp"), -1);
});
