/** A call of our own API that it did not grant; the message is the server's sentence for people. */
export class Refused extends Error {}

/** POST `body` as JSON. Returns the answer. Throws Refused, or TypeError where no answer came. */
export async function post(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
    },
    body: JSON.stringify(body),
  });
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(found.error?.message ?? found.message ?? "The server refused this.");
  return found;
}
