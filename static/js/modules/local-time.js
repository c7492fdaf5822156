import { localTime } from "../logic/local-time.js";

/** A <time> that the server wrote in UTC, said in the reader's own time. */
export class LocalTime {
  constructor(element) {
    element.textContent = localTime(element.dateTime) ?? element.textContent;
  }
}

/** The same for all below `scope`, which came another way than with the page or by htmx. */
export function sayLocally(scope) {
  for (const element of scope.querySelectorAll("time[data-module=local-time]")) new LocalTime(element);
}
