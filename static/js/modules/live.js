import { backoff } from "../logic/backoff.js";
import { toast } from "./toast.js";

const SIGNED_OUT = 1008;
const SOCKET_TRIES = 3;
const SOCKET_AGAIN_MS = 60_000;
const TICK_MS = 5_000;
// Longer than this without a tick, and the machine or the page slept.
const SLEPT_MS = 15_000;
const WORDS = { opening: "Connecting", live: "Live", polling: "Live, by polling", lost: "Reconnecting", ended: "Signed out" };

/**
 * The page's ear: one WebSocket from the cursor the page was rendered at; a long poll where none gets through.
 * Every event becomes a `darkroom:<type>` on the document, with its data as detail.
 */
export class Live {
  constructor(body) {
    this.url = body.dataset.live;
    this.pollUrl = body.dataset.livePoll;
    this.cursor = body.dataset.liveCursor ?? "";
    this.attempt = 0;
    this.sockets = 0;
    this.shown = document.getElementById("connection");
    this.ticked = Date.now();
    setInterval(() => document.hidden || this.tick(), TICK_MS);
    document.addEventListener("visibilitychange", () => this.looked());
    document.addEventListener("resume", () => this.renew());
    window.addEventListener("offline", () => this.letGo());
    for (const type of ["online", "focus"]) window.addEventListener(type, () => this.lookUp());
    // Instead of being led away to sign in, with everything typed lost.
    document.addEventListener("htmx:beforeOnLoad", (event) => this.answered(event));
    window.addEventListener("pageshow", (event) => event.persisted && this.renew());
    this.connect();
  }

  connect() {
    clearTimeout(this.timer);
    this.sockets += 1;
    const address = new URL(this.url, window.location.href);
    address.protocol = address.protocol.replace("http", "ws");
    if (this.cursor) address.searchParams.set("after", this.cursor);
    let opened = false;
    const socket = new WebSocket(address);
    this.socket = socket;
    socket.addEventListener("open", () => {
      opened = true;
      this.attempt = 0;
      this.sockets = 0;
      this.show("live");
      // Without a cursor nothing can be replayed: look at how things stand instead.
      if (!this.cursor) this.tell({ type: "resync", data: {} });
    });
    socket.addEventListener("message", (event) => this.tell(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => {
      if (this.socket !== socket) return;
      if (event.code === SIGNED_OUT) this.end();
      else if (!opened && this.sockets >= SOCKET_TRIES) this.poll();
      else this.again(() => this.connect());
    });
  }

  again(what) {
    this.show("lost");
    this.timer = setTimeout(what, backoff(this.attempt, { watched: !document.hidden }));
    this.attempt += 1;
  }

  /** Where a proxy lets no WebSocket through. The socket is tried again every minute. */
  async poll() {
    const until = performance.now() + SOCKET_AGAIN_MS;
    this.asking = new AbortController();
    while (performance.now() < until) {
      try {
        const response = await fetch(`${this.pollUrl}?after=${encodeURIComponent(this.cursor)}`, {
          headers: { Accept: "application/json" },
          signal: this.asking.signal,
        });
        if (response.status === 401) {
          this.end();
          return;
        }
        if (!response.ok) throw new Error(`status ${response.status}`);
        const { events, after } = await response.json();
        this.attempt = 0;
        this.show("polling");
        const first = !this.cursor;
        for (const event of events) this.tell(event);
        this.cursor = after || this.cursor;
        if (first) this.tell({ type: "resync", data: {} });
      } catch {
        // It is the server that is away, not the socket that is kept out.
        this.show("lost");
        await this.rest(backoff(this.attempt, { watched: !document.hidden }));
        this.attempt += 1;
        break;
      }
    }
    this.asking = null;
    this.sockets = 0;
    this.connect();
  }

  tell({ id, type, data }) {
    if (id) this.cursor = id;
    document.dispatchEvent(new CustomEvent(`darkroom:${type}`, { detail: data }));
  }

  rest(ms) {
    return new Promise((wake) => {
      this.wake = wake;
      setTimeout(wake, ms);
    });
  }

  /** Back from a hidden tab or a tunnel: do not wait for the next try. */
  lookUp() {
    if (document.hidden || this.state !== "lost") return;
    this.attempt = 0;
    if (this.asking) this.wake?.();
    else if (!this.socket || this.socket.readyState === WebSocket.CLOSED) this.connect();
  }

  looked() {
    if (document.hidden) this.ticked = Date.now();
    else this.tick();
    this.lookUp();
  }

  tick() {
    const now = Date.now();
    if (now - this.ticked > SLEPT_MS) this.renew();
    this.ticked = now;
  }

  /** After a sleep a socket may look open for minutes, and be dead: a new one, from the same cursor, knows. */
  renew() {
    this.ticked = Date.now();
    if (this.state === "ended" || this.socket?.readyState === WebSocket.CONNECTING) return;
    this.attempt = 0;
    if (this.asking) {
      this.asking.abort();
      this.wake?.();
      return;
    }
    this.socket?.close();
    this.sockets = 0;
    this.connect();
  }

  /** A socket may not notice for minutes that the network is gone; the browser knows, and the page says so. */
  letGo() {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.socket.close();
    this.socket = null;
    this.again(() => this.connect());
  }

  answered(event) {
    if (event.detail.xhr.status !== 401) return;
    event.preventDefault();
    this.end();
  }

  end() {
    if (this.state === "ended") return;
    this.show("ended");
    toast({
      title: "You are signed out",
      detail: "Sign in again to go on. Nothing in the queue is lost.",
      icon: "key",
      act: { text: "Sign in", href: window.location.href },
      lingerMs: 3_600_000,
    });
  }

  show(state) {
    if (this.state === state || !this.shown) return;
    this.state = state;
    this.shown.dataset.connection = state;
    this.shown.querySelector("[data-connection-text]").textContent = WORDS[state];
  }
}
