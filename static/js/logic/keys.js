const WALKS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);

/**
 * What a key press means here, or null. press: { key, ctrl, alt }; typing: the focus is in a field; before: the key
 * pressed just before, for "G then C"; onPicture: the focus is on a picture of the grid.
 */
export function meaning(press, { typing = false, before = null, onPicture = false } = {}) {
  if (press.ctrl && press.key === "Enter") return { act: "generate" };
  if (press.ctrl || press.alt || typing) return null;
  if (before === "g") return press.key === "c" ? { act: "canvas" } : null;
  if (press.key === "g") return { act: "wait" };
  if (press.key === "/") return { act: "prompt" };
  if (press.key === "?") return { act: "keys" };
  if (["1", "2", "4"].includes(press.key)) return { act: "batch", size: press.key };
  if (WALKS.has(press.key) && onPicture) return { act: "walk", key: press.key };
  return null;
}
