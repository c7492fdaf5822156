import { changed, changesFor, cleanTag, pieces, shared, told, undoing } from "../logic/mark-changes.js";
import { OwnChanges } from "../logic/own-changes.js";
import { post } from "./calls.js";
import { cards, isTrash, marksOf, showMarks, showPlace } from "./picture-card.js";
import { selected } from "./selection.js";
import { toast } from "./toast.js";

const MARKS = new Set(["favourite", "reject", "rating", "tag", "untag"]);
const ICONS = { rating: "star", rejected: "reject", add_tags: "plus", remove_tags: "minus" };
const LEADS = { upscale: "upscale", video: "img2vid" };
const OTHERS = new Set(["download", "trash", "restore", "compare", ...Object.keys(LEADS)]);
const own = new OwnChanges();

/**
 * What is done to pictures, by a button `[data-act]` or by `darkroom:act` { act, value?, ids? } (keys). A button acts on
 * the picture it stands in, one in `[data-bulk-bar]` on the selection; a key on what targets() finds. Cards change at
 * once; a refusal takes it back and says so. Every act is told as `darkroom:marked` { ids, changes } and can be undone.
 */
export function listenForMarks(scope) {
  scope.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-act]");
    if (!button?.dataset.act || !acts(button.dataset.act)) return;
    const ids = idsOf(button);
    if (!ids.length) return;
    event.preventDefault();
    act(button.dataset.act, ids, valueOf(button, ids));
  });
  scope.addEventListener("submit", (event) => {
    const form = event.target.closest?.("form[data-act]");
    if (!form) return;
    event.preventDefault();
    const field = form.querySelector("[data-act-value]");
    if (cleanTag(field.value)) act(form.dataset.act, idsOf(form), field.value.trim());
    field.value = "";
  });
  scope.addEventListener("darkroom:act", ({ detail }) => {
    const ids = detail.ids ?? targets();
    if (ids.length && acts(detail.act)) act(detail.act, ids, detail.value);
  });
  scope.addEventListener("darkroom:marks", ({ detail }) => heard(detail));
  scope.addEventListener("darkroom:select", showBars);
  scope.addEventListener("darkroom:marked", showBars);
  scope.addEventListener("htmx:load", showBars);
}

/** A click on the star that all of them have already takes their rating off, as it does without a script. */
function valueOf({ dataset }, ids) {
  const same = dataset.act === "rating" && ids.every((id) => marksOf(id).rating === Number(dataset.value));
  return same ? "0" : dataset.value;
}

const acts = (name) => MARKS.has(name) || OTHERS.has(name);

/** What a key is about: the open picture, else the selection, else what has the focus or the pointer. */
export function targets() {
  const open = document.querySelector("dialog[open] [data-open-picture], [data-open-picture]");
  if (open) return [open.dataset.openPicture];
  if (selected().length) return selected();
  const card = document.activeElement.closest("[data-picture]") ?? document.querySelector("[data-picture]:hover");
  return card ? [card.dataset.id] : [];
}

function idsOf(element) {
  if (element.closest("[data-bulk-bar]")) return selected();
  const one = element.closest("[data-picture], [data-id], [data-open-picture]");
  return one ? [one.dataset.id ?? one.dataset.openPicture] : selected();
}

function act(name, ids, value) {
  if (name === "download") return download(ids);
  if (name === "compare") return window.location.assign(`/compare?ids=${ids.slice(0, 4).join(",")}`);
  if (LEADS[name]) return window.location.assign(`/images/${ids[0]}/start?operation=${LEADS[name]}`);
  if (name === "trash" || name === "restore") return putAside(ids, name === "trash");
  return mark(ids, changesFor(name, ids.map(marksOf), value));
}

/** Change the marks of pictures. */
async function mark(ids, changes) {
  const before = new Map(ids.map((id) => [id, marksOf(id)]));
  const show = (marks) => ids.forEach((id) => showMarks(id, marks(before.get(id))));
  show((marks) => changed(marks, changes));
  try {
    const was = [];
    for (const some of pieces(ids)) was.push(...(await write(some, changes)).before);
    tell(ids, changes);
    offerUndo(told(changes, was.length), ICONS[Object.keys(changes)[0]] ?? "heart", () => writeBack(changes, was));
  } catch (error) {
    show((marks) => marks);
    refuse(error);
  }
}

function write(ids, changes) {
  own.asked(ids, changes);
  return post("/api/images/marks", { ids, ...changes });
}

