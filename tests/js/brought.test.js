import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, moved, sourceOf, summary, swiped, toldOf } from "../../static/js/logic/brought.js";
import { kindOf, refusalOf } from "../../static/js/logic/file-kinds.js";

const bytes = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const item = (name, state = "ready", kind = "image") => ({ name, state, kind });

test("a file is what its first bytes say", () => {
  assert.equal(kindOf(bytes("\x89PNG\r\n\x1a\n....")), "image");
  assert.equal(kindOf(bytes("\xff\xd8\xff\xe0........")), "image");
  assert.equal(kindOf(bytes("GIF89a......")), "image");
  assert.equal(kindOf(bytes("RIFF1234WEBPVP8 ")), "image");
  assert.equal(kindOf(bytes("RIFF1234WAVEfmt ")), null);
  assert.equal(kindOf(bytes("PK\x03\x04........")), "zip");
  assert.equal(kindOf(bytes("\0\0\0\x20ftypisom")), "video");
  assert.equal(kindOf(bytes("These are notes")), null);
  assert.equal(kindOf(new Uint8Array()), null);
});

test("what the server would refuse is not sent", () => {
  assert.match(refusalOf(null, 10), /not a picture we take/);
  assert.match(refusalOf("image", 21 * 2 ** 20), /larger than 20 MiB/);
  assert.match(refusalOf("zip", 65 * 2 ** 20), /larger than 64 MiB/);
  assert.equal(refusalOf("zip", 21 * 2 ** 20), "");
  assert.equal(refusalOf("image", 20 * 2 ** 20), "");
});

test("the first stored picture is the source", () => {
  assert.equal(sourceOf([]), null);
  const items = [item("a", "failed"), item("b", "sending"), item("c", "ready", "video"), item("d"), item("e")];
  assert.equal(sourceOf(items).name, "d");
});

test("moving keeps every item and the ends", () => {
  assert.deepEqual(moved(["a", "b", "c"], 0, 2), ["b", "c", "a"]);
  assert.deepEqual(moved(["a", "b", "c"], 2, 0), ["c", "a", "b"]);
  assert.deepEqual(moved(["a", "b", "c"], 1, -5), ["b", "a", "c"]);
  assert.deepEqual(moved(["a", "b", "c"], 1, 9), ["a", "c", "b"]);
});

test("the summary names the source and counts the rest", () => {
  assert.equal(summary([]), "none");
  assert.equal(summary([item("x", "failed")]), "none");
  assert.equal(summary([item("a.png")]), "a.png");
  assert.equal(summary([item("f.mp4", "ready", "video"), item("a.png"), item("b", "sending")]), "a.png and 2 more");
});

test("a swipe to the left removes, scrolling and a slip do not", () => {
  assert.equal(swiped(-150, 10, 400, 360), true);
  assert.equal(swiped(-60, 5, 60, 360), true);
  assert.equal(swiped(-60, 5, 600, 360), false);
  assert.equal(swiped(-60, 90, 60, 360), false);
  assert.equal(swiped(200, 0, 100, 360), false);
});

test("an address is a picture of ours, one from elsewhere, or nothing", () => {
  const id = "019aa0c4-7a10-7cc1-9d55-3f2b8f6f4a10";
  assert.deepEqual(addressOf(`https://here.test/images/${id}`, "https://here.test"), { id });
  assert.deepEqual(addressOf(`https://here.test/api/images/${id}/file`, "https://here.test"), { id });
  assert.equal(addressOf("https://here.test/queue", "https://here.test"), null);
  assert.deepEqual(addressOf("# from\r\nhttps://example.com/a.png\r\n", "https://here.test"), { url: "https://example.com/a.png" });
  for (const text of ["", "a fox", "javascript:alert(1)", "ftp://example.com/a.png", "https://exa mple.com"]) {
    assert.equal(addressOf(text, "https://here.test"), null);
  }
});

test("a recipe is told with its program and its words in one line", () => {
  assert.equal(toldOf({ tool: "ComfyUI", prompt: "a heron\nin fog" }), "Recipe read from ComfyUI: a heron in fog");
  assert.equal(toldOf({ seed: 1 }), "Recipe read from Darkroom");
});
