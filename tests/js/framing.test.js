import assert from "node:assert/strict";
import { test } from "node:test";

import { dragged, drawn, framed, grows, shifted, sidesFor } from "../../static/js/logic/framing.js";

// The examples of tests/app/imaging/test_framing.py: what is shown is what the server counts.
test("shapes give the frames that the server gives", () => {
  for (const [width, height, preset, wide, high] of [
    [1024, 1024, "16:9", 1821, 1024],
    [1024, 1024, "9:16", 1024, 1821],
    [1000, 500, "1:1", 1000, 1000],
    [768, 768, "4:3", 1024, 768],
    [512, 300, "all", 1024, 600],
  ]) {
    const picture = { width, height };
    assert.deepEqual(framed(picture, sidesFor(picture, preset)), { width: wide, height: high }, preset);
  }
  assert.deepEqual(sidesFor({ width: 512, height: 301 }, "all"), { left: 256, top: 151, right: 256, bottom: 151 });
});

test("the picture stays where it is told to", () => {
  const tall = { width: 100, height: 200 };
  assert.deepEqual(sidesFor(tall, "1:1"), { left: 50, top: 0, right: 50, bottom: 0 });
  assert.deepEqual(sidesFor(tall, "1:1", "left"), { left: 0, top: 0, right: 100, bottom: 0 });
  assert.deepEqual(sidesFor({ width: 200, height: 100 }, "1:1", "bottom"), { left: 0, top: 100, right: 0, bottom: 0 });
});

test("a picture of that shape has nothing to add", () => {
  assert.equal(grows(sidesFor({ width: 1600, height: 900 }, "16:9")), false);
  assert.equal(grows(sidesFor({ width: 1600, height: 901 }, "16:9")), true);
});

const sides = { left: 10, top: 20, right: 30, bottom: 40 };

test("a handle moves its own side, and neither into the picture nor for ever", () => {
  assert.deepEqual(dragged(sides, "left", 5.4), { ...sides, left: 15 });
  assert.equal(dragged(sides, "top", -50).top, 0);
  assert.equal(dragged(sides, "right", 9999).right, 8192);
});

test("a moved picture leaves the frame as large as it was and stays in it", () => {
  assert.deepEqual(shifted(sides, 5, -5), { left: 15, top: 15, right: 25, bottom: 45 });
  assert.deepEqual(shifted(sides, 500, -500), { left: 40, top: 0, right: 0, bottom: 60 });
});

test("all of the frame is drawn, with the picture in its place", () => {
  const shown = drawn({ width: 100, height: 100 }, { left: 100, top: 0, right: 0, bottom: 0 }, { width: 300, height: 100 });
  assert.deepEqual([shown.scale, shown.width, shown.height], [1, 200, 100]);
  assert.deepEqual(shown.picture, { left: "50%", top: "0%", width: "50%", height: "100%" });
});
