from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.outbound import Patience
from app.providers.contract import (
    Cancelled,
    ErrorKind,
    Handle,
    Operation,
    Outputs,
    Progress,
    ProviderError,
)
from app.providers.gemini import Gemini
from app.providers.gemini.wire import Wire
from app.providers.waiting import Rhythm
from tests.app.imaging.files import opened
from tests.support.asking import EXPAND, SOURCE_PX, history, only, outputs_of, request_for, shipped
from tests.support.gemini_fake import KEY, VIDEO, GeminiFake, blocked, finished, refused
from tests.support.wire import HTML, Fault, Said

MODEL, FILM = "gemini-nano-banana-2.1", "gemini-omni-1.2-flash"
T2I, EDIT, INPAINT, OUTPAINT = Operation.TXT2IMG, Operation.ITERATE, Operation.INPAINT, Operation.OUTPAINT
IMG2VID = Operation.IMG2VID
QUICK = Rhythm(first_s=0.01, most_s=0.02, sign_s=0.2, misses=3)
LOOK = "/v1/interactions/"


@pytest.fixture
def fake() -> Iterator[GeminiFake]:
    with GeminiFake() as fake:
        yield fake


def adapter(fake: GeminiFake, key: str = KEY, silence_s: float = 5.0) -> Gemini:
    return Gemini(fake.url, key, patience=Patience(silence_s=silence_s, total_s=silence_s), rhythm=QUICK)


def failure(
    fake: GeminiFake, folder: Path, model: str = MODEL, operation: Operation = T2I, **how: Any
) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        outputs_of(adapter(fake, **how), request_for(model, operation, folder))
    assert KEY not in str(caught.value) + caught.value.detail
    return caught.value


@pytest.mark.parametrize("resolution", ["1K", "2K", "4K"])
@pytest.mark.parametrize("model", [MODEL, "gemini-3-pro-image"])
def test_every_resolution_costs_what_its_tokens_come_to(
    fake: GeminiFake, tmp_path: Path, model: str, resolution: str
) -> None:
    request = request_for(model, T2I, tmp_path)
    outputs = outputs_of(adapter(fake), replace(request, params={**request.params, "resolution": resolution}))
    assert outputs.cost == fake.charged


def test_of_all_parts_the_picture_is_taken_and_not_the_draft(fake: GeminiFake, tmp_path: Path) -> None:
    outputs = outputs_of(adapter(fake), request_for(MODEL, T2I, tmp_path))
    assert opened(only(outputs).data).size == (1024, 1024)
    assert outputs.notes["said"] == "Here is your picture."
    assert outputs.notes["model"] == MODEL


def test_what_goes_out_asks_for_a_picture_of_this_shape_and_size_and_little_thought(
    fake: GeminiFake, tmp_path: Path
) -> None:
    adapter(fake).submit(request_for(MODEL, T2I, tmp_path))
    assert fake.asked[0]["generationConfig"] == {
        "responseModalities": ["IMAGE"],
        "imageConfig": {"aspectRatio": "1:1", "imageSize": "1K"},
        "thinkingConfig": {"thinkingLevel": "MINIMAL"},
    }


def test_the_model_that_knows_no_sizes_is_told_none(fake: GeminiFake, tmp_path: Path) -> None:
    adapter(fake).submit(request_for("gemini-2.5-flash-image", T2I, tmp_path))
    assert fake.asked[0]["generationConfig"]["imageConfig"] == {"aspectRatio": "1:1"}


def test_a_repaint_sends_the_mask_as_a_second_picture_and_says_what_it_means(fake: GeminiFake, tmp_path: Path) -> None:
    outputs = outputs_of(adapter(fake), request_for(MODEL, INPAINT, tmp_path))
    image, mask = fake.sent[0]
    assert image.size == mask.size
    wide, high = image.size
    left, top, right, bottom = only(outputs).part or (0, 0, 1, 1)
    assert (right - left) * wide / ((bottom - top) * high) == pytest.approx(SOURCE_PX[0] / SOURCE_PX[1], rel=0.01)
    centre = (round((left + (right - left) * 0.375) * wide), round((top + (bottom - top) * 0.375) * high))
    assert mask.getpixel(centre) == 255
    assert mask.getpixel((2, 2)) == 0
    words = fake.asked[0]["contents"][0]["parts"][-1]["text"]
    assert "a fox in the snow" in words
    assert "second image is a mask" in words


