import assert from "node:assert/strict";
import { test } from "node:test";
import { changesFor, wishOf } from "../../static/js/logic/form-filling.js";

test("only what is given is changed, the model first", () => {
  assert.deepEqual(changesFor({ prompt: "a fox" }), [["prompt", "a fox"]]);
  assert.deepEqual(changesFor({ seed: 0, model: "sketch", negative_prompt: "" }), [
    ["model", "sketch"],
    ["negative_prompt", ""],
    ["seed", "0"],
  ]);
  assert.deepEqual(changesFor({ prompt: null, model: undefined, label: "x" }), []);
});

test("a seed that no field takes is left out", () => {
  assert.deepEqual(changesFor({ seed: 885533221144668 }), []);
  assert.deepEqual(changesFor({ seed: -1 }), []);
  assert.deepEqual(changesFor({ seed: "7" }), []);
});

test("settings follow by their own names, without what is no value of a field", () => {
  const params = { steps: 20, sampler: "euler", tiled: true, tiles: [4] };
  assert.deepEqual(changesFor({ params }), [
    ["steps", "20"],
    ["sampler", "euler"],
    ["tiled", true],
  ]);
});

test("the sides of an extension stand in fields of their own", () => {
  assert.deepEqual(changesFor({ params: { expand: { left: 4, top: 0 } } }), [
    ["frame", "own"],
    ["expand_left", "4"],
    ["expand_top", "0"],
  ]);
});

test("of a recipe the words as typed come before those that were sent", () => {
  const recipe = { template: "a {red|blue} fox", prompt: "a red fox", seed: 7, params: { steps: 4 } };
  assert.deepEqual(wishOf(recipe, "prompt"), { prompt: "a {red|blue} fox" });
  assert.deepEqual(wishOf(recipe, "seed"), { seed: 7 });
  assert.deepEqual(wishOf({ tool: "ComfyUI", prompt: "a heron", seed: 1 }, "all"), {
    prompt: "a heron",
    seed: 1,
    whole: true,
    negative_prompt: "",
    model: undefined,
    style_id: "",
    size: undefined,
    params: undefined,
    source: null,
    mask: null,
    operation: undefined,
  });
});

test("of all of a recipe the size comes along where it was chosen, and the picture it was made from", () => {
  const size = { width_px: 960, height_px: 640 };
  assert.deepEqual(wishOf({ ...size, operation: "txt2img" }, "all").size, { width: 960, height: 640 });
  const { size: own, source, mask, operation } = wishOf({ ...size, operation: "inpaint", parents: { image: "a", mask: "b" } }, "all");
  assert.deepEqual([own, source, mask, operation], [undefined, "a", "b", "inpaint"]);
});

test("a size with a button of its own presses that, any other is written out", () => {
  const shapes = { "960x640": "3:2" };
  assert.deepEqual(changesFor({ size: { width: 960, height: 640 } }, shapes), [["aspect", "3:2"]]);
  assert.deepEqual(changesFor({ size: { width: 512, height: 768 } }, shapes), [
    ["aspect", "Custom"],
    ["width", "512"],
    ["height", "768"],
  ]);
});
