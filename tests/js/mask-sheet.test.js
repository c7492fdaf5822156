import assert from "node:assert/strict";
import { test } from "node:test";

import { MaskSheet, asGrey, fromPixels, onPicture, onView, pressed, sheetSize, softened } from "../../static/js/logic/mask-sheet.js";

const spot = (x, y, radius = 3) => ({ x, y, radius });
const at = (sheet, x, y) => sheet.data[y * sheet.width + x];

function stroke(sheet, from, to = from, value = 255) {
  sheet.begin();
  const changed = sheet.paint(from, to, value);
  sheet.end();
  return changed;
}

test("a dab is a disc, a stroke has round ends", () => {
  const sheet = new MaskSheet(40, 20);
  stroke(sheet, spot(10, 10), spot(30, 10));
  assert.equal(at(sheet, 20, 10), 255);
  assert.equal(at(sheet, 20, 12), 255);
  assert.equal(at(sheet, 20, 13), 0);
  assert.equal(at(sheet, 7, 10), 255);
  assert.equal(at(sheet, 6, 10), 0);
  assert.equal(at(sheet, 7, 7), 0, "the corner of the end is round");
});

test("a stroke grows and shrinks with its radius, as a pen presses", () => {
  const sheet = new MaskSheet(40, 20);
  stroke(sheet, spot(8, 10, 1), spot(32, 10, 8));
  assert.equal(at(sheet, 8, 14), 0);
  assert.equal(at(sheet, 31, 14), 255);
  assert.equal(pressed(10, { pointerType: "pen", pressure: 1 }), 10);
  assert.ok(pressed(10, { pointerType: "pen", pressure: 0.1 }) < 5);
  assert.equal(pressed(10, { pointerType: "touch", pressure: 0.1 }), 10);
});

test("what lies beside the picture changes nothing and is nothing to undo", () => {
  const sheet = new MaskSheet(10, 10);
  assert.equal(stroke(sheet, spot(-20, -20)), null);
  assert.equal(sheet.undo(), null);
  stroke(sheet, spot(0, 0));
  assert.deepEqual(sheet.undo(), { x: 0, y: 0, width: 4, height: 4 });
});

test("everything can be taken back in order, and done again until something new is done", () => {
  const sheet = new MaskSheet(30, 20);
  const states = [sheet.data.slice()];
  const acts = [() => stroke(sheet, spot(5, 5), spot(20, 15)), () => sheet.invert(), () => stroke(sheet, spot(12, 10), spot(12, 10), 0), () => sheet.clear(), () => stroke(sheet, spot(3, 3))];
  for (const act of acts) {
    act();
    states.push(sheet.data.slice());
  }
  for (let step = acts.length; step > 0; step -= 1) {
    assert.deepEqual(sheet.data, states[step]);
    sheet.undo();
  }
  assert.deepEqual(sheet.data, states[0]);
  for (let step = 1; step <= acts.length; step += 1) {
    sheet.redo();
    assert.deepEqual(sheet.data, states[step]);
  }
  sheet.undo();
  stroke(sheet, spot(20, 10));
  assert.equal(sheet.redo(), null);
});

test("only so many steps are kept", () => {
  const sheet = new MaskSheet(10, 10, 2);
  for (let step = 0; step < 5; step += 1) sheet.invert();
  assert.ok(sheet.undo() && sheet.undo());
  assert.equal(sheet.undo(), null);
});

test("a stroke that a second finger ends was never there", () => {
  const sheet = new MaskSheet(20, 20);
  stroke(sheet, spot(4, 4));
  const before = sheet.data.slice();
  sheet.begin();
  sheet.paint(spot(10, 10), spot(15, 15), 255);
  assert.deepEqual(sheet.abandon(), { x: 7, y: 7, width: 12, height: 12 });
  assert.deepEqual(sheet.data, before);
  sheet.undo();
  assert.equal(sheet.share, 0);
});

test("the share tells how much is painted", () => {
  const sheet = new MaskSheet(10, 10);
  assert.equal(sheet.share, 0);
  sheet.invert();
  assert.equal(sheet.share, 1);
});

test("softening keeps the middle and the outside, and falls across the edge", () => {
  const [width, height] = [60, 30];
  const hard = Uint8Array.from({ length: width * height }, (_, index) => (index % width < 30 ? 255 : 0));
  const row = softened(hard, width, height, 8).subarray(15 * width, 16 * width);
  assert.equal(row[0], 255);
  assert.equal(row[20], 255);
  assert.equal(row[39], 0);
  assert.ok(row[29] > 127 && row[30] < 128 && row[29] - row[30] < 60);
  for (let x = 1; x < width; x += 1) assert.ok(row[x] <= row[x - 1]);
  assert.deepEqual(softened(hard, width, height, 0), hard);
});

test("softening looks up and down as well", () => {
  const [width, height] = [9, 40];
  const hard = Uint8Array.from({ length: width * height }, (_, index) => (index < width * 20 ? 255 : 0));
  const soft = softened(hard, width, height, 6);
  const column = Array.from({ length: height }, (_, y) => soft[y * width + 4]);
  assert.deepEqual(column, [...column].sort((one, other) => other - one));
  assert.ok(column[19] < 255 && column[20] > 0);
});

test("levels go into a file and come back, and transparency counts as black", () => {
  const levels = Uint8Array.from([0, 90, 255]);
  const pixels = asGrey(levels);
  assert.deepEqual([...pixels], [0, 0, 0, 255, 90, 90, 90, 255, 255, 255, 255, 255]);
  assert.deepEqual(fromPixels(pixels), levels);
  assert.deepEqual([...fromPixels(Uint8ClampedArray.from([255, 255, 255, 0]))], [0]);
  const sheet = new MaskSheet(3, 1);
  sheet.load(levels);
  assert.deepEqual([...sheet.data], [0, 0, 255]);
});

test("a huge picture is painted on a smaller sheet of its shape", () => {
  assert.deepEqual(sheetSize({ width: 1024, height: 768 }), { width: 1024, height: 768 });
  assert.deepEqual(sheetSize({ width: 8192, height: 4096 }), { width: 2048, height: 1024 });
  assert.deepEqual(sheetSize({ width: 9000, height: 1 }), { width: 2048, height: 1 });
});

test("a point of the window is a spot on the picture, and back", () => {
  const picture = { width: 400, height: 200 };
  const place = { scale: 2, x: 30, y: -10 };
  assert.deepEqual(onPicture({ x: 30, y: -10 }, place, picture), { x: 200, y: 100 });
  const there = onPicture({ x: 7, y: 11 }, place, picture);
  assert.deepEqual(onView(there, place, picture), { x: 7, y: 11 });
});
