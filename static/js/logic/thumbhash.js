// The blurred stand-in of a picture, from about 25 bytes in base64. Mirrors app/imaging/thumbhash.py; the bytes follow
// the public ThumbHash format (https://evanw.github.io/thumbhash/).
const COLOUR_TERMS = 3;
const ALPHA_TERMS = 5;

/** The stand-in as { width, height, rgba } with the longer side `side` px. Null for a text that is no hash. */
export function decode(text, side = 32) {
  const data = bytesOf(text);
  if (!data || data.length < 5) return null;
  const head = data[0] | (data[1] << 8) | (data[2] << 16);
  const tail = data[3] | (data[4] << 8);
  const hasAlpha = Boolean(head >> 23);
  const more = hasAlpha ? 5 : 7;
  const [wide, high] = tail >> 15 ? [more, tail & 7] : [tail & 7, more];
  const [width, height] = sizeOf(wide, high, side);
  let at = hasAlpha ? 12 : 10;
  const nibble = () => {
    const byte = data[at >> 1];
    return ((at++ & 1 ? byte >> 4 : byte & 15) / 7.5) - 1;
  };
  const plane = (across, down, mean, scale) => {
    const terms = order(across, down).map(([column, row]) => [column, row, 2 * scale * nibble()]);
    return spread(terms, mean, across, down, width, height);
  };
  const [across, down] = [Math.max(3, wide), Math.max(3, high)];
  const count = order(across, down).length + 2 * order(COLOUR_TERMS, COLOUR_TERMS).length;
  const needed = at + count + (hasAlpha ? order(ALPHA_TERMS, ALPHA_TERMS).length : 0);
  if (data.length * 2 < needed) return null;

  const light = plane(across, down, (head & 63) / 63, ((head >> 18) & 31) / 31);
  // The differences lose some strength to quantising; the format gives a quarter back.
  const warm = plane(COLOUR_TERMS, COLOUR_TERMS, ((head >> 6) & 63) / 31.5 - 1, (((tail >> 3) & 63) / 63) * 1.25);
  const rosy = plane(COLOUR_TERMS, COLOUR_TERMS, ((head >> 12) & 63) / 31.5 - 1, (((tail >> 9) & 63) / 63) * 1.25);
  const alpha = hasAlpha ? plane(ALPHA_TERMS, ALPHA_TERMS, (data[5] & 15) / 15, (data[5] >> 4) / 15) : null;

  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const blue = light[pixel] - (2 / 3) * warm[pixel];
    const red = (3 * light[pixel] - blue + rosy[pixel]) / 2;
    // Cut off, not rounded, as the server does.
    rgba.set([red, red - rosy[pixel], blue, alpha ? alpha[pixel] : 1].map(level), pixel * 4);
  }
  return { width, height, rgba };
}

const level = (value) => Math.trunc(255 * Math.min(1, Math.max(0, value)));

function bytesOf(text) {
  try {
    return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  } catch {
    return null;
  }
}

function sizeOf(wide, high, side) {
  const ratio = Math.max(1, wide) / Math.max(1, high);
  const rounded = (value) => Math.max(1, Math.floor(value + 0.5));
  return ratio > 1 ? [side, rounded(side / ratio)] : [rounded(side * ratio), side];
}

/** The frequencies kept, in the order they are stored: a triangle without its corner. */
function order(wide, high) {
  const kept = [];
  for (let row = 0; row < high; row += 1) {
    for (let column = 0; column * high < wide * (high - row); column += 1) {
      if (column || row) kept.push([column, row]);
    }
  }
  return kept;
}

function spread(terms, mean, across, down, width, height) {
  const [columns, rows] = [cosines(across, width), cosines(down, height)];
  const plane = new Float32Array(width * height).fill(mean);
  for (const [column, row, value] of terms) {
    for (let y = 0; y < height; y += 1) {
      const part = value * rows[row][y];
      for (let x = 0; x < width; x += 1) plane[y * width + x] += part * columns[column][x];
    }
  }
  return plane;
}

const cosines = (terms, length) =>
  Array.from({ length: terms }, (_, term) =>
    Float32Array.from({ length }, (_, at) => Math.cos((Math.PI / length) * (at + 0.5) * term)),
  );
