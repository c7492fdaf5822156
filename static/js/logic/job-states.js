// The states a card looks different in. The server's states are finer.
const STAGES = {
  waiting: "waiting",
  placed: "waiting",
  submitted: "running",
  running: "running",
  cancelling: "cancelling",
  succeeded: "succeeded",
  failed: "failed",
  cancelled: "cancelled",
};
const ENDED = new Set(["succeeded", "failed", "cancelled"]);

export const hasEnded = (state) => ENDED.has(state);

/**
 * Whether a card showing `shown` must be fetched anew on hearing `told`.
 * Progress that arrives after the end is stale; only a retry, which starts by waiting, opens an ended job again.
 */
export function looksDifferent(shown, told) {
  if (STAGES[shown] === STAGES[told]) return false;
  if (hasEnded(shown) && !hasEnded(told)) return STAGES[told] === "waiting";
  return told in STAGES;
}
