const TRIES = 5;
const LONGEST_WAIT_MS = 10_000;

/** Work that goes to the server a few pieces at a time, in order. */
export class OneByOne {
  constructor(atOnce = 2) {
    this.atOnce = atOnce;
    this.waiting = [];
    this.running = 0;
  }

  /** Do `work` when its turn comes. Settles as it does; work whose `signal` was aborted meanwhile is left out. */
  add(work, signal) {
    return new Promise((resolve, reject) => {
      this.waiting.push({ work, signal, resolve, reject });
      this.next();
    });
  }

  next() {
    while (this.running < this.atOnce && this.waiting.length) {
      const { work, signal, resolve, reject } = this.waiting.shift();
      if (signal.aborted) {
        reject(signal.reason);
        continue;
      }
      this.running += 1;
      patiently(work)
        .then(resolve, reject)
        .finally(() => {
          this.running -= 1;
          this.next();
        });
    }
  }
}

/** Many pieces at once meet the allowance of calls: those try again when the server says. */
async function patiently(work) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (error.status !== 429 || tries >= TRIES || error.retryAfterMs > LONGEST_WAIT_MS) throw error;
      await new Promise((wake) => setTimeout(wake, error.retryAfterMs));
    }
  }
}
