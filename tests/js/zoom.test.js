import assert from "node:assert/strict";
import { test } from "node:test";

import * as zoom from "../../static/js/logic/zoom.js";

const view = { width: 1000, height: 600 };
const picture = { width: 3000, height: 2000 };
const CENTRE = { x: 0, y: 0 };

// Which pixel of the picture, from its middle, lies at a point of the window.
const under = (place, point) => ({ x: (point.x - place.x) / place.scale, y: (point.y - place.y) / place.scale });
const near = (one, other) => {
  for (const name of Object.keys(other)) assert.ok(Math.abs(one[name] - other[name]) < 1e-6, `${name}: ${one[name]}, not ${other[name]}`);
};

test("a picture fits whole into the window, and a small one is not blown up", () => {
  assert.deepEqual(zoom.fitted(view, picture), { scale: 0.3, x: 0, y: 0 });
  assert.deepEqual(zoom.fitted(view, { width: 200, height: 100 }), { scale: 1, x: 0, y: 0 });
});

test("the pixel under the pointer stays under it", () => {
  let place = zoom.zoomed(zoom.fitted(view, picture), 1, CENTRE, view, picture);
  for (const point of [{ x: 120, y: -80 }, { x: -300, y: 200 }, CENTRE]) {
    for (const scale of [1.7, 0.9, 3, 8]) {
      const before = under(place, point);
      place = zoom.zoomed(place, scale, point, view, picture);
      assert.equal(place.scale, scale);
      near(under(place, point), before);
    }
  }
});

test("nobody zooms further out than all of it or further in than eight times", () => {
  assert.equal(zoom.zoomed(zoom.fitted(view, picture), 0.01, CENTRE, view, picture).scale, 0.3);
  assert.equal(zoom.zoomed(zoom.fitted(view, picture), 99, CENTRE, view, picture).scale, zoom.MOST);
  assert.deepEqual(zoom.zoomed({ scale: 4, x: 900, y: 300 }, 0.1, CENTRE, view, picture), { scale: 0.3, x: 0, y: 0 });
});

test("a picture cannot be pushed out of the window", () => {
  const place = { scale: 1, x: 0, y: 0 };
  assert.deepEqual(zoom.panned(place, 5000, -5000, view, picture), { scale: 1, x: 1000, y: -700 });
  assert.deepEqual(zoom.panned(zoom.fitted(view, picture), 50, 50, view, picture), { scale: 0.3, x: 0, y: 0 });
  // Wider than the window, but not yet as high: it moves sideways alone.
  const wide = { width: 3000, height: 300 };
  assert.deepEqual(zoom.panned({ scale: 0.5, x: 0, y: 0 }, 90, 90, view, wide), { scale: 0.5, x: 90, y: 0 });
});

test("two fingers take the picture with them", () => {
  const place = { scale: 1, x: 0, y: 0 };
  const before = [{ x: -100, y: 0 }, { x: 100, y: 0 }];
  const after = [{ x: -150, y: 40 }, { x: 250, y: 40 }];
  const pinched = zoom.pinched(place, before, after, view, picture);
  assert.equal(pinched.scale, 2);
  near(under(pinched, { x: 50, y: 40 }), under(place, CENTRE));
  assert.equal(zoom.pinched(place, [CENTRE, CENTRE], [CENTRE, CENTRE], view, picture).scale, zoom.fitted(view, picture).scale);
});

test("plus and minus undo each other", () => {
  const place = { scale: 1, x: 30, y: -20 };
  near(zoom.stepped(zoom.stepped(place, 1, view, picture), -1, view, picture), place);
});

test("another picture of another size is looked at in the same way", () => {
  const place = { scale: 1.2, x: 340, y: -200 };
  const shared = zoom.relative(place, view, picture);
  near(zoom.absolute(shared, view, picture), place);
  const small = { width: 1500, height: 1000 };
  const other = zoom.absolute(shared, view, small);
  assert.equal(other.scale, 2.4);
  near(under(other, CENTRE), { x: under(place, CENTRE).x / 2, y: under(place, CENTRE).y / 2 });
  assert.ok(zoom.isFitted(zoom.absolute({ times: 1, u: 0.5, v: 0.5 }, view, small), view, small));
});

test("a swipe goes far, and sideways", () => {
  const ways = [[-80, 10], [80, -10], [-40, 0], [-80, 60]].map(([dx, dy]) => zoom.swipe(dx, dy));
  assert.deepEqual(ways, [1, -1, 0, 0]);
});
