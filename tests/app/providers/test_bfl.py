from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.outbound import Patience
from app.providers.bfl import Bfl
from app.providers.bfl.adapter import Unheard
from app.providers.contract import (
    ErrorKind,
    Handle,
    Operation,
    Outputs,
    Progress,
    Provider,
    ProviderError,
    Unknown,
)
from app.providers.waiting import Rhythm
from tests.support.asking import EXPAND, SOURCE_PX, history, only, outputs_of, picture, request_for
from tests.support.bfl_fake import KEY, FakeBfl
from tests.support.strict import picture_of
from tests.support.wire import HTML, Fault, Said

QUICK = Rhythm(first_s=0.01, most_s=0.02, sign_s=0.2, misses=3)
T2I, EDIT, INPAINT, OUTPAINT = Operation.TXT2IMG, Operation.ITERATE, Operation.INPAINT, Operation.OUTPAINT


@pytest.fixture
def fake() -> Iterator[FakeBfl]:
    with FakeBfl() as fake:
        yield fake


def adapter(fake: FakeBfl, key: str = KEY, silence_s: float = 5.0) -> Bfl:
    return Bfl(
        fake.url,
        key,
        patience=Patience(silence_s=silence_s, total_s=silence_s),
        rhythm=QUICK,
        unheard=Unheard(times=2, pause_s=0.01),
    )


