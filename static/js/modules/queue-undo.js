import { dismissedWords, stoppedWords } from "../logic/queue-words.js";
import { post } from "./calls.js";
import { toast } from "./toast.js";

/**
 * Second thoughts about the queue. The server tells of each act by its moment (app/playground/telling.py):
 * `darkroom:stopped` { waiting, started, at, job_id? }, `darkroom:dismissed` { count, at }.
 */
export function listenForQueueUndo(scope) {
  scope.addEventListener("darkroom:stopped", ({ detail }) => stopped(detail));
  scope.addEventListener("darkroom:dismissed", ({ detail }) => dismissed(detail));
}

function stopped({ waiting, started, at, job_id: id }) {
  if (!waiting && !started) return;
  const words = stoppedWords({ waiting, started });
  if (waiting) offer({ ...words, undo: () => ask("/api/queue/uncancel", { at }, "waiting") });
  else if (id) offer({ ...words, word: "Retry", undo: () => ask(`/api/jobs/${encodeURIComponent(id)}/retry`) });
  else toast({ title: words.text, detail: words.detail, icon: "minus" });
}

function dismissed({ count, at }) {
  if (count) offer({ text: dismissedWords({ count }), undo: () => ask("/api/queue/undismiss", { at }, "shown") });
}

function offer(what) {
  document.dispatchEvent(new CustomEvent("darkroom:undoable", { detail: { icon: "minus", ...what } }));
}

/** Take an act back, and show how things stand after it. counted: the answer's name for how much came back. */
async function ask(url, body, counted) {
  const answer = await post(url, body);
  document.dispatchEvent(new CustomEvent("darkroom:resync"));
  if (counted && !answer[counted]) throw new Error("It has been changed since.");
}
