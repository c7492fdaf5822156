import { developed } from "../logic/developing.js";
import { hasEnded, looksDifferent } from "../logic/job-states.js";
import { announce } from "./announce.js";

// Marked by htmx while their request is under way.
const READING = "#pictures.htmx-request, #tray.htmx-request";
const BUSY = `${READING}, #tray .htmx-request`;

// The canvas while pictures develop: progress moves the cards, a change of state fetches the card anew.
export class Tray {
  constructor(canvas) {
    this.canvas = canvas;
    this.workspace = canvas.dataset.workspace;
    this.title = document.title;
    this.stale = new Set();
    this.open = new Set();
    this.late = new Map(); // job -> state that was told while its card was being read
    document.addEventListener("darkroom:job", ({ detail }) => this.jobChanged(detail));
    document.addEventListener("darkroom:batch", ({ detail }) => this.batchChanged(detail));
    document.addEventListener("darkroom:notice", ({ detail }) => detail.what === "failures" && this.refresh("tray"));
    document.addEventListener("darkroom:resync", () => this.refresh("pictures"));
    canvas.addEventListener("htmx:beforeRequest", ({ detail }) => this.followUp(detail.target));
    canvas.addEventListener("click", (event) => this.unfold(event.target.closest("[data-unfold]")));
    canvas.addEventListener("htmx:afterSettle", () => this.look());
    this.look();
  }

  get cards() {
    return [...this.canvas.querySelectorAll("[data-job]")];
  }

  /** Read parts of the page anew, once nothing is under way that an answer would find gone. */
  refresh(...parts) {
    for (const part of parts) this.stale.add(part);
    clearTimeout(this.timer);
    if (document.querySelector(BUSY)) {
      this.timer = setTimeout(() => this.refresh(), 100);
      return;
    }
    if (this.stale.has("pictures")) this.stale.delete("tray"); // which is one of them
    for (const part of this.stale) signal(document.getElementById(part), "darkroom:refresh");
    this.stale.clear();
  }

  /** An answer for a card that was replaced meanwhile finds no place; what it would have told is read anew. */
  followUp(target) {
    target.addEventListener(
      "htmx:beforeSwap",
      ({ detail }) => {
        if (target.isConnected) return;
        detail.shouldSwap = false;
        this.refresh("tray");
      },
      { once: true },
    );
  }

  jobChanged(job) {
    const card = document.getElementById(`job-${job.job_id}`);
    if (!card) return;
    if (looksDifferent(card.dataset.state, job.state)) {
      if (document.querySelector(READING)) this.refresh("tray");
      // The answer on its way may be older than this, and takes the card with it that would ask again.
      else if (card.matches(".htmx-request")) this.late.set(job.job_id, job.state);
      else signal(card, "darkroom:changed");
    } else if (!hasEnded(card.dataset.state)) this.develop(card, job);
  }

  develop(card, { job_id: id, progress, preview, message }) {
    if (progress !== undefined) {
      const percent = `${Math.floor(progress * 100)}%`;
      setText(card.querySelector("[data-percent]"), percent);
      setText(document.querySelector(`#job-row-${CSS.escape(id)} [data-row-percent]`), percent);
      const bar = card.querySelector("progress");
      if (bar) bar.value = progress;
    }
    // The words of the page's making ("about 5 s left") would soon be wrong; so would an earlier message.
    setText(card.querySelector("[data-detail]"), message ?? "");
    const picture = card.querySelector("[data-preview]");
    if (!picture) return;
    for (const [name, value] of Object.entries(developed(progress))) {
      picture.style.setProperty(`--${name}`, name === "blur" ? `${value}px` : value);
    }
    if (preview) showWhenLoaded(picture, preview);
  }

  batchChanged(batch) {
    if (batch.workspace_id !== this.workspace) return;
    const known = document.getElementById(`batch-${batch.batch_id}`);
    if (batch.state === "finished") this.refresh("pictures");
    // Asked for in another tab or by the API.
    else if (!known) this.refresh("tray");
  }

  look() {
    const late = [...this.late];
    this.late.clear();
    for (const [id, state] of late) this.jobChanged({ job_id: id, state });
    this.noticeEnds();
    this.tell();
  }

  /** The word that a batch ended may be lost on the way: one that was open before and is not any more has ended. */
  noticeEnds() {
    const open = new Set(
      [...this.canvas.querySelectorAll(".tray[data-finished=false]")].map((tray) => tray.dataset.batch),
    );
    for (const id of this.open) {
      if (!open.has(id)) document.dispatchEvent(new CustomEvent("darkroom:batch-ended", { detail: { batch_id: id } }));
    }
    this.open = open;
  }

  /** The tab's title, and now and then a word to a screen reader. */
  tell() {
    const heads = [...this.canvas.querySelectorAll(".tray[data-finished=false] .tray__head")];
    const sum = (name) => heads.reduce((total, head) => total + Number(head.dataset[name]), 0);
    const [ended, count] = [sum("ended"), sum("count")];
    const waits = this.cards.some((card) => !hasEnded(card.dataset.state));
    document.title = waits && count ? `${ended} of ${count} · ${this.title}` : this.title;
    const words = waits && count ? `${ended} of ${count} images done` : "";
    if (words && words !== this.said) announce(words, { rarely: true });
    this.said = words;
  }

  unfold(button) {
    if (!button) return;
    const open = button.closest(".tray").classList.toggle("is-unfolded");
    button.setAttribute("aria-expanded", String(open));
  }
}

// htmx listens on the element itself (hx-trigger) and fetches the fragment.
function signal(element, type) {
  element?.dispatchEvent(new CustomEvent(type));
}

function setText(element, text) {
  if (element) element.textContent = text;
}

async function showWhenLoaded(picture, url) {
  const loader = new Image();
  loader.src = url;
  try {
    await loader.decode();
  } catch {
    return; // the next preview comes soon, or the picture itself
  }
  picture.src = url;
  picture.hidden = false;
}
