// Between the tags of a card's data-tags: a tag is one line.
const BETWEEN = "\n";

/** Every card of a picture, wherever on the page. */
export const cards = (id) => [...document.querySelectorAll(`[data-picture][data-id="${CSS.escape(id)}"]`)];

/** What a picture's card says of it; a picture that is not on the page counts as unmarked. */
export function marksOf(id) {
  const { favourite, rejected, rating, tags } = cards(id)[0]?.dataset ?? {};
  return {
    favourite: favourite === "true",
    rejected: rejected === "true",
    rating: Number(rating ?? 0),
    tags: tags ? tags.split(BETWEEN) : [],
  };
}

/** Show these marks on every card of a picture. */
export function showMarks(id, { favourite, rejected, rating, tags }) {
  for (const card of cards(id)) {
    Object.assign(card.dataset, { favourite, rejected, rating, tags: tags.join(BETWEEN) });
    for (const heart of card.querySelectorAll("[data-act=favourite]")) {
      heart.setAttribute("aria-pressed", String(favourite));
      const use = heart.querySelector("use");
      use?.setAttribute("href", use.getAttribute("href").replace(/#.*/, favourite ? "#heart-full" : "#heart"));
    }
    for (const cross of card.querySelectorAll("[data-act=reject]")) cross.setAttribute("aria-pressed", String(rejected));
    for (const star of card.querySelectorAll("[data-act=rating]")) {
      star.setAttribute("aria-pressed", String(Number(star.dataset.value) <= rating && rating > 0));
    }
    const stars = card.querySelector("[data-stars]");
    if (stars) {
      stars.hidden = rating === 0;
      stars.querySelector("[data-stars-text]").textContent = rating;
    }
    const cross = card.querySelector("[data-rejected-mark]");
    if (cross) cross.hidden = !rejected;
    for (const list of card.querySelectorAll("[data-tag-list]")) showTags(list, tags);
  }
}

function showTags(list, tags) {
  for (const item of list.querySelectorAll(":scope > [data-tag]")) item.remove();
  const pattern = list.querySelector("template").content.firstElementChild;
  list.prepend(
    ...tags.map((tag) => {
      const item = pattern.cloneNode(true);
      const button = item.querySelector("button");
      button.dataset.value = tag;
      button.setAttribute("aria-label", `Remove the tag ${tag}`);
      item.querySelector("[data-tag-name]").textContent = tag;
      return item;
    }),
  );
}

/** Hide the places a picture has in grids, or show them again. */
export function showPlace(id, hidden) {
  for (const card of cards(id)) {
    const place = card.closest("[data-grid] > *");
    if (place) place.hidden = hidden;
  }
}

/** Whether this page shows what was thrown away: there, what is restored leaves. */
export const isTrash = () => document.querySelector("[data-grid][data-trash]") !== null;
