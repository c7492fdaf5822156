import assert from "node:assert/strict";
import { test } from "node:test";
import { stillEnhanced, stylesOf, told, written } from "../../static/js/logic/enhancing.js";

const SNOWY = "a red fox in deep snow, low golden sun, a wide view";

test("a prompt stays the enhanced one while most of its words stand", () => {
  assert.equal(stillEnhanced(SNOWY, SNOWY), true);
  assert.equal(stillEnhanced(SNOWY, "a RED fox in deep snow, moonlight"), true);
  assert.equal(stillEnhanced(SNOWY, "an owl at night"), false);
  assert.equal(stillEnhanced(SNOWY, ""), false);
  assert.equal(stillEnhanced("", ""), false);
  assert.equal(stillEnhanced("狐狸 在 雪地", "狐狸 在 雪地 里"), true);
});

test("style hints are parted by commas", () => {
  assert.deepEqual(stylesOf(" photorealistic, fashion ,,"), ["photorealistic", "fashion"]);
  assert.equal(stylesOf("a,b,c,d,e,f").length, 5);
});

test("an open answer is asked for again until it is written, and a failure is thrown as its sentence", async () => {
  const rested = [];
  const later = (...answers) => ({ rest: async (id) => rested.push(id), ask: async () => answers.shift() });
  const waiting = { id: "r1", state: "waiting" };
  const done = { id: "r1", state: "done" };
  assert.equal(await written(waiting, later({ id: "r1", state: "writing" }, done)), done);
  assert.deepEqual(rested, ["r1", "r1"]);
  assert.equal(await written({ id: null, state: "done", items: [] }, later()).then(({ id }) => id), null);
  await assert.rejects(written(waiting, later({ id: "r1", state: "failed", error: "It is busy." })), { message: "It is busy." });
});

test("who wrote is told, and that rules are no model", () => {
  const item = { prompts: ["a", "b"], cached: false };
  const claude = { id: "anthropic:x", name: "Claude", is_rules: false };
  const rules = { id: "builtin", name: "Built-in rules", is_rules: true };
  assert.deepEqual(told({ items: [item], writers: [claude], cost_text: "<$0.01" }), {
    title: "2 variations",
    writer: "By Claude.",
    cost: "<$0.01",
  });
  assert.match(told({ items: [item], writers: [rules], cost_text: "free" }).writer, /built-in rules/);
  assert.deepEqual(told({ items: [{ prompts: ["a"], cached: true }], writers: [claude], cost_text: "free" }), {
    title: "1 variation",
    writer: "By Claude. Written before.",
    cost: "free",
  });
});
