export const MOST = 2 ** 32 - 1;

/** A seed as the form takes it: whole, clamped to 0..2^32-1, or null where there is none. */
export function clampSeed(text) {
  const trimmed = String(text).trim();
  if (trimmed === "" || Number.isNaN(Number(trimmed))) return null;
  return Math.min(MOST, Math.max(0, Math.trunc(Number(trimmed))));
}

/** A fresh seed. crypto, because every tab must roll its own. */
export function rollSeed() {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}

/** A name for one submission; randomUUID exists on secure origins only. */
export function submissionKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