/** Something was marked or put aside: here, which is shown already, or in another tab or on another device. */
function heard({ ids, changes }) {
  if (own.answers(ids, changes)) return;
  if ("trashed" in changes) {
    const hide = changes.trashed !== isTrash();
    const neighbour = hide && nextOf(ids);
    for (const id of ids) showPlace(id, hide);
    if (neighbour) neighbour.focus();
    if (!hide) lookAgain(ids);
  } else for (const id of ids) showMarks(id, changed(marksOf(id), changes));
  tell(ids, changes);
}

async function writeBack(changes, before) {
  for (const { ids, ...past } of undoing(changes, before)) {
    for (const some of pieces(ids)) await write(some, past);
    for (const id of ids) showMarks(id, changed(marksOf(id), past));
    tell(ids, past);
  }
}

/** Into the trash or out of it. A card that leaves stays in the page, hidden, for the moment when somebody thinks again. */
async function putAside(ids, trashed, { undoable = true } = {}) {
  const hide = trashed !== isTrash();
  const neighbour = nextOf(ids);
  for (const id of ids) showPlace(id, hide);
  if (hide) neighbour?.focus();
  try {
    for (const some of pieces(ids)) {
      own.asked(some, { trashed });
      await post(`/api/images/${trashed ? "trash" : "restore"}`, { ids: some });
    }
  } catch (error) {
    for (const id of ids) showPlace(id, !hide);
    if (!undoable) throw error;
    refuse(error);
    return;
  }
  tell(ids, { trashed });
  if (undoable) offerUndo(told({ trashed }, ids.length), "trash", () => putAside(ids, !trashed, { undoable: false }));
  if (!hide) lookAgain(ids);
}

/** What comes back may have left the page meanwhile. */
function lookAgain(ids) {
  if (ids.some((id) => !cards(id).length)) document.dispatchEvent(new CustomEvent("darkroom:resync"));
}

/** The link to go to when the focus leaves with its picture. */
function nextOf(ids) {
  const focused = document.activeElement.closest("[data-picture]");
  if (!focused || !ids.includes(focused.dataset.id)) return null;
  const all = [...document.querySelectorAll("[data-grid] li:not([hidden]) [data-picture]")];
  const here = all.indexOf(focused);
  const stays = (card) => !ids.includes(card.dataset.id);
  const next = all.slice(here + 1).find(stays) ?? all.slice(0, here).reverse().find(stays);
  return next?.querySelector("[data-picture-link]");
}

function download(ids) {
  if (ids.length === 1) {
    const link = document.createElement("a");
    link.href = `/api/images/${encodeURIComponent(ids[0])}/file`;
    link.download = "";
    link.click();
    return;
  }
  const form = document.createElement("form");
  form.method = "post";
  form.action = "/images/zip";
  form.hidden = true;
  const fields = [["csrf_token", document.querySelector("meta[name=csrf-token]").content], ...ids.map((id) => ["id", id])];
  for (const [name, value] of fields) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(form);
  form.submit();
  form.remove();
  toast({ title: `Packing ${ids.length} pictures`, detail: "The download starts in a moment.", icon: "download" });
}

function showBars() {
  const count = selected().length;
  for (const bar of document.querySelectorAll("[data-bulk-bar]")) {
    // On a narrow screen nothing else says what one selected picture is good for.
    const least = matchMedia("(max-width: 1023.98px)").matches ? 1 : Number(bar.dataset.bulkFrom ?? 1);
    bar.hidden = count < least;
    document.body.toggleAttribute("data-bulk-bar-up", !bar.hidden);
    for (const text of bar.querySelectorAll("[data-bulk-count]")) text.textContent = `${count} selected`;
    if (!bar.hidden) showShared(bar);
  }
}

/** On the bar's buttons: what all of the selected have. */
function showShared(bar) {
  const { favourite, rejected, rating } = shared(selected().map(marksOf));
  bar.querySelector("[data-act=favourite]")?.setAttribute("aria-pressed", String(favourite));
  bar.querySelector("[data-act=reject]")?.setAttribute("aria-pressed", String(rejected));
  for (const star of bar.querySelectorAll("[data-act=rating][aria-pressed]")) {
    star.setAttribute("aria-pressed", String(Number(star.dataset.value) <= rating));
  }
}

const tell = (ids, changes) => document.dispatchEvent(new CustomEvent("darkroom:marked", { detail: { ids, changes } }));

const offerUndo = (text, icon, undo) =>
  document.dispatchEvent(new CustomEvent("darkroom:undoable", { detail: { text, icon, undo } }));

function refuse(error) {
  toast({ title: "Nothing was changed", detail: error.message, icon: "warning" });
}
