import { addressOf } from "../logic/brought.js";

/**
 * Pictures dropped anywhere on the page, or pasted into it. files(list) takes files, found({ id } or { url }) a picture
 * by its address; over(is) tells that something hangs above the page.
 */
export function followDropsAndPastes({ files, found, over, most }) {
  let depth = 0;
  let ours = false;
  const hang = (is) => {
    depth = is ? depth : 0;
    over(is);
  };
  const wanted = ({ dataTransfer, target }) => {
    if (!dataTransfer || ours || target.closest?.("dialog")) return false;
    return dataTransfer.types.includes("Files") || dataTransfer.types.includes("text/uri-list");
  };
  document.addEventListener("dragstart", ({ target }) => {
    // A link or words of this page on their way into a field are no picture.
    ours = !target.closest?.("[data-picture], img");
  });
  document.addEventListener("dragend", () => {
    ours = false;
    hang(false);
  });
  document.addEventListener("dragenter", (event) => {
    if (!wanted(event)) return;
    depth += 1;
    hang(true);
  });
  document.addEventListener("dragleave", () => {
    depth -= 1;
    if (depth <= 0) hang(false);
  });
  document.addEventListener("dragover", (event) => {
    if (!wanted(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  document.addEventListener("drop", async (event) => {
    hang(false);
    if (event.defaultPrevented || !wanted(event)) return;
    const { dataTransfer } = event;
    if (dataTransfer.files.length) {
      event.preventDefault();
      files(await unfolded(dataTransfer, most));
      return;
    }
    const address = addressOf(dataTransfer.getData("text/uri-list"), window.location.origin);
    if (!address) return;
    event.preventDefault();
    found(address);
  });
  document.addEventListener("paste", (event) => {
    const pasted = [...(event.clipboardData?.files ?? [])];
    if (pasted.length) {
      event.preventDefault();
      files(pasted);
      return;
    }
    if (document.activeElement?.matches("input, textarea, [contenteditable]") || document.querySelector("dialog:modal")) return;
    const address = addressOf(event.clipboardData?.getData("text/plain") ?? "", window.location.origin);
    if (!address) return;
    event.preventDefault();
    found(address);
  });
}

/** The line for an address, which a button shows: Enter and "Add" take what it holds. */
export function followAddressLine(root, found) {
  const toggle = root.querySelector("[data-address]");
  const row = root.querySelector("[data-address-row]");
  const input = row.querySelector("input");
  const open = (is) => {
    row.hidden = !is;
    toggle.setAttribute("aria-expanded", String(is));
    (is ? input : toggle).focus();
  };
  const add = () => {
    const address = addressOf(input.value, window.location.origin);
    if (address) {
      input.removeAttribute("aria-invalid");
      input.value = "";
      found(address);
    } else {
      input.setAttribute("aria-invalid", "true");
    }
    row.querySelector("[data-address-error]").hidden = Boolean(address);
    input.focus();
  };
  toggle.addEventListener("click", () => open(row.hidden));
  row.querySelector("[data-address-add]").addEventListener("click", add);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      open(false);
    }
    // Enter alone would send the form.
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    add();
  });
}

/** Dropped files, folders opened, as many as are taken. What is not yet read is only there during the event itself. */
async function unfolded(dataTransfer, most) {
  const entries = [...dataTransfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  const folders = entries.filter((entry) => entry?.isDirectory);
  if (!folders.length) return [...dataTransfer.files];
  const names = new Set(folders.map(({ name }) => name));
  const files = [...dataTransfer.files].filter((file) => !names.has(file.name));
  for (const folder of folders) await gather(folder, files, most);
  return files;
}

async function gather(folder, files, most) {
  const reader = folder.createReader();
  for (;;) {
    const entries = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!entries.length) return;
    for (const entry of entries) {
      if (files.length >= most || entry.name.startsWith(".")) continue;
      if (entry.isDirectory) await gather(entry, files, most);
      else files.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    }
  }
}
