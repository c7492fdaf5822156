// A preview that cannot be had is no picture with a torn corner, it is the dark. The next one shows it again.
const PREVIEW = "img[data-preview]";

export function hideBrokenPreviews(scope) {
  scope.addEventListener("error", ({ target }) => hide(target), true); // errors of pictures do not bubble
  for (const picture of scope.querySelectorAll(PREVIEW)) {
    if (picture.complete && picture.naturalWidth === 0) hide(picture);
  }
}

function hide(element) {
  if (element.matches?.(PREVIEW)) element.hidden = true;
}
