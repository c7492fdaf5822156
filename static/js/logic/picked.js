/**
 * Which pictures are selected: ids, in the order they were chosen, and the one that a range starts from.
 * Pure: every act returns a new value.
 */
export class Picked {
  constructor(ids = [], anchor = null) {
    this.ids = [...new Set(ids)];
    this.anchor = anchor;
  }

  has(id) {
    return this.ids.includes(id);
  }

  only(id) {
    return new Picked([id], id);
  }

  toggle(id) {
    return new Picked(this.has(id) ? this.ids.filter((each) => each !== id) : [...this.ids, id], id);
  }

  add(ids) {
    return new Picked([...this.ids, ...ids], this.anchor);
  }

  without(ids) {
    const gone = new Set(ids);
    return new Picked(this.ids.filter((id) => !gone.has(id)), gone.has(this.anchor) ? null : this.anchor);
  }

  /**
   * Everything between the anchor and `id` in `order`, both included; what was chosen before stays if `keep`. Without an
   * anchor, or when it is not on the page any more, `id` alone.
   */
  through(id, order, { keep = false } = {}) {
    const [from, to] = [order.indexOf(this.anchor), order.indexOf(id)];
    if (from < 0 || to < 0) return keep ? this.add([id]).from(id) : this.only(id);
    const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
    return new Picked(keep ? [...this.ids, ...range] : range, this.anchor);
  }

  from(anchor) {
    return new Picked(this.ids, anchor);
  }

  equals(other) {
    return this.ids.length === other.ids.length && this.ids.every((id) => other.has(id));
  }
}

/** The rectangle between two points, as { left, top, right, bottom }. */
export function rectangle(from, to) {
  return {
    left: Math.min(from.x, to.x),
    top: Math.min(from.y, to.y),
    right: Math.max(from.x, to.x),
    bottom: Math.max(from.y, to.y),
  };
}

/** Whether two rectangles share a point inside both. */
export const overlaps = (one, other) =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
