import assert from "node:assert/strict";
import { test } from "node:test";
import { developed } from "../../static/js/logic/developing.js";

test("a picture starts in the dark and ends as it is", () => {
  assert.equal(developed(0).brightness, 0);
  assert.deepEqual(developed(1), { brightness: 1, contrast: 1, saturation: 1, blur: 0 });
});

test("the measured looks are met at 39 and 86 per cent", () => {
  assert.deepEqual(developed(0.39), { brightness: 0.58, contrast: 1.5, saturation: 0.4, blur: 4 });
  assert.deepEqual(developed(0.86), { brightness: 0.86, contrast: 1.1, saturation: 0.88, blur: 0.7 });
});

test("light only ever comes up and blur only ever goes", () => {
  const looks = Array.from({ length: 101 }, (_, percent) => developed(percent / 100));
  for (const [before, after] of looks.slice(1).map((look, index) => [looks[index], look])) {
    assert.ok(after.brightness >= before.brightness);
    assert.ok(after.blur <= before.blur);
  }
});

test("progress outside 0 to 1 is taken as its end", () => {
  assert.deepEqual(developed(-3), developed(0));
  assert.deepEqual(developed(7), developed(1));
  assert.deepEqual(developed(undefined), developed(0));
});
