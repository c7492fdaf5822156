/**
 * Milliseconds to wait before attempt `attempt` (0 is the first repetition): doubling from half a second to half a
 * minute, half of it by chance, so that a restarted server is not met by every tab at once. Where somebody looks on it
 * stays at seconds.
 * random: () => number in [0, 1).
 */
export function backoff(attempt, { random = Math.random, watched = false } = {}) {
  const whole = Math.min(500 * 2 ** attempt, watched ? 4_000 : 30_000);
  return Math.round(whole / 2 + (whole / 2) * random());
}
