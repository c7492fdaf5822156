/**
 * Where a picture stands in the window it is looked at through. A place is { scale, x, y }: CSS px per pixel of the
 * picture, and how far the picture's middle is from the window's, in CSS px. view and picture are { width, height }; points are
 * measured from the window's middle. Pure.
 */
export const MOST = 8;
const STEP = 1.25;

/** All of it, as large as the window allows, but never larger than it is. */
export function fitted(view, picture) {
  return { scale: Math.min(view.width / picture.width, view.height / picture.height, 1), x: 0, y: 0 };
}

/** The nearest place that is allowed: not smaller than fitted, no gap beside the picture while it is larger than the window. */
export function bounded({ scale, x, y }, view, picture) {
  const size = allowed(scale, view, picture);
  const room = (length, window) => Math.max(0, (length * size - window) / 2);
  return { scale: size, x: within(x, room(picture.width, view.width)), y: within(y, room(picture.height, view.height)) };
}

/** Another scale; what is under `point` stays there as far as the bounds allow. */
export function zoomed(place, scale, point, view, picture) {
  const size = allowed(scale, view, picture);
  const grown = size / place.scale;
  return bounded({ scale: size, x: point.x - (point.x - place.x) * grown, y: point.y - (point.y - place.y) * grown }, view, picture);
}

/** One press of + (way 1) or - (way -1), around the middle. */
export const stepped = (place, way, view, picture) => zoomed(place, place.scale * STEP ** way, { x: 0, y: 0 }, view, picture);

export const panned = (place, dx, dy, view, picture) => bounded({ ...place, x: place.x + dx, y: place.y + dy }, view, picture);

/** Two fingers moved: `before` and `after` are pairs of points. What lay between them still does. */
export function pinched(place, before, after, view, picture) {
  const [from, to] = [middle(before), middle(after)];
  const grown = distance(after) / Math.max(distance(before), 1);
  return panned(zoomed(place, place.scale * grown, from, view, picture), to.x - from.x, to.y - from.y, view, picture);
}

export const isFitted = (place, view, picture) => place.scale <= fitted(view, picture).scale * 1.001;

/** The same place without any size in it, to look at another picture, or through another window, in the same way. */
export function relative({ scale, x, y }, view, picture) {
  return {
    times: scale / fitted(view, picture).scale,
    u: 0.5 - x / (picture.width * scale),
    v: 0.5 - y / (picture.height * scale),
  };
}

export function absolute({ times, u, v }, view, picture) {
  const scale = fitted(view, picture).scale * times;
  return bounded({ scale, x: (0.5 - u) * picture.width * scale, y: (0.5 - v) * picture.height * scale }, view, picture);
}

const allowed = (scale, view, picture) => Math.min(Math.max(scale, fitted(view, picture).scale), MOST);
const within = (value, room) => Math.min(Math.max(value, -room), room) || 0;
const middle = ([one, other]) => ({ x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 });
const distance = ([one, other]) => Math.hypot(one.x - other.x, one.y - other.y);

const SWIPE_PX = 56;

/** Which way a finger that moved so far wants to go: 1 left to the next, -1 right, 0 nowhere. */
export function swipe(dx, dy) {
  if (Math.abs(dx) <= SWIPE_PX || Math.abs(dx) <= 2 * Math.abs(dy)) return 0;
  return dx < 0 ? 1 : -1;
}
