import { askFor } from "./calls.js";
import { toast } from "./toast.js";

// The word that a batch is finished, wherever the person is by then.
export class BatchNotice {
  constructor() {
    this.told = new Set();
    document.addEventListener("darkroom:batch", ({ detail }) => {
      if (detail.state === "finished") this.finished(detail);
      else this.told.delete(detail.batch_id); // begun, or begun again by a retry
    });
    document.addEventListener("darkroom:batch-ended", ({ detail }) => this.look(detail.batch_id));
  }

  /** Somebody saw that it ended, but not how: ask. Nobody waits for this, so an answer that does not come is let go. */
  async look(id) {
    if (this.told.has(id)) return;
    const batch = await askFor(`/api/batches/${encodeURIComponent(id)}`).catch(() => null);
    if (batch?.status !== "finished") return;
    const { workspace_id, count, counts } = batch;
    this.finished({ batch_id: id, workspace_id, count, done: counts.succeeded, failed: counts.failed });
  }

  finished({ batch_id: id, workspace_id: workspace, count, done = count, failed = 0 }) {
    if (this.told.has(id)) return;
    this.told.add(id);
    const cancelled = count - done - failed;
    if (cancelled === count) return; // they know, they pressed the button
    const elsewhere = !document.querySelector(`[data-workspace="${CSS.escape(workspace)}"]`);
    const title = done === count ? "All images complete!" : `${done} of ${images(count)} complete`;
    const detail = done === count ? images(count) : rest(failed, cancelled);
    const href = `/w/${encodeURIComponent(workspace)}`;
    // A page that shows each end where it happens has nothing to tell of it besides.
    const seen = !elsewhere && document.querySelector("[data-shows-ends]");
    if (!seen) toast({ title, detail, icon: failed ? "warning" : "check", act: elsewhere ? { text: "Show", href } : comparison(id, done) });
    document.dispatchEvent(new CustomEvent("darkroom:finished", { detail: { id, title, detail, href } }));
  }
}

// As many as fit beside each other.
const comparison = (id, done) => (done >= 2 && done <= 4 ? { text: "Compare", href: `/compare?batch_id=${encodeURIComponent(id)}` } : null);
const images = (count) => (count === 1 ? "1 image" : `${count} images`);
const rest = (failed, cancelled) =>
  [failed && `${failed} failed`, cancelled && `${cancelled} cancelled`].filter(Boolean).join(", ");