def test_an_extension_lies_on_a_grey_canvas_of_the_shape_asked_for(fake: GeminiFake, tmp_path: Path) -> None:
    request = request_for(MODEL, OUTPAINT, tmp_path)
    outputs = outputs_of(adapter(fake), request)
    (canvas,) = fake.sent[0]
    wide, high = canvas.size
    across, down = (int(side) for side in request.aspect.split(":"))
    assert wide * down == high * across
    left, top, right, bottom = only(outputs).part or (0, 0, 1, 1)
    scale = (right - left) * wide / request.width_px
    assert (bottom - top) * high / request.height_px == pytest.approx(scale, rel=0.01)
    x, y = left * wide, top * high
    assert canvas.getpixel((round(x + 8 * scale), round(y + 8 * scale))) == (128, 128, 128)
    source = opened(request.files["image"].read_bytes())
    shown = canvas.getpixel((round(x + (EXPAND["left"] + 320) * scale), round(y + 240 * scale)))
    assert np.allclose(shown, source.getpixel((320, 240)), atol=24)


def test_a_conversation_goes_along_as_pictures_and_words_of_the_person(fake: GeminiFake, tmp_path: Path) -> None:
    outputs_of(adapter(fake), request_for(MODEL, EDIT, tmp_path, history=history(tmp_path)))
    assert len(fake.sent[0]) == 3
    words = fake.asked[0]["contents"][0]["parts"][-1]["text"]
    assert words.startswith("a fox in the snow")
    assert "“make it night” (image 3) was rejected" in words


def test_of_a_long_conversation_no_more_pictures_go_than_it_takes(fake: GeminiFake, tmp_path: Path) -> None:
    turns = history(tmp_path) * 3
    outputs_of(adapter(fake), request_for("gemini-2.5-flash-image", EDIT, tmp_path, history=turns))
    assert len(fake.sent[0]) == 3


@pytest.mark.parametrize(
    ("said", "words", "may_have_cost"),
    [
        (blocked("SAFETY", "HARM_CATEGORY_SEXUALLY_EXPLICIT"), "sexual content", False),
        (blocked("SAFETY"), "unsafe content", False),
        (blocked("PROHIBITED_CONTENT"), "prohibited content", False),
        (blocked("BLOCKLIST"), "blocklist", False),
        (blocked("IMAGE_SAFETY"), "unsafe", False),
        (blocked("JAILBREAK"), "get around its rules", False),
        (blocked("OTHER"), "refused this prompt or picture. Rephrase", False),
        (finished("SAFETY"), "unsafe content", True),
        (finished("PROHIBITED_CONTENT"), "prohibited content", True),
        (finished("SPII"), "personal data", True),
        (finished("RECITATION"), "existing work", True),
        (finished("IMAGE_SAFETY"), "unsafe", True),
        (finished("IMAGE_PROHIBITED_CONTENT"), "prohibited", True),
        (finished("IMAGE_RECITATION"), "existing work", True),
    ],
)
def test_a_refusal_that_looks_like_success_is_told_as_one(
    fake: GeminiFake, tmp_path: Path, said: Said, words: str, may_have_cost: bool
) -> None:
    fake.faults.append(Fault("answer", said))
    error = failure(fake, tmp_path)
    assert (error.kind, error.retryable, error.may_have_cost) == (ErrorKind.MODERATION, False, may_have_cost)
    assert words in error.sentence


@pytest.mark.parametrize("reason", ["IMAGE_OTHER", "NO_IMAGE", "OTHER", "MALFORMED_RESPONSE", "MAX_TOKENS", "STOP"])
def test_no_picture_for_another_reason_is_no_refusal_and_may_have_cost(
    fake: GeminiFake, tmp_path: Path, reason: str
) -> None:
    fake.faults.append(Fault("answer", finished(reason)))
    error = failure(fake, tmp_path)
    assert (error.kind, error.may_have_cost) == (ErrorKind.PROVIDER, True)
    assert "without a picture" in error.sentence


def test_words_instead_of_a_picture_are_shown(fake: GeminiFake, tmp_path: Path) -> None:
    fake.faults.append(Fault("answer", finished("STOP", {"text": "Which fox\ndo you mean?"})))
    error = failure(fake, tmp_path)
    assert (error.kind, error.may_have_cost) == (ErrorKind.USER_FIXABLE, True)
    assert "“Which fox do you mean?”" in error.sentence


