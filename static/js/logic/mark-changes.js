/** The marks a picture can have, as its card carries them. */
export const UNMARKED = { favourite: false, rejected: false, rating: 0, tags: [] };

/**
 * What pressing the key or the button `act` means for pictures that have `marks` (one for each): one body for
 * POST /api/images/marks, without ids. A toggle goes on unless all of them have it already.
 */
export function changesFor(act, marks, value) {
  if (act === "favourite") return { favourite: !marks.every((each) => each.favourite) };
  if (act === "reject") return { rejected: !marks.every((each) => each.rejected) };
  if (act === "rating") return { rating: Number(value) };
  if (act === "tag") return { add_tags: [cleanTag(value)] };
  if (act === "untag") return { remove_tags: [value] };
  return null;
}

/** A tag as the server keeps it: one line in lower case; "#" is how people write a tag, not part of it. */
export const cleanTag = (text) => text.replace(/\s+/g, " ").trim().replace(/^[# ]+/, "").toLowerCase();

/** What all of several pictures have, to show on buttons that are about all of them: { favourite, rejected, rating }. */
export function shared(marks) {
  const all = (name) => marks.length > 0 && marks.every((each) => each[name]);
  const same = marks.every((each) => each.rating === marks[0].rating);
  return { favourite: all("favourite"), rejected: all("rejected"), rating: marks.length > 0 && same ? marks[0].rating : 0 };
}

/** A picture's marks after `changes`. */
export function changed(marks, { add_tags: add = [], remove_tags: remove = [], ...values }) {
  const tags = [...new Set([...marks.tags, ...add])].filter((tag) => !remove.includes(tag)).sort();
  return { ...marks, ...values, tags };
}

/**
 * The requests that write back what was: bodies for POST /api/images/marks, pictures with the same past together.
 * before: as the answer to `changes` gave it, [{ id, favourite, rejected, rating, tags }].
 */
export function undoing(changes, before) {
  const groups = new Map();
  for (const { id, ...was } of before) {
    const past = pastOf(changes, was);
    if (!past) continue;
    const key = JSON.stringify(past);
    if (!groups.has(key)) groups.set(key, { ids: [], ...past });
    groups.get(key).ids.push(id);
  }
  return [...groups.values()];
}

function pastOf({ add_tags: add = [], remove_tags: remove = [], ...values }, was) {
  const past = Object.fromEntries(Object.keys(values).map((name) => [name, was[name]]));
  const added = add.filter((tag) => !was.tags.includes(tag));
  const removed = remove.filter((tag) => was.tags.includes(tag));
  if (added.length) past.remove_tags = added;
  if (removed.length) past.add_tags = removed;
  return Object.keys(past).length ? past : null;
}

/** A list in pieces of at most `most`: how many pictures one request may name. */
export function pieces(list, most = 500) {
  return Array.from({ length: Math.ceil(list.length / most) }, (_, at) => list.slice(at * most, (at + 1) * most));
}

const pictures = (count) => (count === 1 ? "1 picture" : `${count} pictures`);

/** What happened, in words for the toast. */
export function told(changes, count) {
  const many = pictures(count);
  if ("favourite" in changes) return changes.favourite ? `${many} kept as favourite` : `${many} no favourite any more`;
  if ("rejected" in changes) return changes.rejected ? `${many} rejected` : `${many} not rejected any more`;
  if ("rating" in changes) return changes.rating ? `${many} rated ${changes.rating} of 5` : `Rating of ${many} cleared`;
  if (changes.add_tags) return `${many} tagged ${changes.add_tags.join(", ")}`;
  if (changes.remove_tags) return `${changes.remove_tags.join(", ")} removed from ${many}`;
  return changes.trashed ? `${many} in the trash` : `${many} restored`;
}
