import assert from "node:assert/strict";
import { test } from "node:test";
import { localTime } from "../../static/js/logic/local-time.js";

test("a moment is said in the reader's time zone, summer time included", () => {
  assert.equal(localTime("2026-11-20T18:30:09Z", "UTC"), "20 Nov 2026, 18:30");
  assert.equal(localTime("2026-11-20T23:30:00Z", "Europe/Berlin"), "21 Nov 2026, 00:30");
  assert.equal(localTime("2026-09-01T06:05:00Z", "America/New_York"), "1 Sep 2026, 02:05");
  assert.equal(localTime("2026-11-20T18:30:00+05:30", "UTC"), "20 Nov 2026, 13:00");
});

test("what is no moment is left as it was", () => {
  assert.equal(localTime("yesterday"), null);
});
