import assert from "node:assert/strict";
import { test } from "node:test";
import { draftOf, putBack } from "../../static/js/logic/draft.js";

const form = () => [
  { name: "csrf_token", type: "hidden", value: "x" },
  { name: "prompt", type: "textarea", value: "" },
  { name: "batch_size", type: "radio", checked: true },
  { name: "batch_size", type: "radio", checked: false },
  { name: "image", type: "file", value: "" },
  { name: "seed", type: "number", value: "" },
];

test("what was typed and chosen comes back into a fresh form, which keeps what is its own", () => {
  const typed = form();
  typed[0].value = "y";
  typed[1].value = "a fox";
  typed[2].checked = false;
  typed[3].checked = true;
  const draft = draftOf(typed);
  assert.deepEqual(draft, [["prompt", 0, "a fox"], ["batch_size", 0, false], ["batch_size", 1, true], ["seed", 0, ""]]);
  const fresh = form();
  const changed = putBack(JSON.parse(JSON.stringify(draft)), fresh);
  assert.deepEqual([fresh[0].value, fresh[1].value, fresh[3].checked], ["x", "a fox", true]);
  assert.deepEqual(changed, [fresh[1], fresh[3]]);
});

test("what is gone from the page is left out", () => {
  const model = { name: "model", type: "select-one", value: "sketch", selectedIndex: 0 };
  const gone = Object.defineProperty(model, "value", {
    get: () => "sketch",
    set(value) {
      model.selectedIndex = value === "sketch" ? 0 : -1;
    },
  });
  assert.deepEqual(putBack([["model", 0, "dall-e"], ["cfg", 0, "7"], ["model", 3, "x"]], [gone]), []);
  assert.equal(model.selectedIndex, 0);
});
