import assert from "node:assert/strict";
import { test } from "node:test";
import { factors, paint } from "../../static/js/logic/macro-paint.js";

const kinds = (prompt) => paint(prompt).map(({ kind, text }) => [kind, text]);

test("a group is its marks and its options", () => {
  assert.deepEqual(kinds("a {red|blue} fox"), [
    ["prose", "a "],
    ["mark", "{"],
    ["option", "red"],
    ["mark", "|"],
    ["option", "blue"],
    ["mark", "}"],
    ["prose", " fox"],
  ]);
});

test("groups stand in groups", () => {
  const depths = paint("{a|{b|c}}").filter(({ kind }) => kind === "option");
  assert.deepEqual(depths.map(({ text, depth }) => [text, depth]), [["a", 1], ["b", 2], ["c", 2]]);
});

test("prose stays prose", () => {
  for (const prompt of ['{"a": 1}', "#ff0000 sky", "$5", "50% off", "a__b", "(word:1.3)", "[a|b] c", "<lora:x:0.8>", "a | b"]) {
    assert.deepEqual(kinds(prompt), [["prose", prompt]], prompt);
  }
});

test("picks, wildcards, variables and comments are seen", () => {
  assert.deepEqual(kinds("{2$$a|b}")[0], ["mark", "{2$$"]);
  assert.deepEqual(kinds("{1-2$$ and $$a|b}")[0], ["mark", "{1-2$$ and $$"]);
  assert.deepEqual(kinds("in __weather/*__")[1], ["wildcard", "__weather/*__"]);
  assert.equal(kinds("${x=red}")[0][0], "mark");
  assert.deepEqual(kinds("# a note\nfox")[0], ["comment", "# a note"]);
});

test("a group that is never closed is shown where it opens", () => {
  assert.deepEqual(kinds("a {b|c").slice(1, 2), [["open", "{"]]);
});

test("a bar in a bracket divides nothing, and an escaped brace opens nothing", () => {
  assert.deepEqual(kinds("{[a|b] c}"), [["prose", "{[a|b] c}"]]);
  assert.deepEqual(kinds("\\{a|b\\}"), [["prose", "\\{a|b\\}"]]);
});

test("whatever is typed, the stretches joined are the prompt", () => {
  const alphabet = ["{", "}", "|", "[", "]", "$", "_", "__", "#", "\n", "a", "2$$", "\\", " "];
  let state = 7;
  const next = () => (state = (state * 1103515245 + 12345) % 2 ** 31);
  for (let round = 0; round < 500; round += 1) {
    const prompt = Array.from({ length: 12 }, () => alphabet[next() % alphabet.length]).join("");
    assert.equal(paint(prompt).map(({ text }) => text).join(""), prompt);
  }
});

test("the sum is shown for plain groups side by side only", () => {
  assert.deepEqual(factors("a {red|arctic|silver} fox, {dawn|dusk} light"), [3, 2]);
  assert.deepEqual(factors("{a|{b|c}}"), []);
  assert.deepEqual(factors("{2$$a|b|c}"), []);
  assert.deepEqual(factors("{a|b} __weather__"), []);
  assert.deepEqual(factors("plain"), []);
});
