import assert from "node:assert/strict";
import { test } from "node:test";
import { OwnChanges } from "../../static/js/logic/own-changes.js";

test("a page knows its own changes again, each once, in whatever order they are told", () => {
  const own = new OwnChanges(() => 0);
  own.asked(["a", "b"], { rating: 3, favourite: true });
  assert.ok(own.answers(["b", "a"], { favourite: true, rating: 3 }));
  assert.ok(!own.answers(["a", "b"], { rating: 3, favourite: true }));
});

test("somebody else's changes are not its own", () => {
  const own = new OwnChanges(() => 0);
  own.asked(["a"], { rating: 3 });
  assert.ok(!own.answers(["a"], { rating: 4 }));
  assert.ok(!own.answers(["a", "b"], { rating: 3 }));
});

test("an asking that was never answered swallows nothing later", () => {
  let now = 0;
  const own = new OwnChanges(() => now);
  own.asked(["a"], { rating: 3 });
  now = 11_000;
  assert.ok(!own.answers(["a"], { rating: 3 }));
});
