import { kindOf, refusalOf } from "../logic/file-kinds.js";
import { askFor, send } from "./calls.js";
import { OneByOne } from "./one-by-one.js";
import { toast } from "./toast.js";
import { followDropsAndPastes } from "./ways-in.js";

const FILES_MOST = 50;
const NEVER = new AbortController().signal;

/**
 * Files dropped on the library, or pasted into it, are kept. One alone opens at once: its recipe is read there, and fills
 * the form only on "Use".
 */
export class LibraryDrops {
  constructor(library) {
    this.line = new OneByOne();
    const veil = library.querySelector("[data-drop-veil]");
    followDropsAndPastes({
      most: FILES_MOST,
      files: (files) => this.keep(files.map((file) => [file.name, () => sendFile(file)])),
      found: (address) => this.found(address),
      over: (is) => (veil.hidden = !is),
    });
  }

  found({ id, url }) {
    if (id) open(id);
    else this.keep([[url, async () => ({ images: [await askFor("/api/images/fetch", { method: "POST", body: { url } })] })]]);
  }

  /** ways: [name, () => Promise of { images, left_out? }]. */
  async keep(ways) {
    const taken = ways.slice(0, FILES_MOST);
    const answers = await Promise.all(
      taken.map(([name, way]) => this.line.add(way, NEVER).catch(({ message }) => ({ images: [], left_out: [{ name, message }] }))),
    );
    const images = answers.flatMap((answer) => answer.images);
    const refused = answers.flatMap((answer) => answer.left_out ?? []);
    for (const { name, message } of refused.slice(0, 3)) toast({ title: name, detail: message, icon: "warning" });
    if (!images.length) return;
    document.dispatchEvent(new CustomEvent("darkroom:resync"));
    if (images.length === 1) open(images[0].id);
    else toast({ title: `${images.length} pictures are in the library`, icon: "check" });
  }
}

const open = (id) => document.dispatchEvent(new CustomEvent("darkroom:open-image", { detail: { id } }));

async function sendFile(file) {
  const kind = kindOf(new Uint8Array(await file.slice(0, 12).arrayBuffer()));
  const refusal = refusalOf(kind, file.size);
  if (refusal) throw new Error(refusal);
  const form = new FormData();
  form.append("file", file, file.name);
  const told = { progress: () => null, signal: NEVER };
  return kind === "zip" ? send("/api/images/zip", form, told) : { images: [await send("/api/images", form, told)] };
}
