from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.outbound import Patience
from app.providers.contract import ErrorKind, Handle, Operation, Outputs, Provider, ProviderError, Unknown
from app.providers.recraft import Recraft
from tests.support.asking import EXPAND, SOURCE_PX, history, only, outputs_of, picture, request_for
from tests.support.recraft_fake import KEY, FakeRecraft
from tests.support.strict import picture_of
from tests.support.wire import HTML, Fault, Said

T2I, EDIT, INPAINT, OUTPAINT = Operation.TXT2IMG, Operation.ITERATE, Operation.INPAINT, Operation.OUTPAINT
PLAIN = {"Content-Type": "text/plain"}


@pytest.fixture
def fake() -> Iterator[FakeRecraft]:
    with FakeRecraft() as fake:
        yield fake


def adapter(fake: FakeRecraft, key: str = KEY, silence_s: float = 5.0) -> Recraft:
    return Recraft(fake.url, key, patience=Patience(silence_s=silence_s, total_s=silence_s), pause_s=0.01)


def failure(fake: FakeRecraft, folder: Path, **how: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        adapter(fake, **how).submit(request_for("recraft", T2I, folder))
    assert KEY not in str(caught.value) + caught.value.detail
    return caught.value


def test_it_satisfies_the_contract_and_knows_nothing_afterwards(fake: FakeRecraft) -> None:
    made = adapter(fake)
    assert isinstance(made, Provider)
    assert isinstance(made.find("0190.1"), Unknown)
    made.cancel(Handle({}))
    with pytest.raises(ProviderError):
        made.follow(Handle({}))
    assert fake.seen == []


def test_a_style_may_name_its_substyle(fake: FakeRecraft, tmp_path: Path) -> None:
    request = request_for("recraft", T2I, tmp_path)
    for style in ("digital_illustration/noir", "realistic_image", "none"):
        outputs_of(adapter(fake), replace(request, params={**request.params, "style": style}))
    told = [(body.get("style"), body.get("substyle")) for body in fake.bodies]
    assert told == [("digital_illustration", "noir"), ("realistic_image", None), (None, None)]


def test_a_shape_is_asked_for_as_a_ratio(fake: FakeRecraft, tmp_path: Path) -> None:
    outputs_of(adapter(fake), request_for("recraft", T2I, tmp_path, aspect="16:9"))
    assert (fake.bodies[0]["size"], fake.bodies[0]["model"]) == ("16:9", "recraftv3")


def test_a_mask_is_white_where_to_repaint(fake: FakeRecraft, tmp_path: Path) -> None:
    outputs_of(adapter(fake), request_for("recraft", INPAINT, tmp_path))
    mask = picture_of(fake.bodies[0]["mask_url"])
    assert mask.getpixel((SOURCE_PX[0] * 3 // 8, SOURCE_PX[1] * 3 // 8)) == 255
    assert mask.getpixel((5, 5)) == 0


def test_a_source_that_is_too_small_lies_on_a_canvas_and_says_where(fake: FakeRecraft, tmp_path: Path) -> None:
    request = request_for("recraft", INPAINT, tmp_path)
    files = {role: picture(tmp_path, role, (400, 120)) for role in ("image", "mask")}
    output = only(outputs_of(adapter(fake), replace(request, files=files)))
    assert picture_of(fake.bodies[0]["image_url"]).size == (400, 256)
    assert output.part is not None
    assert output.part[1] == pytest.approx(68 / 256)


def test_what_is_to_be_enlarged_is_not_made_smaller_first(fake: FakeRecraft, tmp_path: Path) -> None:
    large = {"image": picture(tmp_path, "large", (2200, 1900))}
    outputs_of(adapter(fake), request_for("recraft-crisp-upscale", Operation.UPSCALE, tmp_path, files=large))
    assert picture_of(fake.bodies[0]["image_url"]).size == (2200, 1900)


def test_an_extension_names_only_the_sides_that_grow(fake: FakeRecraft, tmp_path: Path) -> None:
    outputs_of(adapter(fake), request_for("recraft", OUTPAINT, tmp_path))
    assert {name: value for name, value in fake.bodies[0].items() if name.startswith("expand_")} == {
        f"expand_{side}": pixels for side, pixels in EXPAND.items() if pixels
    }


def test_a_conversation_goes_along_in_words_as_far_as_there_is_room(fake: FakeRecraft, tmp_path: Path) -> None:
    request = request_for("recraft", EDIT, tmp_path, prompt="make it dusk", history=history(tmp_path))
    outputs_of(adapter(fake), request)
    outputs_of(adapter(fake), replace(request, prompt="dusk " * 199))
    assert fake.bodies[0]["prompt"] == (
        "make it dusk\n\nBefore this: “a fox” was kept; “make it night” was rejected; “add a moon” failed."
    )
    assert fake.bodies[1]["prompt"] == "dusk " * 199


def test_a_prompt_that_is_too_long_is_refused_before_it_is_sent(fake: FakeRecraft, tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="at most 1000 characters") as caught:
        adapter(fake).submit(request_for("recraft", T2I, tmp_path, prompt="x" * 1001))
    assert caught.value.kind is ErrorKind.USER_FIXABLE
    assert fake.seen == []
    outputs_of(adapter(fake), request_for("recraft-v4.1", T2I, tmp_path, prompt="x" * 1001))


@pytest.mark.parametrize(
    ("said", "kind", "words", "retryable", "may_have_cost"),
    [
        (Said(401, "request unauthorized", PLAIN), ErrorKind.PROVIDER, "did not accept the key", False, False),
        (Said(403, "no", PLAIN), ErrorKind.PROVIDER, "did not accept the key", False, False),
        (Said(402, "pay", PLAIN), ErrorKind.PROVIDER, "no credit left", False, False),
        (
            Said(400, {"code": "not_enough_credits", "message": "Not enough credits"}),
            ErrorKind.PROVIDER,
            "no credit left",
            False,
            False,
        ),
        (
            Said(400, {"code": "invalid_request_parameter", "message": "style is unknown"}),
            ErrorKind.USER_FIXABLE,
            "did not take the setting “style”",
            False,
            False,
        ),
        (Said(400, "nope", PLAIN), ErrorKind.USER_FIXABLE, "did not take this request", False, False),
        (
            Said(422, {"code": "x", "message": "mask size"}),
            ErrorKind.USER_FIXABLE,
            "did not take the mask",
            False,
            False,
        ),
        (
            Said(400, {"code": "x", "message": "Prompt was flagged by moderation"}),
            ErrorKind.MODERATION,
            "refused this prompt",
            False,
            False,
        ),
        (Said(404, "not found", PLAIN), ErrorKind.PROVIDER, "no longer answers", False, False),
        (Said(429, "slow", {"Retry-After": "9"}), ErrorKind.CAPACITY, "no more requests", True, False),
        (Said(503, "later", PLAIN), ErrorKind.PROVIDER, "a problem of its own", True, False),
        (Said(500, "boom", PLAIN), ErrorKind.PROVIDER, "may have been charged once", False, True),
    ],
)
def test_a_refusal_says_whose_turn_it_is(
    fake: FakeRecraft,
    tmp_path: Path,
    said: Said,
    kind: ErrorKind,
    words: str,
    retryable: bool,
    may_have_cost: bool,
) -> None:
    fake.faults.append(Fault("answer", said))
    error = failure(fake, tmp_path)
    assert (error.kind, error.retryable, error.may_have_cost) == (kind, retryable, may_have_cost)
    assert words in error.sentence
    assert error.retry_after_s == (9 if said.status == 429 else None)
    assert len(fake.calls("POST")) == 1


@pytest.mark.parametrize(
    "said",
    [
        HTML,
        Said(200, []),
        Said(200, {"credits": 40, "data": []}),
        Said(200, {"data": [{"b64_json": "§"}]}),
        Said(200, {"data": [{"b64_json": "PHN2Zz4="}]}),
    ],
)
def test_a_success_without_a_picture_is_a_failure_that_may_have_cost(
    fake: FakeRecraft, tmp_path: Path, said: Said
) -> None:
    fake.faults.append(Fault("answer", said))
    assert failure(fake, tmp_path).may_have_cost


def test_a_picture_given_as_an_address_is_fetched_at_once_without_the_key(tmp_path: Path) -> None:
    with FakeRecraft(by_address=True) as fake:
        fake.faults.extend(Fault("answer", Said(500), "GET", "/files/") for _ in range(4))
        assert only(outputs_of(adapter(fake), request_for("recraft", T2I, tmp_path))).mime == "image/png"
        assert all("authorization" not in seen.headers for seen in fake.calls("GET", "/files/"))
        assert len(fake.ledger) == 1


def test_an_address_that_is_gone_or_not_theirs_is_a_loss_that_may_have_cost(tmp_path: Path) -> None:
    with FakeRecraft(by_address=True) as fake:
        fake.faults.extend(Fault("answer", Said(404), "GET", "/files/") for _ in range(5))
        assert failure(fake, tmp_path).may_have_cost
        fake.faults.append(Fault("answer", Said(200, {"credits": 40, "data": [{"url": "https://evil.example/x"}]})))
        assert "gone before we could fetch it" in failure(fake, tmp_path).sentence


def test_the_check_tells_what_is_left_and_costs_nothing(fake: FakeRecraft) -> None:
    assert adapter(fake).check() == "The key is accepted: 12340 API units left ($12.34)."


def test_a_result_is_an_output_at_once(fake: FakeRecraft, tmp_path: Path) -> None:
    outputs = adapter(fake).submit(request_for("recraft", T2I, tmp_path))
    assert isinstance(outputs, Outputs)
    assert outputs.notes["revised_prompt"] == "a red fox"