def failure(fake: FakeBfl, folder: Path, **how: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        outputs_of(adapter(fake, **how), request_for("flux-2-pro", T2I, folder))
    assert KEY not in str(caught.value) + caught.value.detail
    return caught.value


def test_flux_is_the_current_flux(tmp_path: Path) -> None:
    assert request_for("flux", T2I, tmp_path).endpoint == "flux-2-pro"


def test_it_satisfies_the_contract(fake: FakeBfl) -> None:
    made = adapter(fake)
    assert isinstance(made, Provider)
    assert isinstance(made.find("0190.1"), Unknown)
    made.cancel(Handle({"id": "task-1"}))
    assert fake.seen == []


def test_the_handle_survives_as_json_and_is_followed_by_another_process(fake: FakeBfl, tmp_path: Path) -> None:
    handle = adapter(fake).submit(request_for("flux-2-pro", T2I, tmp_path))
    stored = json.dumps(handle.value)
    assert KEY not in stored
    fake.looks = 3
    steps = adapter(fake).follow(Handle(json.loads(stored)))
    assert isinstance(next(steps), Progress)
    steps.close()  # type: ignore[attr-defined] # it is a generator
    *_, last = adapter(fake).follow(Handle(json.loads(stored)))
    assert isinstance(last, Outputs)
    assert last.notes["seed"] == 1234
    assert len(fake.ledger) == 1


def test_progress_is_told_in_words_and_as_a_share(fake: FakeBfl, tmp_path: Path) -> None:
    handle = adapter(fake).submit(request_for("flux-2-pro", T2I, tmp_path))
    told = [step for step in adapter(fake).follow(handle) if isinstance(step, Progress)]
    assert Progress(0.4, message="waiting at Black Forest Labs") in told


def test_the_key_goes_to_poll_and_not_to_the_file(fake: FakeBfl, tmp_path: Path) -> None:
    outputs_of(adapter(fake), request_for("flux-2-pro", T2I, tmp_path))
    assert all(seen.headers["x-key"] == KEY for seen in fake.calls("GET", "/v1/get_result"))
    (download,) = fake.calls("GET", "/samples/")
    assert "x-key" not in download.headers


def test_a_mask_is_sent_as_large_as_its_picture_and_white_where_to_repaint(fake: FakeBfl, tmp_path: Path) -> None:
    outputs_of(adapter(fake), request_for("flux-2-pro", INPAINT, tmp_path))
    (body,) = fake.bodies
    image, mask = picture_of(body["image"]), picture_of(body["mask"])
    assert image.size == mask.size == SOURCE_PX
    assert mask.getpixel((SOURCE_PX[0] * 3 // 8, SOURCE_PX[1] * 3 // 8)) == 255
    assert mask.getpixel((5, 5)) == 0


def test_an_extension_says_how_far_each_side_grows(fake: FakeBfl, tmp_path: Path) -> None:
    outputs_of(adapter(fake), request_for("flux-2-pro", OUTPAINT, tmp_path))
    (body,) = fake.bodies
    assert {side: body[side] for side in EXPAND} == EXPAND
    assert picture_of(body["image"]).size == SOURCE_PX


def test_a_conversation_sends_earlier_pictures_and_what_became_of_them(fake: FakeBfl, tmp_path: Path) -> None:
    request = request_for("flux-2-pro", EDIT, tmp_path, prompt="make it dusk", history=history(tmp_path))
    outputs_of(adapter(fake), request)
    (body,) = fake.bodies
    assert {name for name in body if name.startswith("input_image")} == {
        "input_image",
        "input_image_2",
        "input_image_3",
    }
    assert body["prompt"] == (
        "make it dusk\n\nBefore this: “a fox” (image 2) was kept; “make it night” (image 3) was rejected; "
        "“add a moon” failed. Now change image 1 as said first."
    )


def test_a_conversation_never_sends_more_pictures_than_the_model_takes(fake: FakeBfl, tmp_path: Path) -> None:
    turns = history(tmp_path) * 3
    outputs_of(adapter(fake), request_for("flux-3-image", EDIT, tmp_path, history=turns))
    assert len(fake.bodies[0]["images"]) == 4


@pytest.mark.parametrize(
    ("said", "kind", "words", "retryable"),
    [
        (Said(401, {"detail": "Invalid"}), ErrorKind.PROVIDER, "did not accept the key", False),
        (Said(403, {"detail": "Not authenticated"}), ErrorKind.PROVIDER, "did not accept the key", False),
        (Said(402, {"detail": "Insufficient credits"}), ErrorKind.PROVIDER, "no credit left", False),
        (Said(400, {"error": "bad", "message": "no"}), ErrorKind.USER_FIXABLE, "did not take this request", False),
        (
            Said(422, {"detail": [{"loc": ["body", "steps"], "msg": "x", "type": "y"}]}),
            ErrorKind.USER_FIXABLE,
            "did not take the setting “steps”",
            False,
        ),
        (
            Said(422, {"detail": [{"loc": ["body", "input_image"], "msg": "x", "type": "y"}]}),
            ErrorKind.USER_FIXABLE,
            "did not take the picture",
            False,
        ),
        (
            Said(422, {"status": "Request Moderated", "details": {"Moderation Reasons": ["Sexual_Content"]}}),
            ErrorKind.MODERATION,
            "refused this prompt or picture: sexual content",
            False,
        ),
        (Said(404, {"detail": "Not Found"}), ErrorKind.PROVIDER, "no longer answers for this model", False),
        (Said(429, {"detail": "busy"}, {"Retry-After": "7"}), ErrorKind.CAPACITY, "no more requests", True),
        (Said(500, {"detail": "oh"}), ErrorKind.PROVIDER, "a problem of its own", True),
        (Said(503, {"detail": "later"}), ErrorKind.PROVIDER, "a problem of its own", True),
    ],
)
def test_a_refusal_costs_nothing_and_says_whose_turn_it_is(
    fake: FakeBfl, tmp_path: Path, said: Said, kind: ErrorKind, words: str, retryable: bool
) -> None:
    fake.faults.append(Fault("answer", said))
    error = failure(fake, tmp_path)
    assert (error.kind, error.retryable, error.may_have_cost) == (kind, retryable, False)
    assert words in error.sentence
    assert error.retry_after_s == (7 if said.status == 429 else None)
    assert fake.charged == 0
    assert len(fake.calls("POST")) == 1


@pytest.mark.parametrize("http", [200, 422, 503])
@pytest.mark.parametrize(
    ("ending", "kind", "words", "may_have_cost"),
    [
        (
            {"status": "Request Moderated", "details": {"Moderation Reasons": ["Violence", "Gore & Blood"]}},
            ErrorKind.MODERATION,
            "refused this prompt or picture: violence, gore",
            False,
        ),
        ({"status": "Content Moderated"}, ErrorKind.MODERATION, "held it back. Another seed", True),
        ({"status": "Error"}, ErrorKind.PROVIDER, "failed at this", True),
        ({"status": "Failed"}, ErrorKind.PROVIDER, "failed at this", True),
        ({"status": "Ready", "result": {}}, ErrorKind.PROVIDER, "without a picture", True),
    ],
)
def test_work_that_fails_is_told_by_its_status_whatever_the_code(
    fake: FakeBfl, tmp_path: Path, ending: dict[str, Any], kind: ErrorKind, words: str, may_have_cost: bool, http: int
) -> None:
    fake.ending, fake.ending_status = ending, http
    error = failure(fake, tmp_path)
    assert (error.kind, error.may_have_cost, error.retryable) == (kind, may_have_cost, False)
    assert words in error.sentence


def test_a_status_of_tomorrow_is_waited_for(fake: FakeBfl, tmp_path: Path) -> None:
    handle = adapter(fake).submit(request_for("flux-2-pro", T2I, tmp_path))
    fake.faults.append(Fault("answer", Said(200, {"id": "task-1", "status": "Dreaming"}), "GET", "/v1/get_result"))
    assert isinstance(list(adapter(fake).follow(handle))[-1], Outputs)


def test_a_task_that_is_not_known_yet_is_asked_for_again(fake: FakeBfl, tmp_path: Path) -> None:
    handle = adapter(fake).submit(request_for("flux-2-pro", T2I, tmp_path))
    unheard = Said(404, {"id": "task-1", "status": "Task not found", "result": None})
    fake.faults.extend(Fault("answer", unheard, "GET", "/v1/get_result") for _ in range(2))
    assert isinstance(list(adapter(fake).follow(handle))[-1], Outputs)


def test_a_task_that_stays_unknown_is_lost_and_may_have_cost(fake: FakeBfl) -> None:
    with pytest.raises(ProviderError, match="does not know of it any more") as caught:
        list(adapter(fake).follow(Handle({"id": "nobody"})))
    assert caught.value.may_have_cost
    assert len(fake.calls("GET", "/v1/get_result")) == 3


@pytest.mark.parametrize(
    "fault",
    [
        Fault("answer", Said(429, {"detail": "slow down"}), "GET", "/v1/get_result"),
        Fault("answer", Said(500, "<html>"), "GET", "/v1/get_result"),
        Fault("answer", HTML, "GET", "/v1/get_result"),
        Fault("cut", method="GET", path="/v1/get_result"),
        Fault("garbage", method="GET", path="/v1/get_result"),
        Fault("answer", Said(500), "GET", "/samples/"),
        Fault("cut", method="GET", path="/samples/"),
        Fault("answer", Said(403), "GET", "/samples/"),
    ],
)
def test_a_look_that_fails_is_repeated_and_costs_nothing_more(fake: FakeBfl, tmp_path: Path, fault: Fault) -> None:
    fake.faults.append(fault)
    assert only(outputs_of(adapter(fake), request_for("flux-2-pro", T2I, tmp_path))).mime == "image/png"
    assert len(fake.ledger) == 1


def test_a_look_that_came_too_early_is_repeated_when_it_was_told_to(fake: FakeBfl, tmp_path: Path) -> None:
    early = Said(429, {"detail": "slow down"}, {"Retry-After": "0.3"})
    fake.faults.append(Fault("answer", early, "GET", "/v1/get_result"))
    began = time.monotonic()
    outputs_of(adapter(fake), request_for("flux-2-pro", T2I, tmp_path))
    assert time.monotonic() - began >= 0.3


def test_a_provider_that_never_answers_again_is_given_up_and_may_have_cost(fake: FakeBfl, tmp_path: Path) -> None:
    fake.faults.extend(Fault("answer", Said(502), "GET", "/v1/get_result") for _ in range(9))
    error = failure(fake, tmp_path)
    assert (error.may_have_cost, error.retryable) == (True, False)
    assert "could not be asked about it any more" in error.sentence


def test_a_key_that_is_withdrawn_meanwhile_may_have_cost(fake: FakeBfl, tmp_path: Path) -> None:
    handle = adapter(fake).submit(request_for("flux-2-pro", T2I, tmp_path))
    with pytest.raises(ProviderError, match="no longer accepts the key") as caught:
        list(adapter(fake, key="another").follow(handle))
    assert caught.value.may_have_cost


def test_a_link_that_stays_expired_is_a_loss_that_may_have_cost(fake: FakeBfl, tmp_path: Path) -> None:
    fake.faults.extend(Fault("answer", Said(403), "GET", "/samples/") for _ in range(2))
    error = failure(fake, tmp_path)
    assert error.may_have_cost
    assert "gone before we could fetch it" in error.sentence


def test_a_file_that_is_no_picture_is_a_failure(fake: FakeBfl, tmp_path: Path) -> None:
    fake.faults.append(Fault("answer", HTML, "GET", "/samples/"))
    assert "without a picture" in failure(fake, tmp_path).sentence


def test_neither_key_nor_request_goes_to_a_host_that_is_not_theirs(fake: FakeBfl, tmp_path: Path) -> None:
    handle = adapter(fake).submit(request_for("flux-2-pro", T2I, tmp_path))
    asked = len(fake.seen)
    with pytest.raises(ProviderError) as caught:
        list(adapter(fake).follow(Handle({**handle.value, "polling_url": "https://evil.example/v1/get_result?id=1"})))
    assert caught.value.may_have_cost
    fake.sample_host = "https://evil.example"
    with pytest.raises(ProviderError):
        list(adapter(fake).follow(handle))
    assert {seen.path for seen in fake.seen[asked:]} <= {"/v1/get_result"}


def test_a_slow_look_does_not_silence_the_follower(fake: FakeBfl, tmp_path: Path) -> None:
    made = adapter(fake)
    handle = made.submit(request_for("flux-2-pro", T2I, tmp_path))
    fake.faults.append(Fault("hang", method="GET", path="/v1/get_result"))
    steps = made.follow(handle)
    assert isinstance(next(steps), Progress)
    steps.close()  # type: ignore[attr-defined] # it is a generator


def test_the_check_tells_what_is_left(fake: FakeBfl) -> None:
    assert adapter(fake).check() == "The key is accepted: 1230.5 credits left ($12.30)."


def test_a_picture_that_is_too_large_is_scaled_with_its_extension(fake: FakeBfl, tmp_path: Path) -> None:
    source = picture(tmp_path, "wide", (4800, 300))
    expand = {"left": 2048, "top": 0, "right": 2048, "bottom": 1}
    request = request_for("flux-fill", OUTPAINT, tmp_path)
    request = replace(
        request, files={"image": source}, params={**request.params, "expand": expand}, width_px=8896, height_px=301
    )
    outputs_of(adapter(fake), request)
    (body,) = fake.bodies
    wide, high = picture_of(body["image"]).size
    assert max(wide, high) <= 4096
    assert body["left"] / wide == pytest.approx(2048 / 4800, rel=0.01)
    assert (body["top"], body["bottom"]) == (0, 1)
