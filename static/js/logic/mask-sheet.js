/**
 * A mask as it is painted: one byte a pixel, 255 where the picture is to be repainted. Every stroke, inversion and
 * clearing can be taken back and done again. Rectangles are { x, y, width, height } in pixels. Pure.
 */
export class MaskSheet {
  constructor(width, height, most = 60) {
    Object.assign(this, { width, height, most });
    this.data = new Uint8Array(width * height);
    this.done = [];
    this.undone = [];
  }

  get whole() {
    return { x: 0, y: 0, width: this.width, height: this.height };
  }

  /** How much of the picture is painted, 0 to 1. */
  get share() {
    let painted = 0;
    for (const level of this.data) painted += level ? 1 : 0;
    return painted / this.data.length;
  }

  /** A stroke begins: all of it is one thing to take back. */
  begin() {
    this.before = this.data.slice();
    this.touched = null;
  }

  /**
   * The next piece of the stroke, with round ends: from and to are { x, y, radius }. value: 255 paints, 0 wipes.
   * Returns the rectangle that changed, or null when all of it lies beside the picture.
   */
  paint(from, to, value) {
    const reach = Math.max(from.radius, to.radius);
    const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - reach));
    const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - reach));
    const right = Math.min(this.width, Math.ceil(Math.max(from.x, to.x) + reach) + 1);
    const bottom = Math.min(this.height, Math.ceil(Math.max(from.y, to.y) + reach) + 1);
    if (right <= left || bottom <= top) return null;
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const length = dx * dx + dy * dy;
    for (let y = top; y < bottom; y += 1) {
      for (let x = left; x < right; x += 1) {
        const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y];
        const along = length ? Math.min(1, Math.max(0, (px * dx + py * dy) / length)) : 0;
        const [ox, oy] = [px - along * dx, py - along * dy];
        const radius = from.radius + along * (to.radius - from.radius);
        if (ox * ox + oy * oy <= radius * radius) this.data[y * this.width + x] = value;
      }
    }
    const changed = { x: left, y: top, width: right - left, height: bottom - top };
    this.touched = this.touched ? joined(this.touched, changed) : changed;
    return changed;
  }

  /** The stroke is over. */
  end() {
    if (this.touched) this.remember(this.touched, this.before);
    this.before = this.touched = null;
  }

  /** The stroke was none: a second finger came. Returns what to draw again. */
  abandon() {
    const { before, touched } = this;
    if (before) this.data = before;
    this.before = this.touched = null;
    return touched;
  }

  invert() {
    return this.change((level) => 255 - level);
  }

  clear() {
    return this.change(() => 0);
  }

  /** Take over a mask: levels, one a pixel; what is at least half white is painted. */
  load(levels) {
    let at = 0;
    return this.change(() => (levels[at++] >= 128 ? 255 : 0));
  }

  undo() {
    return this.swap(this.done, this.undone);
  }

  redo() {
    return this.swap(this.undone, this.done);
  }

  change(of) {
    const before = this.data.slice();
    this.data = this.data.map(of);
    this.remember(this.whole, before);
    return this.whole;
  }

  remember(rect, from) {
    this.done.push({ rect, levels: cut(from, this.width, rect) });
    if (this.done.length > this.most) this.done.shift();
    this.undone = [];
  }

  swap(stack, other) {
    const step = stack.pop();
    if (!step) return null;
    const { rect, levels } = step;
    other.push({ rect, levels: cut(this.data, this.width, rect) });
    for (let row = 0; row < rect.height; row += 1) {
      this.data.set(levels.subarray(row * rect.width, (row + 1) * rect.width), (rect.y + row) * this.width + rect.x);
    }
    return rect;
  }
}

/** Sides of a sheet for a picture: the same, or scaled down so that the longer is at most `most`. */
export function sheetSize({ width, height }, most = 2048) {
  const scale = Math.min(1, most / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Where on the picture, in its pixels from the top left, a point of the window lies (both as logic/zoom.js has them). */
export const onPicture = (point, place, picture) => ({
  x: (point.x - place.x) / place.scale + picture.width / 2,
  y: (point.y - place.y) / place.scale + picture.height / 2,
});

/** And back. */
export const onView = (spot, place, picture) => ({
  x: (spot.x - picture.width / 2) * place.scale + place.x,
  y: (spot.y - picture.height / 2) * place.scale + place.y,
});

/** A pen's touch makes a stroke from a third to all of the brush; a finger and a mouse have no pressure to tell. */
export const pressed = (radius, { pointerType, pressure }) => (pointerType === "pen" && pressure > 0 ? radius * (0.33 + 0.67 * pressure) : radius);

/** The edge softened over `radius` pixels to either side: levels 0 to 255. The border of the picture is no edge. */
export function softened(data, width, height, radius) {
  const reach = Math.round(radius);
  if (reach < 1) return data.slice();
  let levels = data;
  for (const half of [Math.ceil(reach / 2), Math.floor(reach / 2)]) {
    if (half) levels = blurred(blurred(levels, width, height, half, 1, width), height, width, half, width, 1);
  }
  return levels;
}

/** Mask levels as the opaque grey pixels of a PNG. */
export function asGrey(levels) {
  const pixels = new Uint8ClampedArray(levels.length * 4);
  for (let at = 0; at < levels.length; at += 1) pixels.fill(levels[at], at * 4, at * 4 + 3);
  for (let at = 3; at < pixels.length; at += 4) pixels[at] = 255;
  return pixels;
}

/** Pixels of any mask file as levels: brightness counts, and what is transparent counts as black. */
export function fromPixels(pixels) {
  const levels = new Uint8Array(pixels.length / 4);
  for (let at = 0; at < levels.length; at += 1) {
    const [red, green, blue, alpha] = pixels.subarray(at * 4, at * 4 + 4);
    levels[at] = Math.round(((red * 0.299 + green * 0.587 + blue * 0.114) * alpha) / 255);
  }
  return levels;
}

/** The mean of 2 * half + 1 neighbours along lines of `length`; step: from pixel to pixel, stride: from line to line. */
function blurred(levels, length, lines, half, step, stride) {
  const out = new Uint8Array(levels.length);
  const span = 2 * half + 1;
  for (let line = 0; line < lines; line += 1) {
    const first = line * stride;
    const last = first + (length - 1) * step;
    let sum = levels[first] * (half + 1);
    for (let at = 1; at <= half; at += 1) sum += levels[Math.min(first + at * step, last)];
    for (let at = 0; at < length; at += 1) {
      out[first + at * step] = Math.round(sum / span);
      sum += levels[Math.min(first + (at + half + 1) * step, last)] - levels[Math.max(first + (at - half) * step, first)];
    }
  }
  return out;
}

function cut(levels, width, rect) {
  const part = new Uint8Array(rect.width * rect.height);
  for (let row = 0; row < rect.height; row += 1) {
    const from = (rect.y + row) * width + rect.x;
    part.set(levels.subarray(from, from + rect.width), row * rect.width);
  }
  return part;
}

function joined(one, other) {
  const [x, y] = [Math.min(one.x, other.x), Math.min(one.y, other.y)];
  const right = Math.max(one.x + one.width, other.x + other.width);
  const bottom = Math.max(one.y + one.height, other.y + other.height);
  return { x, y, width: right - x, height: bottom - y };
}
