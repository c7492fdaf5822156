const AWAY_MS = 5 * 60_000;

/** Since when somebody was away, given when they last looked (ms, or null) and now; null if they were not. */
export function awaySince(seenMs, nowMs) {
  return seenMs && nowMs - seenMs > AWAY_MS ? seenMs : null;
}
