const LINGER_MS = 8000;

/**
 * Tell of something that happened elsewhere. act: { text, run } or { text, href }; icon: a name in the sprite.
 * Stays while the pointer or the focus is on it. Returns the card.
 */
export function toast({ title, detail = "", icon = "info", act = null, lingerMs = LINGER_MS }) {
  const region = document.getElementById("toasts");
  const card = document.getElementById("toast-pattern").content.firstElementChild.cloneNode(true);
  card.querySelector("[data-title]").textContent = title;
  const line = card.querySelector("[data-detail]");
  line.textContent = detail;
  line.hidden = !detail;
  const use = card.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${icon}`));
  const close = () => card.remove();
  card.querySelector("[data-dismiss]").addEventListener("click", close);
  if (act) bindAct(card.querySelector("[data-act]"), act, close);
  region.append(card);
  while (region.children.length > 3) region.firstElementChild.remove();

  let timer = setTimeout(close, lingerMs);
  const hold = () => clearTimeout(timer);
  const release = () => {
    hold();
    timer = setTimeout(close, lingerMs);
  };
  for (const type of ["pointerenter", "focusin"]) card.addEventListener(type, hold);
  for (const type of ["pointerleave", "focusout"]) card.addEventListener(type, release);
  return card;
}

function bindAct(button, act, close) {
  button.hidden = false;
  button.textContent = act.text;
  button.addEventListener("click", () => {
    close();
    if (act.href) window.location.assign(act.href);
    else act.run();
  });
}
