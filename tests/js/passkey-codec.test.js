import assert from "node:assert/strict";
import { test } from "node:test";
import {
  creationOptions,
  credentialJson,
  requestOptions,
  toBytes,
  toText,
} from "../../static/js/logic/passkey-codec.js";

test("bytes survive the way to text and back, whatever they are", () => {
  for (let length = 0; length < 70; length += 1) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 37 + length) % 256);
    const text = toText(bytes.buffer);
    assert.match(text, /^[A-Za-z0-9_-]*$/);
    assert.deepEqual(toBytes(text), bytes);
  }
});

test("options for a new passkey keep their words and turn their ids into bytes", () => {
  const options = creationOptions({
    challenge: "AQI",
    rp: { id: "localhost" },
    user: { id: "Aw", name: "anna" },
    excludeCredentials: [{ type: "public-key", id: "BA" }],
  });
  assert.deepEqual(options.challenge, Uint8Array.of(1, 2));
  assert.deepEqual(options.user, { id: Uint8Array.of(3), name: "anna" });
  assert.deepEqual(options.excludeCredentials, [{ type: "public-key", id: Uint8Array.of(4) }]);
  assert.deepEqual(options.rp, { id: "localhost" });
});

test("options for signing in may name no passkey at all", () => {
  assert.deepEqual(requestOptions({ challenge: "AQ" }), { challenge: Uint8Array.of(1), allowCredentials: [] });
});

test("an answer carries what the browser gave and leaves out what it did not", () => {
  const bytes = (...values) => Uint8Array.of(...values).buffer;
  const json = credentialJson({
    id: "BQ",
    rawId: bytes(5),
    type: "public-key",
    authenticatorAttachment: null,
    response: { clientDataJSON: bytes(6), signature: bytes(7), authenticatorData: bytes(8), userHandle: null },
  });
  assert.deepEqual(json.response, { clientDataJSON: "Bg", signature: "Bw", authenticatorData: "CA" });
  assert.equal(json.rawId, "BQ");
});
