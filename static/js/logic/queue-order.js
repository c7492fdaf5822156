/**
 * Where a dragged row would land. middles: the y of each row's middle in their order, without the dragged one; y: of the
 * dragged row's middle. Gives the index it would take among all.
 */
export function landing(middles, y) {
  const below = middles.findIndex((middle) => y < middle);
  return below === -1 ? middles.length : below;
}

/** The row to focus next: a step up or down the list, held at its ends; from nowhere, the first. */
export function stepped(index, count, step) {
  if (index === -1) return 0;
  return Math.min(count - 1, Math.max(0, index + step));
}
