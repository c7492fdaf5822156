import { localTime } from "../logic/local-time.js";

/** A <time> that the server wrote in UTC, said in the reader's own time. */
export class LocalTime {
  constructor(element) {
    element.textContent = localTime(element.dateTime) ?? element.textContent;
  }
}
