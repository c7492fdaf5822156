import { wishOf } from "../logic/form-filling.js";
import { rollSeed, submissionKey } from "../logic/seeds.js";
import { announce } from "./announce.js";
import { askFor } from "./calls.js";
import { toast } from "./toast.js";

const LABELS = { prompt: "The prompt", seed: "The seed", all: "All of it", like: "All of it, with a new seed,", modify: "All of it" };

/**
 * "Use" of what a picture was made with: a button or link `[data-use]` (prompt, seed, all, like, modify) in anything that
 * has a `data-id`. Reading never changes the form; this asks it to fill itself, with `darkroom:use`. On a page without
 * the form the server fills it. A form `[data-run]` asks for the same once more, and stays on the page.
 */
export function listenForUses(scope) {
  scope.addEventListener("submit", run);
  scope.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-use]");
    const id = button?.closest("[data-id]")?.dataset.id;
    if (!id || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    use(button.dataset.use, id);
  });
}

/** What comes of it stands in the tray, which hears of the batch by itself; elsewhere a notice leads there. */
async function run(event) {
  const form = event.target.closest?.("form[data-run]");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  const answer = await fetch(form.action, {
    method: "POST",
    headers: { "HX-Request": "true", Accept: "application/json" },
    body: new FormData(form),
  }).catch(() => null);
  button.disabled = false;
  if (!answer?.ok) {
    const found = await answer?.json().catch(() => null);
    toast({ title: "Nothing was queued", detail: found?.error?.message ?? "Try again in a moment.", icon: "warning" });
    return;
  }
  form.elements.idempotency_key.value = submissionKey();
  announce("Queued.");
  const tray = document.getElementById("tray");
  if (tray) document.dispatchEvent(new CustomEvent("darkroom:resync"));
  if (tray && !form.closest("dialog")) return;
  toast({ title: "Queued", detail: "It develops on the canvas.", icon: "check", act: tray ? null : { text: "Show", href: form.dataset.run } });
}

async function use(what, id) {
  if (!document.getElementById("create-form")) {
    window.location.assign(`/images/${encodeURIComponent(id)}/start?use=${what}`);
    return;
  }
  try {
    const { recipe } = await askFor(`/api/images/${encodeURIComponent(id)}`);
    document.dispatchEvent(new CustomEvent("darkroom:use", { detail: { ...wish(what, recipe), label: `${LABELS[what]} is in the form` } }));
    document.dispatchEvent(new CustomEvent("darkroom:open-panel"));
    if (what === "modify") document.getElementById("prompt").focus();
  } catch (error) {
    toast({ title: "The recipe could not be read", detail: error.message, icon: "warning" });
  }
}

const wish = (what, recipe) => ({ ...wishOf(recipe, what), ...(what === "like" && { seed: rollSeed() }) });
