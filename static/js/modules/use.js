import { changesFor } from "../logic/form-filling.js";

// Told as one: "960 × 640".
const SIZE = new Set(["aspect", "width", "height"]);

/**
 * Fill the Create form on request: `darkroom:use` { prompt?, negative_prompt?, seed?, model?, style_id?, size?, params?,
 * operation?, source?, mask?, whole?, label }. Exactly what is given, whatever has a field; the focus stays where it is,
 * and all of it can be taken back at once. The toast tells what was filled in. Who keeps more than fields (the pictures
 * brought along) hears `darkroom:filling` { wish, takeBack } before, and gives takeBack(undo) what takes back its part.
 */
export function listenForUse(scope) {
  scope.addEventListener("darkroom:use", ({ detail }) => {
    const form = document.getElementById("create-form");
    if (!form) return;
    const undos = [];
    const takeBack = (undo) => undos.push(undo);
    form.dispatchEvent(new CustomEvent("darkroom:filling", { detail: { wish: detail, takeBack } }));
    const told = detail.size ? [`${detail.size.width} × ${detail.size.height}`] : [];
    const set = ([name, value]) => {
      const done = fill(form, name, value);
      if (!done) return;
      takeBack(() => fill(form, name, done.before));
      if (done.words) told.push(done.words);
    };
    const changes = changesFor(detail, shapesOf(form));
    changes.forEach(set);
    if (detail.whole) rest(form, new Set(changes.map(([name]) => name))).forEach(set);
    if (!undos.length) return;
    const undo = async () => undos.toReversed().forEach((each) => each());
    const text = detail.label || "The form is filled in";
    scope.dispatchEvent(new CustomEvent("darkroom:undoable", { detail: { text, detail: told.join(" · "), icon: "check", undo } }));
  });
}

/** Which sizes have a button of their own: { "1024x768": "4:3" }. */
function shapesOf(form) {
  return Object.fromEntries([...form.querySelectorAll("[name=aspect][data-size]")].map(({ dataset, value }) => [dataset.size, value]));
}

/** The settings that were not named, as they are when nobody sets them. */
function rest(form, named) {
  const fields = [...form.querySelectorAll("[data-asked-at] :is(input, select)")].filter((field) => !field.disabled && !named.has(field.name));
  return fields.map((field) => [field.name, field.type === "checkbox" ? false : (field.dataset.rest ?? "")]);
}

/**
 * Set a field. Returns { before, words }: what it was, and how to tell what it is now (empty for nothing); null where
 * there is no such field or it does not take the value.
 */
function fill(form, name, value) {
  const field = fieldOf(form, name, value);
  if (!field) return null;
  const chosen = field.type === "radio" ? [...form.elements[name]].find((each) => each.checked) : field;
  const property = field.type === "checkbox" || field.type === "radio" ? "checked" : "value";
  const before = field.type === "radio" ? chosen?.value : field[property];
  field[property] = field.type === "radio" ? true : value;
  // A select keeps none of what is not on offer: a model or a style that is gone.
  if (field.tagName === "SELECT" && field.selectedIndex < 0) {
    field[property] = before;
    return null;
  }
  // What is given should be seen, but for the empty.
  if (value && value !== before) field.closest("details")?.setAttribute("open", "");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
  return { before, words: value && !SIZE.has(name) ? words(field, value) : "" };
}

function words(field, value) {
  const named = field.labels[0]?.firstElementChild ?? field.labels[0];
  const label = named?.textContent.trim() ?? field.getAttribute("aria-label");
  if (field.tagName === "SELECT") return (field.selectedOptions[0].dataset.name ?? field.selectedOptions[0].textContent).trim();
  return field.tagName === "TEXTAREA" || value === true ? label : `${label} ${value}`;
}

/** Of several fields of one name the one that is asked now (settings of several models), or that has the value (a choice). */
function fieldOf(form, name, value) {
  const found = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)].filter((field) => field.type !== "hidden" && field.type !== "file");
  if (found[0]?.type === "radio") return found.find((field) => field.value === value) ?? null;
  return found.find((field) => !field.disabled) ?? null;
}
