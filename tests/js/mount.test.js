import assert from "node:assert/strict";
import { test } from "node:test";
import { mount } from "../../static/js/mount.js";

const element = (module, inside = []) => ({
  dataset: { module },
  matches: () => module !== undefined,
  querySelectorAll: () => inside,
});

test("each named module is made once for an element, however often it is seen", () => {
  const made = [];
  class Card {
    constructor(at) {
      made.push(at);
    }
  }
  const card = element("card");
  const page = element(undefined, [card]);
  mount(page, { card: Card });
  mount(card, { card: Card });
  assert.deepEqual(made, [card]);
});

test("an element may wear several modules, and unknown names are left alone", () => {
  const made = [];
  const named = (name) =>
    class {
      constructor() {
        made.push(name);
      }
    };
  mount(element("tray canvas-view nobody"), { tray: named("tray"), "canvas-view": named("canvas-view") });
  assert.deepEqual(made, ["tray", "canvas-view"]);
});
