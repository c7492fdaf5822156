const mounted = new WeakMap();

/**
 * Make one object of each class named in `data-module` (several, divided by spaces) at and below `scope`.
 * An element gets each module once, however often it is seen.
 */
export function mount(scope, modules) {
  const named = [...scope.querySelectorAll("[data-module]")];
  if (scope.matches?.("[data-module]")) named.unshift(scope);
  for (const element of named) {
    const has = mounted.get(element) ?? new Set();
    mounted.set(element, has);
    for (const name of element.dataset.module.split(" ")) {
      if (has.has(name) || !modules[name]) continue;
      has.add(name);
      try {
        new modules[name](element);
      } catch (error) {
        reportError(error); // as if nobody had caught it; the other parts of the page go on
      }
    }
  }
}
