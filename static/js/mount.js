const mounted = new WeakMap();
const classes = new Map();

/**
 * Make one object of each class named in `data-module` (several, divided by spaces) at and below `scope`.
 * An element gets each module once, however often it is seen.
 *
 * homes: for each name what fetches its group, () => Promise of { modules: { name: class } }. Where all groups are here it
 * is done at once; else when the last one has come, everything together in the order of the page, so that nobody tells
 * before everybody listens. A group that cannot be had leaves its elements as the server made them. Returns when done.
 */
export async function mount(scope, homes) {
  const wanted = new Set(
    named(scope)
      .flatMap(namesOf)
      .map((name) => homes[name])
      .filter((home) => home && !classes.has(home)),
  );
  if (wanted.size) await Promise.all([...wanted].map(fetched));
  for (const element of named(scope)) bind(element, homes);
}

async function fetched(home) {
  const group = await home().catch(() => null);
  if (group) classes.set(home, group.modules);
}

function bind(element, homes) {
  const has = mounted.get(element) ?? new Set();
  mounted.set(element, has);
  for (const name of namesOf(element)) {
    const Module = classes.get(homes[name])?.[name];
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
