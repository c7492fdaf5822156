const jobs = (count) => (count === 1 ? "1 job" : `${count} jobs`);

/**
 * What a cancellation did, in words for the toast: { text, detail }. waiting: jobs that had not started and can wait
 * again; started: jobs that may have been sent, and can only be made again.
 */
export function stoppedWords({ waiting, started }) {
  if (!waiting) return { text: `${jobs(started)} cancelled`, detail: `Work had begun: ${one(started)} can only be made again.` };
  return { text: `${jobs(waiting + started)} cancelled`, detail: started ? `${started} of them had begun and can only be made again.` : "" };
}

const one = (count) => (count === 1 ? "it" : "they");

export const dismissedWords = ({ count }) => (count === 1 ? "1 failed job dismissed" : `${count} failed jobs dismissed`);
