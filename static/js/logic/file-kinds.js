const MIB = 1024 * 1024;
export const FILE_MOST_BYTES = 20 * MIB;
export const ZIP_MOST_BYTES = 64 * MIB;
const MARKS = [
  ["image", [0x89, 0x50, 0x4e, 0x47]],
  ["image", [0xff, 0xd8, 0xff]],
  ["image", [0x47, 0x49, 0x46, 0x38]],
  ["zip", [0x50, 0x4b, 0x03, 0x04]],
  ["zip", [0x50, 0x4b, 0x05, 0x06]],
];

/** What a file is by its first 12 bytes: "image", "video", "zip" or null. Its name and its type are only claims. */
export function kindOf(bytes) {
  const found = MARKS.find(([, mark]) => mark.every((byte, at) => bytes[at] === byte));
  if (found) return found[0];
  const text = String.fromCharCode(...bytes.slice(0, 12));
  if (text.startsWith("RIFF") && text.slice(8) === "WEBP") return "image";
  return text.slice(4, 8) === "ftyp" ? "video" : null;
}

/** Why a file need not be sent at all, in a sentence; "" when it may go. */
export function refusalOf(kind, size) {
  if (kind === null) return "This file is not a picture we take: send PNG, JPEG, WebP or GIF.";
  const most = kind === "zip" ? ZIP_MOST_BYTES : FILE_MOST_BYTES;
  return size > most ? `The file is larger than ${most / MIB} MiB: send a smaller one.` : "";
}
