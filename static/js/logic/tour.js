/**
 * The tour as a place among its steps. shown: which steps have something to point at here, as booleans. `at` is an index
 * of a shown step, or -1 once it is over.
 */
export function begin(shown) {
  return shown.indexOf(true);
}

export function next(at, shown) {
  return shown.indexOf(true, at + 1);
}

export function back(at, shown) {
  const earlier = shown.lastIndexOf(true, at - 1);
  return at > 0 && earlier >= 0 ? earlier : at;
}

/** "2 of 4", counted among those that are shown. */
export function place(at, shown) {
  return { number: shown.slice(0, at + 1).filter(Boolean).length, count: shown.filter(Boolean).length };
}

const GAP = 12;

/**
 * Where the card stands: beside its target where there is room, else below or above it, never off the screen.
 * target: { left, top, right, bottom }; card, room: { width, height }. Gives { left, top }.
 */
export function beside(target, card, room) {
  const top = clamp(target.top, GAP, room.height - card.height - GAP);
  const inside = (x) => clamp(x, GAP, room.width - card.width - GAP);
  if (target.right + GAP + card.width <= room.width) return { left: inside(target.right + GAP), top };
  if (target.left - GAP - card.width >= 0) return { left: inside(target.left - GAP - card.width), top };
  const left = inside(target.left);
  const below = Math.max(GAP, target.bottom + GAP);
  if (below + card.height + GAP <= room.height) return { left, top: below };
  return { left, top: clamp(target.top - GAP - card.height, GAP, room.height - card.height - GAP) };
}

const clamp = (value, low, high) => Math.max(low, Math.min(value, high));
