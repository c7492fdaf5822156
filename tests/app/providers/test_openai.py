from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.imaging.framing import SizeRule
from app.outbound import Patience
from app.providers.catalogue import ModelRow
from app.providers.contract import ErrorKind, Handle, Operation, Outputs, Provider, ProviderError, Unknown
from app.providers.openai import OpenAI
from app.providers.openai.bodies import SIZES
from app.providers.openai.wire import Wire
from tests.app.imaging.files import opened
from tests.support.asking import EXPAND, SOURCE_PX, history, only, outputs_of, picture, request_for, shipped
from tests.support.openai_fake import KEY, OpenAIFake, refused
from tests.support.wire import HTML, Fault, Said

MODEL = "gpt-image-2.6-flare"
T2I, EDIT, INPAINT, OUTPAINT = Operation.TXT2IMG, Operation.ITERATE, Operation.INPAINT, Operation.OUTPAINT


@pytest.fixture
def fake() -> Iterator[OpenAIFake]:
    with OpenAIFake() as fake:
        yield fake


def adapter(fake: OpenAIFake, key: str = KEY, silence_s: float = 5.0) -> OpenAI:
    return OpenAI(f"{fake.url}/v1", key, patience=Patience(silence_s=silence_s, total_s=silence_s))


def failure(fake: OpenAIFake, folder: Path, **how: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        adapter(fake, **how).submit(request_for(MODEL, T2I, folder))
    assert KEY not in str(caught.value) + caught.value.detail
    return caught.value


@pytest.mark.parametrize(
    "model", [pytest.param(row, id=row.id) for row in shipped().models if row.provider == "openai"]
)
def test_the_sizes_on_offer_are_those_the_adapter_asks_for(model: ModelRow) -> None:
    size = model.size
    told = SizeRule(1, size.max_px, size.step_px, size.min_pixels or 0, size.max_pixels or 0, size.max_ratio or 0)
    assert told == SIZES


def test_every_quality_is_taken_and_dearer_than_the_one_before(fake: OpenAIFake, tmp_path: Path) -> None:
    for quality in ("low", "medium", "high", "xhigh", "max"):
        request = request_for(MODEL, T2I, tmp_path)
        adapter(fake).submit(replace(request, params={**request.params, "quality": quality}))
    amounts = [charge.amount for charge in fake.ledger]
    assert amounts == sorted(amounts)


def test_it_satisfies_the_contract(fake: OpenAIFake) -> None:
    made = adapter(fake)
    assert isinstance(made, Provider)
    assert isinstance(made.find("0190.1"), Unknown)
    made.cancel(Handle({}))
    assert fake.seen == []


def test_what_goes_out_names_model_size_quality_and_format_and_nothing_unknown(
    fake: OpenAIFake, tmp_path: Path
) -> None:
    adapter(fake).submit(request_for(MODEL, T2I, tmp_path))
    assert fake.asked == [
        {
            "model": MODEL,
            "prompt": "a fox in the snow",
            "size": "1024x1024",
            "quality": "medium",
            "background": "auto",
            "output_format": "png",
            "moderation": "auto",
            "n": 1,
        }
    ]


def test_an_edit_keeps_the_shape_of_its_picture(fake: OpenAIFake, tmp_path: Path) -> None:
    outputs = outputs_of(adapter(fake), request_for(MODEL, EDIT, tmp_path))
    wide, high = opened(only(outputs).data).size
    assert wide / high == pytest.approx(SOURCE_PX[0] / SOURCE_PX[1], rel=0.03)
    ((name, sent),) = fake.sent[0]
    assert (name, sent.size) == ("image", SOURCE_PX)


def test_a_conversation_goes_along_as_further_pictures_and_a_line_of_words(fake: OpenAIFake, tmp_path: Path) -> None:
    adapter(fake).submit(request_for(MODEL, EDIT, tmp_path, history=history(tmp_path)))
    assert [name for name, _ in fake.sent[0]] == ["image[]"] * 3
    words = fake.asked[0]["prompt"]
    assert words.startswith("a fox in the snow")
    assert "“make it night” (image 3) was rejected" in words


def test_of_a_long_conversation_no_more_pictures_go_than_it_takes(fake: OpenAIFake, tmp_path: Path) -> None:
    request = request_for(MODEL, EDIT, tmp_path, history=history(tmp_path))
    adapter(fake).submit(replace(request, wire={**request.wire, "most_images": 2}))
    assert len(fake.sent[0]) == 2


def mask_sent(fake: OpenAIFake) -> Image.Image:
    return dict(fake.sent[0])["mask"].getchannel("A")


def part_of(outputs: Outputs, size: tuple[int, int]) -> tuple[int, ...]:
    part = only(outputs).part or (0, 0, 1, 1)
    return tuple(round(share * size[index % 2]) for index, share in enumerate(part))


def test_a_repaint_is_transparent_where_to_change_and_says_where_the_picture_lies(
    fake: OpenAIFake, tmp_path: Path
) -> None:
    request = request_for(MODEL, INPAINT, tmp_path)
    files = {"image": picture(tmp_path, "image", (1000, 700)), "mask": picture(tmp_path, "mask", (1000, 700))}
    outputs = outputs_of(adapter(fake), replace(request, files=files, width_px=1000, height_px=700))
    alpha = mask_sent(fake)
    left, top, right, bottom = part_of(outputs, alpha.size)
    assert (right - left, bottom - top) == (1000, 700)
    assert alpha.getpixel((left + 375, top + 262)) == 0
    assert alpha.getpixel((left + 5, top + 5)) == 255
    sent = dict(fake.sent[0])["image"]
    original = opened(files["image"].read_bytes())
    assert np.array_equal(np.asarray(sent.crop((left, top, right, bottom))), np.asarray(original))


def test_an_extension_is_a_repaint_of_everything_around_the_picture(fake: OpenAIFake, tmp_path: Path) -> None:
    request = request_for(MODEL, OUTPAINT, tmp_path)
    outputs = outputs_of(adapter(fake), request)
    alpha = mask_sent(fake)
    left, top, right, bottom = part_of(outputs, alpha.size)
    assert (right - left) / (bottom - top) == pytest.approx(request.width_px / request.height_px, rel=0.01)
    scale = (right - left) / request.width_px
    inside = (round(left + (EXPAND["left"] + 320) * scale), round(top + 200 * scale))
    assert alpha.getpixel(inside) == 255
    assert alpha.getpixel((left + 3, top + 3)) == 0
    image = dict(fake.sent[0])["image"]
    assert image.getpixel(inside)[3] == 255
    assert image.getpixel((left + 3, top + 3))[3] == 0
    assert fake.asked[0]["prompt"].startswith(request.prompt)


def test_a_transparent_jpeg_is_refused_before_anything_is_sent(fake: OpenAIFake, tmp_path: Path) -> None:
    request = request_for(MODEL, T2I, tmp_path)
    with pytest.raises(ProviderError, match="transparency"):
        adapter(fake).submit(replace(request, params={"background": "transparent", "format": "jpeg"}))
    with pytest.raises(ProviderError, match="shorten"):
        adapter(fake).submit(replace(request, prompt="x" * 32_001))
    assert fake.seen == []


MODERATED = refused(
    400,
    "moderation_blocked",
    "Your request was rejected by the safety system. If you believe this is an error, contact us. "
    "safety_violations=[sexual,violence/graphic].",
    type="image_generation_user_error",
)


def by_details(stage: str) -> Said:
    details = {"categories": ["sexual"], "moderation_stage": stage}
    return refused(400, "moderation_blocked", "Rejected.", moderation_details=details)


def test_a_refused_prompt_names_the_category_and_is_never_sent_again(fake: OpenAIFake, tmp_path: Path) -> None:
    fake.faults.append(Fault("answer", MODERATED))
    error = failure(fake, tmp_path)
    assert error.kind is ErrorKind.MODERATION
    assert error.sentence == (
        "OpenAI refused this prompt or picture: sexual content, graphic violence. Rephrase and retry. "
        "You were not charged."
    )
    assert not error.retryable
    assert fake.charged == 0


@pytest.mark.parametrize("stage", ["output", "unknown"])
def test_a_picture_refused_after_it_was_made_may_be_on_the_bill(fake: OpenAIFake, tmp_path: Path, stage: str) -> None:
    fake.faults.append(Fault("answer", by_details(stage)))
    error = failure(fake, tmp_path)
    assert (error.kind, error.may_have_cost) == (ErrorKind.MODERATION, True)
    assert "sexual content" in error.sentence


@pytest.mark.parametrize(
    ("said", "kind", "retryable", "words"),
    [
        (refused(400, "content_policy_violation", "no"), ErrorKind.MODERATION, False, "Rephrase"),
        (refused(400, "invalid_value", "no", param="size"), ErrorKind.USER_FIXABLE, False, "the size"),
        (refused(400, "invalid_value", "no", param="quality"), ErrorKind.USER_FIXABLE, False, "“quality”"),
        (refused(400, "billing_hard_limit_reached", "no"), ErrorKind.PROVIDER, False, "no credit"),
        (refused(401, "invalid_api_key", "no"), ErrorKind.PROVIDER, False, "key"),
        (refused(403, "", "Your organization must be verified"), ErrorKind.PROVIDER, False, "verified"),
        (refused(403, "", "Country not supported"), ErrorKind.PROVIDER, False, "key"),
        (refused(404, "model_not_found", "no"), ErrorKind.PROVIDER, False, "Choose another"),
        (refused(409, "conflict", "no"), ErrorKind.USER_FIXABLE, False, "refused this request"),
        (refused(422, "bad", "no", param="mask"), ErrorKind.USER_FIXABLE, False, "the mask"),
        (refused(429, "rate_limit_exceeded", "no"), ErrorKind.CAPACITY, True, "right now"),
        (refused(429, "insufficient_quota", "no", type="insufficient_quota"), ErrorKind.PROVIDER, False, "no credit"),
        (refused(429, "credit_balance_exhausted", "no"), ErrorKind.PROVIDER, False, "no credit"),
        (refused(429, "project_spend_limit_exceeded", "no"), ErrorKind.PROVIDER, False, "no credit"),
        (refused(500, "server_error", "no"), ErrorKind.PROVIDER, True, "problem of its own"),
        (Said(503, "<html>busy</html>"), ErrorKind.PROVIDER, True, "problem of its own"),
        (Said(402, {"error": {}}), ErrorKind.PROVIDER, False, "no credit"),
    ],
    ids=lambda value: f"{value.status}" if isinstance(value, Said) else None,
)
def test_every_refusal_says_whose_turn_it_is(
    fake: OpenAIFake, tmp_path: Path, said: Said, kind: ErrorKind, retryable: bool, words: str
) -> None:
    fake.faults.append(Fault("answer", said))
    error = failure(fake, tmp_path)
    assert (error.kind, error.retryable, error.may_have_cost) == (kind, retryable, False)
    assert words in error.sentence
    assert len(fake.seen) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after-ms": "1500", "Retry-After": "7"}, 1.5),
        ({"x-ratelimit-reset-images": "6m0s", "x-ratelimit-remaining-images": "0"}, 360.0),
        (
            {
                "x-ratelimit-reset-requests": "1.5s",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-tokens": "9h",
                "x-ratelimit-remaining-tokens": "800",
            },
            1.5,
        ),
        ({"x-ratelimit-reset-requests": "soon"}, None),
        ({}, None),
    ],
)
def test_a_limit_tells_how_long_to_wait(
    fake: OpenAIFake, tmp_path: Path, headers: dict[str, str], seconds: float | None
) -> None:
    body = refused(429, "rate_limit_exceeded", "Slow down.").body
    fake.faults.append(Fault("answer", Said(429, body, headers)))
    assert failure(fake, tmp_path).retry_after_s == seconds


