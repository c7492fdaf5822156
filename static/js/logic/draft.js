// Never kept: what is of this one page, and what only a file picker may set.
const PASSING = new Set(["hidden", "file", "submit", "button"]);

/** What is typed and chosen in a form: [[name, nth of that name, value]]. */
export function draftOf(elements) {
  const seen = new Map();
  const kept = [];
  for (const element of elements) {
    if (!element.name || PASSING.has(element.type)) continue;
    const nth = seen.get(element.name) ?? 0;
    seen.set(element.name, nth + 1);
    kept.push([element.name, nth, isChecked(element) ? element.checked : element.value]);
  }
  return kept;
}

/** Put a draft back. Returns the elements that are other than before; what the page does not have is left out. */
export function putBack(draft, elements) {
  const own = [...elements].filter(({ type }) => !PASSING.has(type));
  const changed = [];
  for (const [name, nth, value] of draft) {
    const element = own.filter((each) => each.name === name)[nth];
    if (!element) continue;
    const property = isChecked(element) ? "checked" : "value";
    const before = element[property];
    if (before === value) continue;
    element[property] = value;
    // A select takes only what is on offer: a model or a style may be gone.
    if (element.selectedIndex === -1) element[property] = before;
    else if (value !== false || element.type === "checkbox") changed.push(element);
  }
  return changed;
}

const isChecked = ({ type }) => type === "radio" || type === "checkbox";
