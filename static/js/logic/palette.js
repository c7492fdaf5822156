const START = 8; // of a word
const RUN = 5; // right after the letter before
const FIRST = 6; // of the whole label

/**
 * Entries that answer a query, best first. entries: { label, words? } in their natural order, words: other names for the
 * same. Gives [{ entry, marks }], marks: the places in the label that matched. An empty query keeps everything as it is.
 */
export function rank(query, entries) {
  const wanted = plain(query).replace(/\s+/g, "");
  if (!wanted) return entries.map((entry) => ({ entry, marks: [] }));
  return entries
    .map((entry, order) => {
      const own = match(wanted, plain(entry.label));
      const other = match(wanted, plain(entry.words ?? ""));
      if (own && (!other || own.score >= other.score)) return { entry, order, ...own };
      return other && { entry, order, score: other.score - START, marks: own?.marks ?? [] };
    })
    .filter(Boolean)
    .sort((a, b) => b.score - a.score || a.order - b.order)
    .map(({ entry, marks }) => ({ entry, marks }));
}

/**
 * The best way to find the letters of `wanted` in `text`, in their order: { score, marks }, or null. Beginnings of words
 * and letters side by side count more, distance and length count against it.
 */
export function match(wanted, text) {
  const letters = [...wanted];
  const places = [...text];
  // best[i]: the best score of letters 0..here whose last one stands at place i, with the way there.
  let best = places.map((letter, at) =>
    letter === letters[0] ? { score: worth(places, at) - at * 0.1, marks: [at] } : null,
  );
  for (const letter of letters.slice(1)) {
    let before = null;
    best = places.map((here, at) => {
      const side = best[at - 1];
      const farther = best[at - 2];
      if (farther && (!before || farther.score > before.score)) before = farther;
      if (here !== letter) return null;
      const far = before && { score: before.score + worth(places, at) - 2, marks: [...before.marks, at] };
      const near = side && { score: side.score + RUN, marks: [...side.marks, at] };
      return near && (!far || near.score >= far.score) ? near : far;
    });
  }
  const found = best.reduce((top, each) => (each && (!top || each.score > top.score) ? each : top), null);
  return found && { score: found.score - places.length * 0.05, marks: found.marks };
}

function worth(places, at) {
  if (at === 0) return START + FIRST;
  return /[\p{L}\p{N}]/u.test(places[at - 1]) ? 1 : START;
}

/** Without case and accents, one letter for one letter, so that places stay what they are. */
function plain(text) {
  return [...text].map((letter) => [...letter.normalize("NFD").toLowerCase()][0]).join("");
}
