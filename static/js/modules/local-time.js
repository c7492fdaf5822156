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

/** Tell the server where this clock stands, for the days of its next pages (app/web/visitor.py). */
export function tellTimeZone() {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  if (timeZone) document.cookie = `time_zone=${timeZone}; path=/; max-age=31536000; samesite=lax`;
}
