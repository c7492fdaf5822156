import assert from "node:assert/strict";
import { test } from "node:test";
import { heightOf, justAbove, rowsInWindow, rowsOf } from "../../static/js/logic/window-maths.js";

const items = (count, ratio = 1.5) => Array.from({ length: count }, (_, at) => ({ id: `${at}`, ratio }));
const rows = { kind: "rows", width: 700, row: 100, gap: 8 };

test("justified rows fill the width, and the last one keeps its height", () => {
  const found = rowsOf(items(6), rows);
  assert.deepEqual(found.map((row) => row.items.length), [4, 2]);
  // Four of 1.5 : 1 and three gaps of 8 are 700 wide.
  assert.ok(Math.abs(found[0].height * 1.5 * 4 + 24 - 700) < 1e-9);
  assert.equal(found[1].height, 100);
});

test("a picture wider than the room stands alone and is made smaller", () => {
  const [row] = rowsOf([{ id: "a", ratio: 10 }], rows);
  assert.equal(row.height, 70);
});

test("squares stand in as many columns as fit, a phone's pictures in one", () => {
  const found = rowsOf(items(15), { ...rows, kind: "square" });
  assert.deepEqual(found.map((row) => row.items.length), [6, 6, 3]);
  assert.equal(Math.round(found[0].height), 110);
  const [first] = rowsOf(items(3), { kind: "column", width: 366, gap: 4, foot: 44 });
  assert.equal(first.height, 366 / 1.5 + 44);
});

test("every picture stands in exactly one row, in order, whatever the shapes", () => {
  const shapes = Array.from({ length: 500 }, (_, at) => ({ id: `${at}`, ratio: 0.3 + ((at * 37) % 64) / 20 }));
  for (const layout of [rows, { ...rows, kind: "square" }]) {
    const ids = rowsOf(shapes, layout).flatMap((row) => row.items.map(({ id }) => id));
    assert.deepEqual(ids, shapes.map(({ id }) => id));
  }
});

test("only rows in the window are wanted, with some around them", () => {
  const found = Array.from({ length: 100 }, () => ({ items: items(4), height: 92 }));
  assert.equal(heightOf(found, 8), 100 * 100 - 8);
  assert.deepEqual(rowsInWindow(found, 8, -5000, [0, 1000], 0), [50, 60]);
  const [first, end] = rowsInWindow(found, 8, -5000, [0, 1000], 60);
  assert.ok(first < 50 && end > 60 && (end - first) * 4 >= 60);
  assert.equal(rowsInWindow(found, 8, 2000, [0, 1000]), null);
});

test("a list after the next larger id starts with the picture itself", () => {
  assert.equal(justAbove("019aa0c4-7a10-7cc1-9d55-3f2b8f6f4a10"), "019aa0c4-7a10-7cc1-9d55-3f2b8f6f4a11");
  assert.equal(justAbove("019aa0c4-7a10-7cc1-9d55-ffffffffffff"), "019aa0c4-7a10-7cc1-9d56-000000000000");
});