@pytest.mark.parametrize("reason", ["PUP_LIMITED_DISABLED", "ESCALATION"])
def test_a_limited_account_is_for_its_owner_to_look_into(fake: GeminiFake, tmp_path: Path, reason: str) -> None:
    fake.faults.append(Fault("answer", finished(reason)))
    error = failure(fake, tmp_path)
    assert (error.kind, error.retryable) == (ErrorKind.PROVIDER, False)
    assert "limited this account" in error.sentence


BAD_FIELD = {"fieldViolations": [{"field": "generation_config.image_config.aspect_ratio"}]}


@pytest.mark.parametrize(
    ("said", "kind", "retryable", "words"),
    [
        (refused(400, "INVALID_ARGUMENT", "no", BAD_FIELD), ErrorKind.USER_FIXABLE, False, "the shape"),
        (refused(400, "INVALID_ARGUMENT", "no"), ErrorKind.USER_FIXABLE, False, "refused this request"),
        (refused(400, "INVALID_ARGUMENT", "API key expired."), ErrorKind.PROVIDER, False, "accept the key"),
        (refused(400, "FAILED_PRECONDITION", "User location"), ErrorKind.PROVIDER, False, "billing"),
        (refused(401, "UNAUTHENTICATED", "no"), ErrorKind.PROVIDER, False, "accept the key"),
        (refused(402, "", "no"), ErrorKind.PROVIDER, False, "no credit"),
        (refused(403, "PERMISSION_DENIED", "no"), ErrorKind.PROVIDER, False, "accept the key"),
        (refused(404, "NOT_FOUND", "no longer available"), ErrorKind.PROVIDER, False, "Choose another"),
        (refused(422, "", "no"), ErrorKind.USER_FIXABLE, False, "refused this request"),
        (refused(429, "RESOURCE_EXHAUSTED", "no"), ErrorKind.CAPACITY, True, "right now"),
        (refused(429, "RESOURCE_EXHAUSTED", "x, limit: 0, model: y"), ErrorKind.PROVIDER, False, "no credit"),
        (refused(500, "INTERNAL", "no"), ErrorKind.PROVIDER, True, "problem of its own"),
        (refused(503, "UNAVAILABLE", "no"), ErrorKind.PROVIDER, True, "problem of its own"),
    ],
    ids=lambda value: f"{value.status}" if isinstance(value, Said) else None,
)
@pytest.mark.parametrize(("model", "operation"), [(MODEL, T2I), (FILM, IMG2VID)])
def test_every_refusal_says_whose_turn_it_is(
    fake: GeminiFake,
    tmp_path: Path,
    model: str,
    operation: Operation,
    said: Said,
    kind: ErrorKind,
    retryable: bool,
    words: str,
) -> None:
    fake.faults.append(Fault("answer", said))
    error = failure(fake, tmp_path, model, operation)
    assert (error.kind, error.retryable, error.may_have_cost) == (kind, retryable, False)
    assert words in error.sentence
    assert len(fake.seen) == 1


@pytest.mark.parametrize(
    ("details", "headers", "seconds"),
    [
        ([{"retryDelay": "17s"}], {}, 17.0),
        ([{"retryDelay": "1.5s"}], {"Retry-After": "9"}, 1.5),
        ([{"violations": [{"quotaId": "RequestsPerDayPerProject"}]}, {"retryDelay": "17s"}], {}, 3600.0),
        ([{"retryDelay": "soon"}], {"Retry-After": "9"}, 9.0),
        ([], {}, None),
    ],
)
def test_a_limit_tells_how_long_to_wait(
    fake: GeminiFake, tmp_path: Path, details: list[dict[str, Any]], headers: dict[str, str], seconds: float | None
) -> None:
    body = refused(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", *details).body
    fake.faults.append(Fault("answer", Said(429, body, headers)))
    assert failure(fake, tmp_path).retry_after_s == seconds


BROKEN = {"inlineData": {"mimeType": "image/png", "data": "*not base64*"}}
NO_PICTURE = {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(b"words").decode()}}


