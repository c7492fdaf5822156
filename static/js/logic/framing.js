/**
 * How a frame grows around a picture: the same arithmetic as app/imaging/framing.py, for the preview. Sides are
 * { left, top, right, bottom } in pixels of the picture. Pure.
 */
export const SIDES = ["left", "top", "right", "bottom"];
export const MOST = 8192;
const ANCHORS = { middle: [0.5, 0.5], left: [0, 0.5], right: [1, 0.5], top: [0.5, 0], bottom: [0.5, 1] };

/** What a shape ("16:9") or "all" adds around a picture of that size. */
export function sidesFor({ width, height }, preset, anchor = "middle") {
  if (preset === "all") {
    const [across, down] = [Math.ceil(width / 2), Math.ceil(height / 2)];
    return { left: across, top: down, right: across, bottom: down };
  }
  const [across, down] = preset.split(":").map(Number);
  const wide = width * down < height * across ? Math.ceil((height * across) / down) : width;
  const high = width * down > height * across ? Math.ceil((width * down) / across) : height;
  const [x, y] = ANCHORS[anchor];
  const [left, top] = [Math.trunc((wide - width) * x), Math.trunc((high - height) * y)];
  return { left, top, right: wide - width - left, bottom: high - height - top };
}

export const framed = ({ width, height }, { left, top, right, bottom }) => ({ width: width + left + right, height: height + top + bottom });

export const grows = (sides) => SIDES.some((side) => sides[side] > 0);

/** A handle was dragged outwards by so many pixels. */
export const dragged = (sides, side, by) => ({ ...sides, [side]: clamped(sides[side] + by) });

/** The picture was moved within its frame, which stays as large as it is. */
export function shifted(sides, dx, dy) {
  const x = Math.round(Math.min(Math.max(dx, -sides.left), sides.right));
  const y = Math.round(Math.min(Math.max(dy, -sides.top), sides.bottom));
  return { left: sides.left + x, top: sides.top + y, right: sides.right - x, bottom: sides.bottom - y };
}

/** Where the frame and the picture in it are drawn in a room of CSS px: pixels of the screen per pixel of the picture. */
export function drawn(picture, sides, room) {
  const frame = framed(picture, sides);
  const scale = Math.min(room.width / frame.width, room.height / frame.height);
  const part = (value, of) => `${(100 * value) / of}%`;
  return {
    scale,
    width: frame.width * scale,
    height: frame.height * scale,
    picture: { left: part(sides.left, frame.width), top: part(sides.top, frame.height), width: part(picture.width, frame.width), height: part(picture.height, frame.height) },
  };
}

const clamped = (value) => Math.min(Math.max(Math.round(value), 0), MOST);
