import assert from "node:assert/strict";
import test from "node:test";
import { back, begin, beside, next, place } from "../../static/js/logic/tour.js";

test("the tour goes through the steps that have something to show", () => {
  const shown = [true, false, true, true];
  assert.equal(begin(shown), 0);
  assert.equal(next(0, shown), 2);
  assert.equal(next(2, shown), 3);
  assert.equal(next(3, shown), -1);
  assert.equal(back(2, shown), 0);
  assert.equal(back(0, shown), 0);
  assert.deepEqual(place(2, shown), { number: 2, count: 3 });
});

test("with nothing to show there is no tour", () => {
  assert.equal(begin([false, false]), -1);
});

test("the card stands beside its target, or where there is room", () => {
  const card = { width: 320, height: 160 };
  const room = { width: 1440, height: 900 };
  assert.deepEqual(beside({ left: 0, top: 100, right: 320, bottom: 300 }, card, room), { left: 332, top: 100 });
  assert.deepEqual(beside({ left: 1200, top: 8, right: 1300, bottom: 40 }, card, room), { left: 868, top: 12 });
  const phone = { width: 390, height: 844 };
  assert.deepEqual(beside({ left: 0, top: 700, right: 390, bottom: 780 }, card, phone), { left: 12, top: 528 });
});

test("the card is on the screen, wherever its target is", () => {
  const card = { width: 320, height: 160 };
  const room = { width: 390, height: 600 };
  for (let x = -100; x < 500; x += 90) {
    for (let y = -100; y < 700; y += 90) {
      const { left, top } = beside({ left: x, top: y, right: x + 60, bottom: y + 40 }, card, room);
      assert.ok(left >= 0 && left + card.width <= room.width && top >= 12 && top + card.height <= room.height - 12);
    }
  }
});