@pytest.mark.parametrize(
    "said", [HTML, Said(200, []), Said(200, {}), finished("STOP", BROKEN), finished("STOP", NO_PICTURE)]
)
def test_a_success_that_makes_no_sense_may_have_cost(fake: GeminiFake, tmp_path: Path, said: Said) -> None:
    fake.faults.append(Fault("answer", said))
    assert failure(fake, tmp_path).may_have_cost


@pytest.mark.parametrize(
    "usage", [None, {}, {"promptTokenCount": 5}, {"promptTokenCount": 5, "candidatesTokenCount": "7"}]
)
def test_without_the_tokens_the_estimate_stands(usage: Any) -> None:
    assert Wire.model_validate(request_for(MODEL, T2I, Path()).wire).cost(usage, "1K") is None


def test_tokens_that_are_not_told_apart_are_all_the_pictures() -> None:
    wire = Wire.model_validate(request_for(MODEL, T2I, Path()).wire)
    assert wire.cost({"promptTokenCount": 0, "candidatesTokenCount": 1120}, "1K") == Decimal("0.0336")


def filmed(fake: GeminiFake, folder: Path) -> Handle:
    handle = adapter(fake).submit(request_for(FILM, IMG2VID, folder))
    assert isinstance(handle, Handle)
    return handle


def test_a_video_is_asked_for_in_the_background_and_followed_by_another_process(
    fake: GeminiFake, tmp_path: Path
) -> None:
    stored = json.dumps(filmed(fake, tmp_path).value)
    assert KEY not in stored
    assert fake.asked[0]["response_format"] == {
        "type": "video",
        "aspect_ratio": "16:9",
        "resolution": "720p",
        "duration": "5s",
        "delivery": "uri",
    }
    fake.looks, fake.waits = 2, 2
    steps = adapter(fake).follow(Handle(json.loads(stored)))
    assert isinstance(next(steps), Progress)
    steps.close()  # type: ignore[attr-defined] # it is a generator
    *progress, last = adapter(fake).follow(Handle(json.loads(stored)))
    assert all(isinstance(each, Progress) and 0 <= each.fraction < 1 for each in progress)
    assert isinstance(last, Outputs)
    assert only(last).data == VIDEO
    assert last.notes["usage"]["total_output_tokens"] == 28960
    assert len(fake.ledger) == 1


@pytest.mark.parametrize("uri", ["files/film-1", "http://example.test/v1beta/files/film-1:download?alt=media"])
def test_the_file_is_found_whatever_its_address_looks_like(fake: GeminiFake, tmp_path: Path, uri: str) -> None:
    fake.uri = uri
    assert only(outputs_of(adapter(fake), request_for(FILM, IMG2VID, tmp_path))).data == VIDEO


def test_a_small_video_may_come_along(fake: GeminiFake, tmp_path: Path) -> None:
    video = {"type": "video", "data": base64.b64encode(VIDEO).decode(), "mime_type": "video/mp4"}
    fake.ending = {"status": "completed", "steps": [{"type": "model_output", "content": [video]}]}
    assert only(outputs_of(adapter(fake), request_for(FILM, IMG2VID, tmp_path))).data == VIDEO


def test_the_key_does_not_go_along_to_where_a_download_is_sent_on(fake: GeminiFake, tmp_path: Path) -> None:
    moved = Said(302, b"", {"Location": f"{fake.url}/stored/film-1"})
    fake.faults.append(Fault("answer", moved, "GET", "/v1/files/film-1:download"))
    assert only(outputs_of(adapter(fake), request_for(FILM, IMG2VID, tmp_path))).data == VIDEO
    (seen,) = fake.calls("GET", "/stored/")
    assert "x-goog-api-key" not in seen.headers


def test_nothing_is_fetched_from_a_host_that_is_not_theirs(fake: GeminiFake, tmp_path: Path) -> None:
    fake.uri = "https://evil.test/film"
    error = failure(fake, tmp_path, FILM, IMG2VID)
    assert error.may_have_cost


def test_an_empty_wish_would_still_be_billed_and_is_not_sent(fake: GeminiFake, tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="Say what should happen"):
        adapter(fake).submit(request_for(FILM, IMG2VID, tmp_path, prompt="  "))
    assert fake.seen == []


