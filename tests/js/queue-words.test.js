import assert from "node:assert/strict";
import test from "node:test";
import { dismissedWords, stoppedWords } from "../../static/js/logic/queue-words.js";

test("a cancellation says what cannot wait again", () => {
  assert.deepEqual(stoppedWords({ waiting: 1, started: 0 }), { text: "1 job cancelled", detail: "" });
  assert.deepEqual(stoppedWords({ waiting: 3, started: 2 }), { text: "5 jobs cancelled", detail: "2 of them had begun and can only be made again." });
  assert.match(stoppedWords({ waiting: 0, started: 1 }).detail, /it can only be made again/);
  assert.match(stoppedWords({ waiting: 0, started: 2 }).detail, /they can only/);
});

test("dismissed failures are counted", () => {
  assert.equal(dismissedWords({ count: 1 }), "1 failed job dismissed");
  assert.equal(dismissedWords({ count: 4 }), "4 failed jobs dismissed");
});
