/** What can be taken back, newest first. An act that is older than `most` others is settled for good. */
export class UndoStack {
  constructor(most = 50) {
    this.most = most;
    this.acts = [];
  }

  push(act) {
    this.acts.push(act);
    if (this.acts.length > this.most) this.acts.shift();
    return act;
  }

  /** The newest act, off the stack; undefined where there is none. */
  pop() {
    return this.acts.pop();
  }

  /** Take this very act off, wherever it lies. Returns whether it was still there: an act is undone once. */
  take(act) {
    const at = this.acts.indexOf(act);
    if (at < 0) return false;
    this.acts.splice(at, 1);
    return true;
  }
}
