import assert from "node:assert/strict";
import { test } from "node:test";
import { opensPicture, waitForCalls } from "../../static/js/called.js";

/** A page with one element that is called, and what happened on it. */
function page(called) {
  const element = { dataset: { called } };
  const found = Object.assign(new EventTarget(), {
    element,
    defaultView: Object.assign(new EventTarget(), { location: { hash: "" } }),
    querySelector: (selector) => (element.dataset.called && selector.includes(element.dataset.called) ? element : null),
    querySelectorAll: () => (element.dataset.called ? [element] : []),
  });
  return found;
}

const settled = () => new Promise((turn) => setTimeout(turn));

test("a call before its module is there is held, and told again once it is bound", async () => {
  const at = page("palette");
  const heard = [];
  let come;
  waitForCalls(at, {
    fetch: () => {},
    bind: () => new Promise((done) => (come = done)).then(() => at.addEventListener("darkroom:open-palette", (event) => heard.push(event.detail))),
  });
  const call = () => at.dispatchEvent(new CustomEvent("darkroom:open-palette", { detail: "commands", cancelable: true }));
  assert.equal(call(), false);
  assert.deepEqual(heard, []);
  come();
  await settled();
  assert.deepEqual(heard, ["commands"]);
  assert.equal(at.element.dataset.module, "palette");
  call();
  assert.deepEqual(heard, ["commands", "commands"]);
});

test("what cannot be had lets the call through", async () => {
  const at = page("palette");
  waitForCalls(at, { fetch: () => {}, bind: async () => {} });
  const passed = [];
  at.addEventListener("darkroom:open-palette", (event) => passed.push(event.defaultPrevented));
  at.dispatchEvent(new CustomEvent("darkroom:open-palette", { cancelable: true }));
  await settled();
  assert.deepEqual(passed, [true, false]);
});

test("the first sign of a hand fetches what may be called, once", () => {
  const at = page("lightbox");
  const fetched = [];
  waitForCalls(at, { fetch: (name) => fetched.push(name), bind: () => {} });
  assert.deepEqual(fetched, []);
  at.dispatchEvent(new Event("pointermove"));
  at.dispatchEvent(new Event("keydown"));
  assert.deepEqual(fetched, ["lightbox"]);
});

test("the tour of a first visit, or one that was begun on another page, needs no call", async () => {
  const bound = [];
  const visit = async (change) => {
    const at = page("tour");
    change(at);
    waitForCalls(at, { fetch: () => {}, bind: (element) => bound.push(element.dataset.module) });
    await settled();
  };
  await visit(() => {});
  assert.deepEqual(bound, []);
  await visit((at) => (at.defaultView.location.hash = "#show-round"));
  await visit((at) => (at.element.dataset.firstVisit = ""));
  assert.deepEqual(bound, ["tour", "tour"]);
});

test("only a plain click on a picture opens it over its grid", () => {
  const click = (more = {}) => ({ target: { closest: () => ({}) }, button: 0, ...more });
  assert.equal(opensPicture(click()), true);
  for (const more of [{ button: 1 }, { ctrlKey: true }, { metaKey: true }, { shiftKey: true }, { altKey: true }, { defaultPrevented: true }]) {
    assert.equal(opensPicture(click(more)), false);
  }
  assert.equal(opensPicture({ target: { closest: () => null }, button: 0 }), false);
});
