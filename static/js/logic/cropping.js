/**
 * Which part of a picture is used: { x, y, width, height } in whole pixels of the picture, always inside it. ratio: width to
 * height, or null for any. Pure.
 */
export const LEAST = 16;

export const whole = ({ width, height }) => ({ x: 0, y: 0, width, height });

/** The largest part of that shape, in the middle. */
export function shaped(picture, ratio) {
  if (!ratio) return whole(picture);
  const width = Math.min(picture.width, Math.round(picture.height * ratio));
  const height = Math.min(picture.height, Math.round(picture.width / ratio));
  return { x: Math.round((picture.width - width) / 2), y: Math.round((picture.height - height) / 2), width, height };
}

export function moved(part, dx, dy, picture) {
  const x = within(Math.round(part.x + dx), 0, picture.width - part.width);
  const y = within(Math.round(part.y + dy), 0, picture.height - part.height);
  return { ...part, x, y };
}

/** A corner ("nw", "ne", "sw", "se") is dragged; the opposite one stays where it is. */
export function resized(part, corner, dx, dy, picture, ratio = null) {
  const west = corner.endsWith("w");
  const north = corner.startsWith("n");
  const [right, bottom] = [part.x + part.width, part.y + part.height];
  const room = { width: west ? right : picture.width - part.x, height: north ? bottom : picture.height - part.y };
  let width = within(Math.round(part.width + (west ? -dx : dx)), Math.min(LEAST, room.width), room.width);
  let height = within(Math.round(part.height + (north ? -dy : dy)), Math.min(LEAST, room.height), room.height);
  if (ratio) {
    // The side that was moved leads, of two the longer, as far as both have room.
    const byHeight = Math.round(height * ratio);
    const wanted = dy === 0 ? width : dx === 0 ? byHeight : Math.max(width, byHeight);
    width = Math.min(wanted, room.width, Math.floor(room.height * ratio));
    height = Math.max(1, Math.min(Math.round(width / ratio), room.height));
  }
  return { x: west ? right - width : part.x, y: north ? bottom - height : part.y, width, height };
}

/** A number was typed; what does not fit any more gives way. */
export function typed(part, name, value, picture) {
  const number = Math.round(Number(value)) || 0;
  const [place, length] = { x: ["x", "width"], width: ["x", "width"], y: ["y", "height"], height: ["y", "height"] }[name];
  const most = picture[length];
  if (name === place) {
    const at = within(number, 0, most - Math.min(LEAST, most));
    return { ...part, [place]: at, [length]: Math.min(part[length], most - at) };
  }
  const long = within(number, Math.min(LEAST, most), most);
  return { ...part, [length]: long, [place]: Math.min(part[place], most - long) };
}

export const isWhole = (part, picture) => part.width === picture.width && part.height === picture.height;

const within = (value, least, most) => Math.min(Math.max(value, least), most);
