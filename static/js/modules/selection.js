import { walk } from "../logic/grid-walk.js";
import { Picked } from "../logic/picked.js";
import { announce } from "./announce.js";
import { isTrash } from "./picture-card.js";

const CARD = "[data-grid] [data-picture]";
const orders = [];
let picked = new Picked();

export const selected = () => [...picked.ids];

/** Say where more pictures stand than the page shows: `ids()` gives all of a grid in reading order, shown or not. */
export function knowOrder(ids) {
  orders.push(ids);
}

export function select(ids) {
  set(new Picked(ids, ids.at(-1) ?? null));
}

/**
 * A selection over every picture of every `[data-grid]`, by checkbox, Ctrl or Shift click and keys, and by what
 * lasso.js sees a hand do. It is a list of ids, so it outlives any swap of the page; `darkroom:select` { ids } tells of every change.
 */
export function listenForSelection(scope) {
  scope.addEventListener("click", clicked, true);
  scope.addEventListener("change", ({ target }) => {
    if (target.matches("[data-select]")) set(picked.toggle(idOf(target)));
  });
  scope.addEventListener("darkroom:select-key", ({ detail }) => pressed(detail));
  scope.addEventListener("darkroom:pictures", ({ detail }) => show(detail.root));
  scope.addEventListener("htmx:load", (event) => show(event.detail.elt));
  scope.addEventListener("darkroom:marked", ({ detail }) => {
    const { trashed } = detail.changes;
    if (trashed !== undefined && trashed !== isTrash()) set(picked.without(detail.ids));
  });
  scope.addEventListener("click", ({ target }) => {
    if (target.closest?.("[data-select-none]")) set(new Picked());
    if (target.closest?.("[data-select-all]")) set(new Picked(idsInOrder()));
  });
  scope.addEventListener("darkroom:pick", ({ detail }) => pick(detail));
}

/** What a hand drew or pressed: `ids` are added to `to`, or turned over, and the next range starts from the first. */
function pick({ ids, to = picked.ids, turn = false }) {
  if (turn) set(ids.reduce((all, id) => all.toggle(id), picked));
  else set(new Picked([...to, ...ids], ids[0] ?? picked.anchor));
}

function set(next) {
  const before = picked;
  picked = next;
  if (next.equals(before)) return;
  show(document);
  const count = next.ids.length;
  if (count !== before.ids.length) announce(count ? `${count} selected` : "Nothing selected");
  document.dispatchEvent(new CustomEvent("darkroom:select", { detail: { ids: selected() } }));
}

function show(root) {
  const cards = [...root.querySelectorAll("[data-picture]")];
  if (root.matches?.("[data-picture]")) cards.push(root);
  for (const card of cards) {
    const is = picked.has(card.dataset.id);
    card.classList.toggle("is-selected", is);
    const box = card.querySelector("[data-select]");
    if (box) box.checked = is;
  }
  if (picked.ids.length) document.body.dataset.selecting = picked.ids.length > 1 ? "many" : "one";
  else delete document.body.dataset.selecting;
}

const idOf = (element) => element.closest("[data-picture]")?.dataset.id;
const inOrder = () => [...document.querySelectorAll(CARD)].map((card) => card.dataset.id);

/** All ids in reading order, those that the page does not show at the moment included. */
export function idsInOrder() {
  for (const ids of orders) {
    const known = ids();
    if (known) return known;
  }
  return inOrder();
}

/** With Ctrl or Shift a click chooses instead of opening. On touch it does so as long as something is chosen. */
function clicked(event) {
  if (event.button !== 0) return;
  const link = event.target.closest?.(`${CARD} [data-picture-link]`);
  const box = event.target.closest?.("[data-select]");
  if (box && event.shiftKey) {
    // After this event, for a box whose click is stopped turns back to what it was.
    event.preventDefault();
    const id = idOf(box);
    setTimeout(() => set(picked.through(id, idsInOrder(), { keep: true })));
    return;
  }
  if (!link) return;
  const id = idOf(link);
  const touched = event.pointerType === "touch" && picked.ids.length > 0;
  if (!event.shiftKey && !event.ctrlKey && !event.metaKey && !touched) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.shiftKey) set(picked.through(id, idsInOrder(), { keep: event.ctrlKey || event.metaKey }));
  else set(picked.toggle(id));
  link.focus({ preventScroll: true });
}

function pressed({ how, key }) {
  if (how === "all") set(new Picked(idsInOrder(), picked.anchor));
  if (how === "none") set(new Picked());
  const links = [...document.querySelectorAll(`${CARD} [data-picture-link]`)];
  const here = links.indexOf(document.activeElement);
  if (here < 0) return;
  const id = idOf(links[here]);
  if (how === "toggle") set(picked.toggle(id));
  if (how === "only") set(picked.only(id));
  if (how === "extend") {
    const next = links[walk(links.map((link) => link.getBoundingClientRect()), here, key)];
    const from = picked.anchor && picked.has(id) ? picked : picked.only(id);
    next.focus();
    set(from.through(idOf(next), idsInOrder()));
  }
}
