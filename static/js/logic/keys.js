const WALKS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);
// After a G.
const PLACES = { c: "canvas", l: "library", q: "queue", w: "workspaces" };
// What a letter does to the selected, focused or open picture; marks.js and inspector.js perform it.
const PICTURE_ACTS = { f: "favourite", x: "reject", c: "compare", u: "upscale", v: "video", d: "download", Delete: "trash" };

/**
 * What a key press means here, or null. press: { key, code, ctrl, alt, shift }; typing: the focus is in a field; before:
 * the key pressed just before, for "G then C"; onPicture: the focus is on a picture of the grid; onGrid: there is one;
 * selecting: some are selected.
 */
export function meaning(press, { typing = false, before = null, onPicture = false, onGrid = false, selecting = false } = {}) {
  if (press.ctrl && press.key === "Enter") return { act: "generate" };
  if (press.ctrl && press.key === "k" && !press.alt && !press.shift) return { act: "palette" };
  if (press.ctrl && !press.alt && !press.shift && !typing) {
    if (press.key === "z") return { act: "undo" };
    if (press.key === "a" && onGrid) return { act: "select", how: "all" };
  }
  if (press.ctrl || press.alt || typing) return null;
  if (before === "g") return PLACES[press.key] ? { act: PLACES[press.key] } : null;
  if (press.key === "g") return { act: "wait" };
  if (press.key === "/") return { act: "prompt" };
  if (press.key === "?") return { act: "keys" };
  if (["1", "2", "4"].includes(press.key)) return { act: "batch", size: press.key };
  if (WALKS.has(press.key) && onPicture) {
    return press.shift ? { act: "select", how: "extend", key: press.key } : { act: "walk", key: press.key };
  }
  if (press.key === " " && onPicture) return { act: "select", how: "toggle" };
  if (press.key === "i" && onPicture) return { act: "select", how: "only" };
  if (press.key === "Escape" && selecting) return { act: "select", how: "none" };
  // By its place, for Shift turns a digit into another sign on most keyboards.
  const digit = press.shift && /^Digit([0-5])$/.exec(press.code ?? "")?.[1];
  if (digit) return { act: "picture", name: "rating", value: digit };
  if (PICTURE_ACTS[press.key] && !press.shift) return { act: "picture", name: PICTURE_ACTS[press.key] };
  return null;
}
