const KEPT_MS = 10_000;

/**
 * What this page asked for a moment ago, so that it knows its own voice when the server tells all pages: two presses
 * of one key must not show the first again after the second.
 */
export class OwnChanges {
  constructor(now = () => performance.now()) {
    this.now = now;
    this.open = [];
  }

  asked(ids, changes) {
    this.open.push({ key: keyOf(ids, changes), until: this.now() + KEPT_MS });
  }

  /** Whether this was asked for here; each asking is answered once. */
  answers(ids, changes) {
    const now = this.now();
    this.open = this.open.filter(({ until }) => until > now);
    const key = keyOf(ids, changes);
    const at = this.open.findIndex((each) => each.key === key);
    if (at >= 0) this.open.splice(at, 1);
    return at >= 0;
  }
}

const keyOf = (ids, changes) => JSON.stringify([[...ids].sort(), Object.entries(changes).sort()]);
