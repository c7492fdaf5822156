const mounted = new WeakMap();
const classes = new Map();

/** Tell of modules by the names that markup calls them: a group does so as soon as it is here. */
export function provide(modules) {
  for (const [name, Module] of Object.entries(modules)) classes.set(name, Module);
}

/**
 * Make one object of each class named in `data-module` (several, divided by spaces) at and below `scope`.
 * An element gets each module once, however often it is seen.
 *
 * homes: for each name what fetches its group. Where all are here already it is done at once; else when the last has come,
 * everything together in the order of the page, so that nobody tells before everybody listens. What cannot be had leaves
 * its elements as the server made them. Returns when done.
 */
export async function mount(scope, homes) {
  const away = named(scope)
    .flatMap(namesOf)
    .filter((name) => homes[name] && !classes.has(name))
    .map((name) => homes[name]);
  if (away.length) await Promise.all([...new Set(away)].map((home) => home().catch(() => null)));
  for (const element of named(scope)) bind(element);
}

function bind(element) {
  const has = mounted.get(element) ?? new Set();
  mounted.set(element, has);
  for (const name of namesOf(element)) {
    const Module = classes.get(name);
    if (has.has(name) || !Module) continue;
    has.add(name);
    try {
      new Module(element);
    } catch (error) {
      reportError(error); // as if nobody had caught it; the other parts of the page go on
    }
  }
}

function named(scope) {
  const found = [...scope.querySelectorAll("[data-module]")];
  return scope.matches?.("[data-module]") ? [scope, ...found] : found;
}

const namesOf = (element) => element.dataset.module.split(" ");
