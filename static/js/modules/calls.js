/** Why a call of our own API failed, in the server's words for people. */
export class CallFailed extends Error {
  constructor(message, status, retryAfterMs) {
    super(message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Any call of our own. body: an object to go as JSON, or a FormData to go as a form. Returns the answer's JSON, or null when it has none.
 * Throws CallFailed, or AbortError by the signal.
 */
export async function askFor(url, { method = "GET", body, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = token();
  const isForm = body instanceof FormData;
  if (body !== undefined && !isForm) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(url, { method, headers, signal, body: body === undefined || isForm ? body : JSON.stringify(body) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new CallFailed("Darkroom cannot be reached. Try again in a moment.", 0, 0);
  }
  const found = await answer.json().catch(() => null);
  if (!answer.ok) throw refusal(answer.status, found, answer.headers.get("Retry-After"));
  return found;
}

/** POST `body` as JSON. Returns the answer's JSON. Throws CallFailed. */
export const post = (url, body) => askFor(url, { method: "POST", body });

/** Send a file, with `progress` told from 0 to 1. The same answers as `askFor`; `signal` ends it. */
export function send(url, form, { progress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", token());
    request.upload.addEventListener("progress", ({ loaded, total }) => total && progress(loaded / total));
    request.addEventListener("load", () => {
      if (request.status < 300) resolve(request.response);
      else reject(refusal(request.status, request.response, request.getResponseHeader("Retry-After")));
    });
    request.addEventListener("error", () => reject(new CallFailed("Darkroom cannot be reached. Try again in a moment.", 0, 0)));
    request.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    signal.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

const token = () => document.querySelector("meta[name=csrf-token]").content;

function refusal(status, found, retryAfter) {
  const message = found?.error?.message ?? found?.message ?? "The server refused this.";
  return new CallFailed(message, status, 1000 * (Number(retryAfter) || 1));
}
