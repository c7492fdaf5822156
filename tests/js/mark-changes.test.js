import assert from "node:assert/strict";
import { test } from "node:test";
import { changed, changesFor, cleanTag, pieces, shared, told, undoing, UNMARKED } from "../../static/js/logic/mark-changes.js";

const kept = { ...UNMARKED, favourite: true };

test("a toggle over several goes on unless all have it", () => {
  assert.deepEqual(changesFor("favourite", [kept, UNMARKED]), { favourite: true });
  assert.deepEqual(changesFor("favourite", [kept, kept]), { favourite: false });
  assert.deepEqual(changesFor("reject", [kept]), { rejected: true });
  assert.deepEqual(changesFor("rating", [kept], "4"), { rating: 4 });
  assert.equal(changesFor("dance", [kept]), null);
});

test("a card shows what the changes make of it", () => {
  assert.deepEqual(changed({ ...kept, tags: ["fox"] }, { rating: 3, add_tags: ["dawn", "fox"] }), {
    favourite: true,
    rejected: false,
    rating: 3,
    tags: ["dawn", "fox"],
  });
  assert.deepEqual(changed({ ...kept, tags: ["fox"] }, { remove_tags: ["fox"] }).tags, []);
});

test("undoing writes back each picture's own past, equal pasts in one request", () => {
  const before = [
    { id: "a", ...UNMARKED, rating: 2 },
    { id: "b", ...UNMARKED },
    { id: "c", ...UNMARKED, rating: 2 },
  ];
  assert.deepEqual(undoing({ rating: 5 }, before), [
    { ids: ["a", "c"], rating: 2 },
    { ids: ["b"], rating: 0 },
  ]);
});

test("undoing a tag leaves it where it was before", () => {
  const before = [
    { id: "a", ...UNMARKED, tags: ["fox"] },
    { id: "b", ...UNMARKED },
  ];
  assert.deepEqual(undoing({ add_tags: ["fox"] }, before), [{ ids: ["b"], remove_tags: ["fox"] }]);
  assert.deepEqual(undoing({ remove_tags: ["fox"] }, before), [{ ids: ["a"], add_tags: ["fox"] }]);
});

test("more pictures than one request may name go in several", () => {
  assert.deepEqual(pieces([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]);
  assert.deepEqual(pieces([]), []);
});

test("the toast says how many and what", () => {
  assert.equal(told({ trashed: true }, 1), "1 picture in the trash");
  assert.equal(told({ rating: 0 }, 3), "Rating of 3 pictures cleared");
  assert.equal(told({ add_tags: ["fox"] }, 2), "2 pictures tagged fox");
});

test("a tag is told as the server keeps it", () => {
  assert.equal(cleanTag("  # Blue   Hour "), "blue hour");
  assert.equal(cleanTag(" # "), "");
  assert.deepEqual(changesFor("tag", [], "#Sea"), { add_tags: ["sea"] });
});

test("a button about several pictures shows what all of them have", () => {
  const one = { favourite: true, rejected: false, rating: 3, tags: [] };
  assert.deepEqual(shared([one, { ...one, rejected: true }]), { favourite: true, rejected: false, rating: 3 });
  assert.deepEqual(shared([one, { ...one, favourite: false, rating: 4 }]), { favourite: false, rejected: false, rating: 0 });
  assert.deepEqual(shared([]), { favourite: false, rejected: false, rating: 0 });
});
