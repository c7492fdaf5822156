import { UndoStack } from "../logic/undo-stack.js";
import { announce } from "./announce.js";
import { toast } from "./toast.js";

const stack = new UndoStack();

/**
 * One stack of what can be taken back, for the whole page. `darkroom:undoable` { text, detail?, icon?, undo, word? } tells
 * of an act in a toast with Undo (or another word); `darkroom:undo` (Ctrl+Z) takes back the newest.
 */
export function listenForUndo(scope) {
  scope.addEventListener("darkroom:undoable", ({ detail }) => offer(detail));
  scope.addEventListener("darkroom:undo", () => {
    const act = stack.pop();
    if (act) takeBack(act);
    else announce("Nothing to undo.");
  });
}

function offer({ text, detail = "", icon = "check", undo, word = "Undo" }) {
  const act = stack.push({ text, detail, icon, undo });
  act.card = toast({ title: text, detail, icon, act: { text: word, run: () => stack.take(act) && takeBack(act) } });
}

async function takeBack(act) {
  act.card.remove();
  try {
    await act.undo();
    announce(`Undone: ${act.text}`);
  } catch (error) {
    // It may be the connection, or a limit: the act stays where a second try finds it.
    stack.push(act);
    act.card = toast({
      title: `Not undone: ${act.text}`,
      detail: error.message,
      icon: "warning",
      act: { text: "Try again", run: () => stack.take(act) && takeBack(act) },
    });
  }
}
