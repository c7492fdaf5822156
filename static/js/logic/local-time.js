/**
 * A moment as people read it: "20 Nov 2026, 18:30", in the reader's time zone or in `zone`.
 * iso: with its offset, or "Z". What is no moment comes back as null.
 */
export function localTime(iso, zone) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return null;
  const parts = new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: zone,
  }).formatToParts(at);
  const found = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return `${found.day} ${found.month.slice(0, 3)} ${found.year}, ${found.hour}:${found.minute}`;
}
