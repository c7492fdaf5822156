import assert from "node:assert/strict";
import { test } from "node:test";

import { isWhole, moved, resized, shaped, typed, whole } from "../../static/js/logic/cropping.js";

const picture = { width: 300, height: 200 };
const part = { x: 100, y: 50, width: 80, height: 60 };
const inside = ({ x, y, width, height }) => x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= 300 && y + height <= 200;

test("a shape is the largest part of it, in the middle", () => {
  assert.deepEqual(shaped(picture, 1), { x: 50, y: 0, width: 200, height: 200 });
  assert.deepEqual(shaped(picture, 3), { x: 0, y: 50, width: 300, height: 100 });
  assert.deepEqual(shaped(picture, null), whole(picture));
  assert.ok(isWhole(whole(picture), picture) && !isWhole(part, picture));
});

test("a part moves as it is, up to the picture's edge", () => {
  assert.deepEqual(moved(part, 10.4, -5, picture), { ...part, x: 110, y: 45 });
  assert.deepEqual(moved(part, 999, -999, picture), { ...part, x: 220, y: 0 });
});

test("of four corners the opposite one stays", () => {
  assert.deepEqual(resized(part, "se", 20, 10, picture), { x: 100, y: 50, width: 100, height: 70 });
  assert.deepEqual(resized(part, "nw", 20, 10, picture), { x: 120, y: 60, width: 60, height: 50 });
  assert.deepEqual(resized(part, "ne", 20, 10, picture), { x: 100, y: 60, width: 100, height: 50 });
  assert.deepEqual(resized(part, "sw", 20, 10, picture), { x: 120, y: 50, width: 60, height: 70 });
});

test("however it is dragged, it stays in the picture, is never nothing, and keeps its shape", () => {
  for (const corner of ["nw", "ne", "sw", "se"]) {
    for (const [dx, dy] of [[999, 999], [-999, -999], [999, -999], [-999, 999], [7, -3], [0, 0]]) {
      assert.ok(inside(resized(part, corner, dx, dy, picture)), `${corner} ${dx} ${dy}`);
      for (const ratio of [1, 16 / 9, 9 / 16]) {
        const made = resized(shaped(picture, ratio), corner, dx, dy, picture, ratio);
        assert.ok(inside(made), `${corner} ${dx} ${dy} ${ratio}`);
        assert.ok(Math.abs(made.width - made.height * ratio) <= Math.max(1, ratio), `${made.width} × ${made.height}, not ${ratio}`);
      }
    }
  }
});

test("of a shape the side that was moved leads", () => {
  const square = shaped(picture, 1);
  assert.deepEqual(resized(square, "se", -40, 0, picture, 1), { ...square, width: 160, height: 160 });
  assert.deepEqual(resized(square, "se", 0, -40, picture, 1), { ...square, width: 160, height: 160 });
});

test("a typed number counts, and what does not fit gives way", () => {
  assert.deepEqual(typed(part, "x", "250", picture), { ...part, x: 250, width: 50 });
  assert.deepEqual(typed(part, "width", "290", picture), { ...part, x: 10, width: 290 });
  assert.deepEqual(typed(part, "height", "", picture), { ...part, height: 16 });
  assert.deepEqual(typed(part, "y", "-4", picture), { ...part, y: 0 });
  assert.deepEqual(typed(part, "y", "9999", picture), { ...part, y: 184, height: 16 });
});
