import { changesFor } from "../logic/form-filling.js";

/**
 * Fill the Create form on request: `darkroom:use` { prompt?, negative_prompt?, seed?, model?, style_id?, params?, label }.
 * Exactly what is given, whatever has a field; the focus stays where it is, and all of it can be taken back.
 */
export function listenForUse(scope) {
  scope.addEventListener("darkroom:use", ({ detail }) => {
    const form = document.getElementById("create-form");
    if (!form) return;
    const before = changesFor(detail)
      .map(([name, value]) => fill(form, name, value))
      .filter(Boolean);
    if (!before.length) return;
    const undo = async () => {
      for (const [name, value] of before.toReversed()) fill(form, name, value);
    };
    const text = detail.label || "The form is filled in";
    scope.dispatchEvent(new CustomEvent("darkroom:undoable", { detail: { text, icon: "check", undo } }));
  });
}

/** Set a field. Returns [name, what it was before], or null where there is no such field or it does not take the value. */
function fill(form, name, value) {
  const field = fieldOf(form, name);
  if (!field) return null;
  const property = field.type === "checkbox" ? "checked" : "value";
  const before = field[property];
  field[property] = value;
  // A select keeps none of what is not on offer: a model or a style that is gone.
  if (field.tagName === "SELECT" && field.selectedIndex < 0) {
    field[property] = before;
    return null;
  }
  // What is given should be seen, but for the empty.
  if (value && value !== before) field.closest("details")?.setAttribute("open", "");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
  return [name, before];
}

/** Of several fields of one name (settings of several models) the one that is asked now. */
function fieldOf(form, name) {
  const found = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)].filter((field) => field.type !== "hidden" && field.type !== "file");
  return found.find((field) => !field.disabled) ?? null;
}
