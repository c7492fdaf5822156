import assert from "node:assert/strict";
import { test } from "node:test";
import { walk } from "../../static/js/logic/grid-walk.js";

// Two rows of three and a last row of one.
const boxes = [
  { left: 0, top: 0, width: 100 },
  { left: 108, top: 0, width: 200 },
  { left: 316, top: 0, width: 60 },
  { left: 0, top: 120, width: 60 },
  { left: 68, top: 120.3, width: 200 },
  { left: 276, top: 120, width: 100 },
  { left: 0, top: 240, width: 90 },
];

test("left and right follow the reading order and stop at the ends", () => {
  assert.equal(walk(boxes, 2, "ArrowRight"), 3);
  assert.equal(walk(boxes, 3, "ArrowLeft"), 2);
  assert.equal(walk(boxes, 0, "ArrowLeft"), 0);
  assert.equal(walk(boxes, 6, "ArrowRight"), 6);
});

test("down and up go to the nearest middle of the next row", () => {
  assert.equal(walk(boxes, 0, "ArrowDown"), 3);
  assert.equal(walk(boxes, 1, "ArrowDown"), 4);
  assert.equal(walk(boxes, 5, "ArrowUp"), 2);
  assert.equal(walk(boxes, 5, "ArrowDown"), 6);
});

test("there is nothing above the first row and below the last", () => {
  assert.equal(walk(boxes, 1, "ArrowUp"), 1);
  assert.equal(walk(boxes, 6, "ArrowDown"), 6);
});
