// Where pictures stand that are not on the page. Mirrors what the browser does with picture-grid.css: rows of a flex box
// that are stretched to the full width, the last one excepted; or squares; or, on a phone, one column.

/**
 * Cut items into the rows they stand in. items: [{ id, ratio }]; layout: { kind: "rows" | "square" | "column", width,
 * row, gap, foot } in px, foot being what stands under a picture of a column. Returns [{ items, height }].
 */
export function rowsOf(items, layout) {
  if (layout.kind === "column") {
    return items.map((item) => ({ items: [item], height: layout.width / item.ratio + layout.foot }));
  }
  return layout.kind === "square" ? squares(items, layout) : justified(items, layout);
}

function squares(items, { width, row, gap }) {
  const columns = Math.max(1, Math.floor((width + gap) / (row + gap)));
  const side = (width - (columns - 1) * gap) / columns;
  return Array.from({ length: Math.ceil(items.length / columns) }, (_, at) => ({
    items: items.slice(at * columns, (at + 1) * columns),
    height: side,
  }));
}

function justified(items, { width, row, gap }) {
  const rows = [];
  let current = [];
  let used = 0;
  const close = (isLast) => {
    const ratios = current.reduce((sum, { ratio }) => sum + ratio, 0);
    const room = width - (current.length - 1) * gap;
    rows.push({ items: current, height: isLast ? Math.min(row, room / ratios) : room / ratios });
    current = [];
    used = 0;
  };
  for (const item of items) {
    const wide = item.ratio * row;
    if (current.length && used + gap + wide > width + 0.01) close(false);
    used += (current.length ? gap : 0) + wide;
    current.push(item);
  }
  if (current.length) close(true);
  return rows;
}

/** The height of rows with gaps between them. */
export function heightOf(rows, gap) {
  return rows.reduce((sum, { height }) => sum + height, 0) + Math.max(0, rows.length - 1) * gap;
}

/**
 * Which of the rows that start at `top` lie in the window [from, to], as [first, end) with at least `least` items around
 * what is seen, so that a request is worth its while; null where none does.
 */
export function rowsInWindow(rows, gap, top, [from, to], least = 36) {
  let [first, end] = [-1, -1];
  let y = top;
  rows.forEach(({ height }, at) => {
    if (y + height > from && y < to) {
      if (first < 0) first = at;
      end = at + 1;
    }
    y += height + gap;
  });
  if (first < 0) return null;
  const count = () => rows.slice(first, end).reduce((sum, { items }) => sum + items.length, 0);
  while (count() < least && (first > 0 || end < rows.length)) {
    if (end < rows.length) end += 1;
    if (first > 0) first -= 1;
  }
  return [first, end];
}

/** The smallest id above this one: a list "after" it starts with the picture itself. Ids are UUIDs, ordered as numbers. */
export function justAbove(id) {
  const digits = (BigInt(`0x${id.replaceAll("-", "")}`) + 1n).toString(16).padStart(32, "0");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
