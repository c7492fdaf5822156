import { toast } from "./toast.js";

// The word that a batch is finished, wherever the person is by then.
export class BatchNotice {
  constructor() {
    this.expected = new Map();
    this.told = new Set();
    document.addEventListener("darkroom:batch", ({ detail }) => {
      if (detail.state === "finished") this.finished(detail);
    });
    // Where the batch is on show, its head, which the canvas fetches anew, knows how it ended.
    document.addEventListener("htmx:afterSettle", () => this.settled());
  }

  finished(batch) {
    if (this.told.has(batch.batch_id)) return;
    if (head(batch.batch_id)) {
      this.expected.set(batch.batch_id, batch);
      this.settled();
    } else {
      this.told.add(batch.batch_id);
      const act = { text: "Show", href: `/w/${encodeURIComponent(batch.workspace_id)}` };
      toast({ title: "A batch is finished", detail: images(batch.count), icon: "check", act });
    }
  }

  settled() {
    for (const id of this.expected.keys()) {
      const { ended, count, done, failed } = head(id)?.dataset ?? {};
      if (!count || ended !== count) continue;
      this.expected.delete(id);
      this.told.add(id);
      tell(Number(count), Number(done), Number(failed));
    }
  }
}

const head = (id) => document.getElementById(`tray-head-${id}`);
const images = (count) => (count === 1 ? "1 image" : `${count} images`);

function tell(count, done, failed) {
  const cancelled = count - done - failed;
  if (done === count) toast({ title: "All images complete!", detail: images(count), icon: "check" });
  else if (cancelled < count) {
    const rest = [failed && `${failed} failed`, cancelled && `${cancelled} cancelled`].filter(Boolean).join(", ");
    toast({ title: `${done} of ${images(count)} complete`, detail: rest, icon: failed ? "warning" : "check" });
  }
}