@pytest.mark.parametrize(
    "said",
    [
        HTML,
        Said(200, {"created": 1, "data": []}),
        Said(200, {"created": 1, "data": [{"b64_json": ""}]}),
        Said(200, {"data": [{"b64_json": "*not base64*"}]}),
        Said(200, {"data": [{"b64_json": base64.b64encode(b"no picture at all").decode()}]}),
        Said(200, ["list"]),
    ],
)
def test_a_success_without_a_picture_is_a_failure_that_may_have_cost(
    fake: OpenAIFake, tmp_path: Path, said: Said
) -> None:
    fake.faults.append(Fault("answer", said))
    assert failure(fake, tmp_path).may_have_cost


@pytest.mark.parametrize(
    "usage",
    [None, {}, {"output_tokens": 5}, {"output_tokens": "5", "input_tokens_details": {"text_tokens": 1}}, [1]],
)
def test_without_the_tokens_the_estimate_stands(usage: Any) -> None:
    wire = Wire.model_validate(request_for(MODEL, T2I, Path()).wire)
    assert wire.cost(usage) is None


def test_the_key_is_tried_with_a_call_that_costs_nothing(fake: OpenAIFake) -> None:
    assert adapter(fake).check() == "The key is accepted: 5 picture models are open to it."


@pytest.mark.parametrize("name", ["gpt-image-1", "gpt-image-1-mini", "dall-e-3", "dall-e-2", "chatgpt-image-latest"])
def test_a_name_that_ended_stands_for_its_successor_and_says_so(name: str) -> None:
    resolved = shipped().resolve(name, date(2026, 12, 2))
    assert resolved is not None
    assert resolved.model.provider == "openai"
    assert "ended on" in resolved.said
