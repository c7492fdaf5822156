import assert from "node:assert/strict";
import { test } from "node:test";
import { mount, provide } from "../../static/js/mount.js";

const element = (module, inside = []) => ({
  dataset: { module },
  matches: () => module !== undefined,
  querySelectorAll: () => inside,
});

/** What fetches a group of classes that note who was made. Names are for one test: what is provided stays. */
function group(made, ...names) {
  const modules = Object.fromEntries(
    names.map((name) => [
      name,
      class {
        constructor(at) {
          made.push([name, at]);
        }
      },
    ]),
  );
  return async () => provide(modules);
}

test("each named module is made once for an element, however often it is seen", async () => {
  const made = [];
  const card = element("card");
  const page = element(undefined, [card]);
  const homes = { card: group(made, "card") };
  await mount(page, homes);
  await mount(card, homes);
  assert.deepEqual(made, [["card", card]]);
});

test("an element may wear several modules, and unknown names are left alone", async () => {
  const made = [];
  const home = group(made, "tray", "canvas-view");
  await mount(element("tray canvas-view nobody"), { tray: home, "canvas-view": home });
  assert.deepEqual(
    made.map(([name]) => name),
    ["tray", "canvas-view"],
  );
});

test("all wait for the last group and are made in the order of the page", async () => {
  const made = [];
  let give;
  const late = group(made, "live");
  const homes = { live: () => new Promise((done) => (give = () => late().then(done))), lamp: group(made, "lamp") };
  const page = element(undefined, [element("live"), element("lamp")]);
  const done = mount(page, homes);
  await new Promise((turn) => setTimeout(turn));
  assert.deepEqual(made, []);
  give();
  await done;
  assert.deepEqual(
    made.map(([name]) => name),
    ["live", "lamp"],
  );
});

test("what comes later is made at once where its group is here", async () => {
  const made = [];
  const homes = { stamp: group(made, "stamp") };
  await mount(element("stamp"), homes);
  mount(element("stamp"), homes);
  assert.equal(made.length, 2);
});

test("a group that cannot be had holds up nobody, and is asked for again", async () => {
  const made = [];
  const working = group(made, "zoom");
  let tries = 0;
  const homes = { zoom: () => (++tries === 1 ? Promise.reject(new Error("offline")) : working()), frame: group(made, "frame") };
  const both = element("zoom frame");
  await mount(both, homes);
  assert.deepEqual(
    made.map(([name]) => name),
    ["frame"],
  );
  await mount(both, homes);
  assert.equal(made.at(-1)[0], "zoom");
});
