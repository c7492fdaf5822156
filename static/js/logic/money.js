// Prices in whole millionths of a dollar, because binary fractions cannot add up cents.
const MICROS = 1_000_000n;

/**
 * The price of `count` pictures at `unitPrice` (decimal dollars as text, "" or null for what costs nothing), rounded
 * half up to the cent: "free", "<$0.01", "$0.17", "$1 234.50".
 */
export const priceOf = (count, unitPrice) => shown(BigInt(count) * toMicros(unitPrice));

/** The price of several things together, each in decimal dollars as text; written as `priceOf` writes it. */
export const sumOf = (prices) => shown(prices.reduce((sum, price) => sum + toMicros(price), 0n));

function shown(micros) {
  if (micros === 0n) return "free";
  const cents = (micros + MICROS / 200n) / (MICROS / 100n);
  if (micros < MICROS / 100n) return "<$0.01";
  const dollars = String(cents / 100n).replace(/\B(?=(\d{3})+$)/g, "\u2009");
  return `$${dollars}.${String(cents % 100n).padStart(2, "0")}`;
}

function toMicros(price) {
  const found = /^(\d+)(?:\.(\d+))?$/.exec(price || "0");
  if (!found) return 0n;
  return BigInt(found[1]) * MICROS + BigInt((found[2] ?? "").slice(0, 6).padEnd(6, "0"));
}
