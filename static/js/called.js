const PICTURES = "[data-grid] [data-picture-link]";
const HANDS = ["pointermove", "pointerdown", "keydown"];

/** What calls for what: an event and what must be true of it. */
const CALLS = {
  lightbox: { click: opensPicture, "darkroom:open-image": always, popstate: (event) => event.state?.lightbox },
  palette: { "darkroom:open-palette": always },
  tour: { click: (event) => event.target.closest?.("[data-start-tour]") },
};

/**
 * What is called over the page says so in `data-called` instead of `data-module`: nobody waits for it, and who never
 * calls does not pay. It is fetched at the first sign of a hand and bound by the first call, which is held until then and
 * told again. Dialogs are called by opening (`darkroom:called`, dialog.js).
 *
 * fetch(name) gets the module's group, bind(element) binds what `data-module` names. What cannot be had is left out: a
 * link then leads to its page.
 */
export function waitForCalls(page, { fetch, bind }) {
  const waking = new Map();
  const wake = (element) => {
    if (!waking.has(element)) waking.set(element, bound(element, bind));
    return waking.get(element);
  };
  for (const [name, reasons] of Object.entries(CALLS)) {
    for (const [type, isMeant] of Object.entries(reasons)) {
      (type === "popstate" ? page.defaultView : page).addEventListener(type, async (event) => {
        const element = page.querySelector(`[data-called="${name}"]`);
        if (!element || event.defaultPrevented || !isMeant(event)) return;
        event.preventDefault();
        await wake(element);
        event.target.dispatchEvent(new event.constructor(event.type, event));
      });
    }
  }
  page.addEventListener("darkroom:called", ({ target }) => target.dataset.called && wake(target));
  const come = () => {
    for (const type of HANDS) page.removeEventListener(type, come);
    for (const element of page.querySelectorAll("[data-called]")) fetch(element.dataset.called);
  };
  for (const type of HANDS) page.addEventListener(type, come, { passive: true });
  // Nobody calls for the tour of a first visit, and one that was started on another page comes along to the canvas.
  const tour = page.querySelector("[data-called=tour]");
  if (tour && ("firstVisit" in tour.dataset || page.defaultView.location.hash === "#show-round")) wake(tour);
}

async function bound(element, bind) {
  element.dataset.module = `${element.dataset.module ?? ""} ${element.dataset.called}`.trim();
  await bind(element);
  delete element.dataset.called;
}

/** Whether a click is one that opens a picture over its grid. */
export function opensPicture(event) {
  const link = event.target.closest?.(PICTURES);
  const plain = !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  return Boolean(link) && plain && !event.defaultPrevented;
}

function always() {
  return true;
}