@pytest.mark.parametrize(
    ("ending", "kind"),
    [
        ({"status": "completed", "steps": [], "usage": {"total_output_tokens": 0}}, ErrorKind.PROVIDER),
        ({"status": "failed", "errors": [{"code": "internal", "message": "it broke"}]}, ErrorKind.PROVIDER),
        ({"status": "failed", "errors": [{"code": "SAFETY", "message": "no"}]}, ErrorKind.MODERATION),
        ({"status": "incomplete"}, ErrorKind.PROVIDER),
        ({"status": "budget_exceeded"}, ErrorKind.PROVIDER),
        ({"status": "requires_action"}, ErrorKind.PROVIDER),
    ],
)
def test_an_end_without_a_video_is_a_failure_that_may_have_cost(
    fake: GeminiFake, tmp_path: Path, ending: dict[str, Any], kind: ErrorKind
) -> None:
    fake.ending = ending
    error = failure(fake, tmp_path, FILM, IMG2VID)
    assert (error.kind, error.may_have_cost, error.retryable) == (kind, True, False)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("answer", Said(503, "<html>"), "GET", LOOK),
        Fault("answer", refused(429, "RESOURCE_EXHAUSTED", "slow down"), "GET", LOOK),
        Fault("answer", HTML, "GET", LOOK),
        Fault("cut", method="GET", path=LOOK),
        Fault("garbage", method="GET", path=LOOK),
        Fault("answer", Said(500, ""), "GET", "/v1/files/film-1"),
        Fault("answer", Said(500, ""), "GET", "/v1/files/film-1:download"),
    ],
)
def test_a_look_that_fails_is_repeated_and_the_video_comes(fake: GeminiFake, tmp_path: Path, fault: Fault) -> None:
    fake.faults.append(fault)
    assert only(outputs_of(adapter(fake), request_for(FILM, IMG2VID, tmp_path))).data == VIDEO
    assert len(fake.ledger) == 1


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (LOOK, refused(404, "NOT_FOUND", "no")),
        (LOOK, refused(403, "PERMISSION_DENIED", "no")),
        ("/v1/files/film-1", refused(403, "PERMISSION_DENIED", "expired")),
        ("/v1/files/film-1", Said(200, {"state": "FAILED"})),
        ("/v1/files/film-1:download", refused(404, "NOT_FOUND", "expired")),
        ("/v1/files/film-1:download", HTML),
    ],
)
def test_a_video_that_is_gone_may_have_cost_and_is_not_made_again(
    fake: GeminiFake, tmp_path: Path, path: str, said: Said
) -> None:
    fake.faults.append(Fault("answer", said, "GET", path))
    error = failure(fake, tmp_path, FILM, IMG2VID)
    assert (error.may_have_cost, error.retryable) == (True, False)


def test_a_provider_that_never_answers_again_is_given_up_and_may_have_cost(fake: GeminiFake, tmp_path: Path) -> None:
    fake.faults.extend(Fault("answer", Said(503, ""), "GET", LOOK) for _ in range(3))
    assert failure(fake, tmp_path, FILM, IMG2VID).may_have_cost


def test_a_video_can_be_cancelled_and_says_so(fake: GeminiFake, tmp_path: Path) -> None:
    handle = filmed(fake, tmp_path)
    fake.looks = 5
    adapter(fake).cancel(handle)
    adapter(fake).cancel(handle)
    with pytest.raises(Cancelled):
        list(adapter(fake).follow(handle))
    adapter(fake).cancel(Handle({"interaction": "v1-gone"}))


def test_the_key_is_tried_with_a_call_that_costs_nothing(fake: GeminiFake) -> None:
    assert adapter(fake).check() == "The key is accepted: 6 picture and video models are open to it."


@pytest.mark.parametrize(
    ("name", "heir"),
    [
        ("gemini-3.1-flash-image", MODEL),
        ("imagen-4.0-generate-001", MODEL),
        ("veo-3.1-generate-preview", FILM),
        ("veo-3.1-fast-generate-001", FILM),
        ("sora-2", FILM),
        ("sora-2-pro", FILM),
        ("gemini-2.5-flash-image", MODEL),
    ],
)
def test_a_name_that_ended_stands_for_its_successor_and_says_so(name: str, heir: str) -> None:
    resolved = shipped().resolve(name, date(2027, 3, 16))
    assert resolved is not None
    assert resolved.model.id == heir
    assert "ended on" in resolved.said
