from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from app.outbound import Patience
from app.providers.catalogue import ModelRow
from app.providers.contract import (
    Cancelled,
    ErrorKind,
    Handle,
    Operation,
    Outputs,
    Progress,
    ProviderError,
    Searching,
    Unknown,
)
from app.providers.fal import Fal, bodies
from app.providers.waiting import Rhythm
from tests.support.asking import (
    SOURCE_PX,
    history,
    named,
    only,
    outputs_of,
    picture,
    request_for,
    rows_of,
    shipped,
)
from tests.support.fal_fake import ENDPOINTS, KEY, FakeFal
from tests.support.strict import picture_of
from tests.support.wire import HTML, Fault, Said

QUICK = Rhythm(first_s=0.01, most_s=0.02, sign_s=0.2, misses=3)
T2I, EDIT, INPAINT, VIDEO = Operation.TXT2IMG, Operation.ITERATE, Operation.INPAINT, Operation.IMG2VID


def entry(kind: str, field: str = "prompt") -> dict[str, Any]:
    return {"detail": [{"loc": ["body", field], "msg": "no", "type": kind, "input": "a fox in the snow"}]}


@pytest.fixture
def fake() -> Iterator[FakeFal]:
    with FakeFal() as fake:
        yield fake


def adapter(fake: FakeFal, key: str = KEY, silence_s: float = 5.0) -> Fal:
    return Fal(fake.url, key, patience=Patience(silence_s=silence_s, total_s=silence_s), rhythm=QUICK)


def failure(fake: FakeFal, folder: Path, **how: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        outputs_of(adapter(fake, **how), request_for("nano-banana", T2I, folder))
    assert KEY not in str(caught.value) + caught.value.detail
    assert "fox" not in caught.value.detail
    return caught.value


def priced_choices(model: ModelRow, operation: Operation) -> Iterator[dict[str, Any]]:
    """All settings that a price depends on, with each other; of durations the first and the last."""
    rows = {
        name: row
        for name, row in model.parameters_for(operation).items()
        if name in model.price.conditions or name == "duration_s"
    }
    values = [
        (row.values[0], row.values[-1]) if name == "duration_s" else row.values or (False, True)
        for name, row in rows.items()
    ]
    for chosen in product(*values):
        yield dict(zip(rows, chosen, strict=True))


@pytest.mark.parametrize(
    ("model", "operation"),
    [
        pytest.param(model, operation, id=named(model, operation))
        for model, operation in rows_of("fal")
        if operation in {T2I, VIDEO, EDIT}
    ],
)
def test_every_choice_costs_there_what_is_shown_here(tmp_path: Path, model: ModelRow, operation: Operation) -> None:
    asked = request_for(model.id, operation, tmp_path)
    for params, size in product(priced_choices(model, operation), model.size.only or (SOURCE_PX,)):
        request = replace(asked, params={**asked.params, **params}, width_px=size[0], height_px=size[1])
        body, _ = bodies.body_of(request)
        shown = bodies.cost_of(request, body)
        if shown is None:
            shown = model.price.of(operation, request.params, size)
        assert shown == Decimal(ENDPOINTS[request.endpoint].price(body)), (params, size)


@pytest.mark.parametrize(
    ("model", "operation", "params", "dollars"),
    [
        ("wan", VIDEO, {}, "0.25"),
        ("wan", VIDEO, {"resolution": "1080p", "duration_s": "10"}, "1.50"),
        ("kling", VIDEO, {}, "0.35"),
        ("kling", VIDEO, {"duration_s": "10"}, "0.70"),
        ("kling-master", VIDEO, {}, "1.40"),
        ("veo31-fast", VIDEO, {}, "0.60"),
        ("veo31-fast", VIDEO, {"audio": True}, "0.90"),
        ("gpt-image-1.5", T2I, {}, "0.009"),
        ("gpt-image-1.5", T2I, {"quality": "high"}, "0.133"),
        ("kling-3-pro", VIDEO, {"duration_s": "3", "audio": True}, "0.504"),
        ("wan-2.7", VIDEO, {"duration_s": "2"}, "0.20"),
    ],
)
def test_what_is_chosen_is_what_is_sent_and_what_it_costs(
    fake: FakeFal, tmp_path: Path, model: str, operation: Operation, params: dict[str, Any], dollars: str
) -> None:
    request = request_for(model, operation, tmp_path)
    request = replace(request, params={**request.params, **params})
    outputs_of(adapter(fake), request)
    row = shipped().find(model)
    assert row is not None
    size = (request.width_px, request.height_px)
    assert row.price.of(operation, request.params, size) == fake.charged == Decimal(dollars)


def test_gpt_image_15_has_a_successor_when_it_ends() -> None:
    names = {day: shipped().resolve("gpt-image-1.5", date(2026, 12, day)) for day in (1, 2)}
    assert [found.model.id for found in names.values() if found] == ["gpt-image-1.5", "fal-gpt-image-2"]


def test_the_handle_survives_as_json_and_is_followed_by_another_process(fake: FakeFal, tmp_path: Path) -> None:
    fake.looks = 3
    handle = adapter(fake).submit(request_for("kling-master", VIDEO, tmp_path))
    stored = json.dumps(handle.value)
    assert KEY not in stored
    assert len(stored) < 1000
    steps = adapter(fake).follow(Handle(json.loads(stored)))
    assert isinstance(next(steps), Progress)
    steps.close()  # type: ignore[attr-defined] # it is a generator
    *_, last = adapter(fake).follow(Handle(json.loads(stored)))
    assert isinstance(last, Outputs)
    assert last.notes == {"request_id": "req-1", "inference_s": 3.5, "billable_units": "1"}
    assert len(fake.ledger) == 1


def test_a_queue_that_gives_only_an_id_is_asked_at_owner_and_application(fake: FakeFal, tmp_path: Path) -> None:
    handle = adapter(fake).submit(request_for("kling-master", VIDEO, tmp_path))
    fake.faults.append(Fault("answer", Said(200, {"request_id": "req-1"})))
    alone = adapter(fake).submit(request_for("kling-master", VIDEO, tmp_path))
    assert alone == handle
    assert alone.value["status_url"].endswith("/fal-ai/kling-video/requests/req-1/status")


def test_progress_tells_who_is_before(fake: FakeFal, tmp_path: Path) -> None:
    handle = adapter(fake).submit(request_for("nano-banana", T2I, tmp_path))
    told = [step.message for step in adapter(fake).follow(handle) if isinstance(step, Progress)]
    assert "waiting at fal, 2 before it" in told
    assert "being made at fal" in told


def test_media_are_fetched_without_the_key_and_kept_for_a_day_only(fake: FakeFal, tmp_path: Path) -> None:
    outputs_of(adapter(fake), request_for("nano-banana", T2I, tmp_path))
    (download,), (sent,) = fake.calls("GET", "/files/"), fake.calls("POST")
    assert "authorization" not in download.headers
    assert json.loads(sent.headers["X-Fal-Object-Lifecycle-Preference"]) == {"expiration_duration_seconds": 86400}


def test_a_mask_lies_on_a_canvas_that_the_model_makes(fake: FakeFal, tmp_path: Path) -> None:
    output = only(outputs_of(adapter(fake), request_for("gpt-image-1.5", INPAINT, tmp_path)))
    (body,) = fake.bodies
    assert body["image_size"] == "1536x1024"
    assert picture_of(body["image_urls"][0]).size == picture_of(body["mask_image_url"]).size == (1536, 1024)
    assert output.part is not None
    assert output.part[2] - output.part[0] == pytest.approx(1365 / 1536, rel=0.01)


def test_a_model_without_masks_is_shown_what_to_repaint_and_what_to_fill(fake: FakeFal, tmp_path: Path) -> None:
    for operation in (INPAINT, Operation.OUTPAINT):
        output = only(outputs_of(adapter(fake), request_for("nano-banana", operation, tmp_path)))
        assert output.part is None or operation is Operation.OUTPAINT
    repaint, extend = fake.bodies
    picture_sent, mask = map(picture_of, repaint["image_urls"])
    assert picture_sent.size == mask.size
    assert (repaint["aspect_ratio"], picture_sent.width * 3) == ("4:3", picture_sent.height * 4)
    assert "second image is a mask" in repaint["prompt"]
    (canvas,) = map(picture_of, extend["image_urls"])
    assert canvas.convert("RGB").getpixel((2, canvas.height // 2)) == (128, 128, 128)
    assert "a fox in the snow" in extend["prompt"]


def test_small_frames_are_enlarged_to_what_the_model_takes(fake: FakeFal, tmp_path: Path) -> None:
    request = replace(
        request_for("veo31-fast", VIDEO, tmp_path), files={"image": picture(tmp_path, "image", (320, 200))}
    )
    outputs_of(adapter(fake), request)
    assert picture_of(fake.bodies[0]["image_url"]).size == (1152, 720)


def test_a_conversation_sends_earlier_pictures_by_the_names_the_model_knows(fake: FakeFal, tmp_path: Path) -> None:
    for model in ("nano-banana", "kling-image-o1", "fal-flux-kontext"):
        request = request_for(model, EDIT, tmp_path, prompt="make it dusk", history=history(tmp_path))
        outputs_of(adapter(fake), request)
    banana, kling, kontext = fake.bodies
    assert len(banana["image_urls"]) == len(kling["image_urls"]) == 3
    assert "“a fox” (image 2) was kept; “make it night” (image 3) was rejected" in banana["prompt"]
    assert "(@Image2) was kept" in kling["prompt"]
    assert kontext["prompt"].endswith("“a fox” was kept; “make it night” was rejected; “add a moon” failed.")


def test_what_to_avoid_is_said_in_words_where_there_is_no_field_for_it(fake: FakeFal, tmp_path: Path) -> None:
    outputs_of(adapter(fake), request_for("kling-image", EDIT, tmp_path))
    outputs_of(adapter(fake), request_for("kling-image", T2I, tmp_path))
    edited, made = fake.bodies
    assert edited["prompt"].endswith("Avoid: blurry")
    assert made["negative_prompt"] == "blurry"


def test_a_prompt_that_is_too_long_is_refused_before_it_is_sent(fake: FakeFal, tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="at most 1500 characters") as caught:
        adapter(fake).submit(request_for("wan", VIDEO, tmp_path, prompt="x" * 1501))
    with pytest.raises(ProviderError, match="negative prompts of at most 500 characters"):
        adapter(fake).submit(request_for("wan", VIDEO, tmp_path, negative_prompt="x" * 501))
    assert caught.value.kind is ErrorKind.USER_FIXABLE
    assert fake.seen == []


@pytest.mark.parametrize(
    ("said", "kind", "words", "retryable"),
    [
        (Said(401, {"detail": "No user"}), ErrorKind.PROVIDER, "did not accept the key", False),
        (Said(403, {"detail": "Forbidden"}), ErrorKind.PROVIDER, "did not accept the key", False),
        (
            Said(403, {"detail": "User is locked. Reason: Exhausted balance."}),
            ErrorKind.PROVIDER,
            "no credit left",
            False,
        ),
        (Said(402, {"detail": "pay"}), ErrorKind.PROVIDER, "no credit left", False),
        (Said(404, {"detail": "Application not found"}), ErrorKind.PROVIDER, "no longer answers", False),
        (Said(422, entry("missing", "image_url")), ErrorKind.USER_FIXABLE, "did not take the picture", False),
        (Said(422, entry("content_policy_violation")), ErrorKind.MODERATION, "You were not charged", False),
        (Said(400, {"detail": "bad"}), ErrorKind.USER_FIXABLE, "did not take this request", False),
        (Said(429, {"detail": "slow"}, {"Retry-After": "4"}), ErrorKind.CAPACITY, "no more requests", True),
        (
            Said(500, {"detail": "x", "error_type": "internal_error"}),
            ErrorKind.PROVIDER,
            "broke down over this. Nothing was charged",
            True,
        ),
        (Said(503, "<html>"), ErrorKind.PROVIDER, "a problem of its own", True),
    ],
)
def test_a_refusal_costs_nothing_and_says_whose_turn_it_is(
    fake: FakeFal, tmp_path: Path, said: Said, kind: ErrorKind, words: str, retryable: bool
) -> None:
    fake.faults.append(Fault("answer", said))
    error = failure(fake, tmp_path)
    assert (error.kind, error.retryable, error.may_have_cost) == (kind, retryable, False)
    assert words in error.sentence
    assert error.retry_after_s == (4 if said.status == 429 else None)
    assert fake.charged == 0
    assert len(fake.calls("POST")) == 1


@pytest.mark.parametrize(
    ("ending", "kind", "words", "retryable", "may_have_cost"),
    [
        (
            Said(422, entry("content_policy_violation")),
            ErrorKind.MODERATION,
            "refused this prompt or picture",
            False,
            True,
        ),
        (Said(422, entry("no_media_generated")), ErrorKind.USER_FIXABLE, "made nothing of this", False, True),
        (Said(422, entry("image_too_small", "image_url")), ErrorKind.USER_FIXABLE, "too small", False, True),
        (Said(422, entry("file_too_large", "image_url")), ErrorKind.USER_FIXABLE, "Use a smaller one", False, True),
        (Said(422, entry("image_load_error", "image_url")), ErrorKind.USER_FIXABLE, "could not read", False, True),
        (Said(422, entry("face_detection_error", "image_url")), ErrorKind.USER_FIXABLE, "no face", False, True),
        (Said(422, entry("less_than_equal", "duration")), ErrorKind.USER_FIXABLE, "take the duration", False, True),
        (Said(422, entry("downstream_service_error")), ErrorKind.PROVIDER, "broke down", False, True),
        (Said(500, entry("internal_server_error")), ErrorKind.PROVIDER, "Nothing was charged", True, False),
        (Said(504, {"detail": "x", "error_type": "startup_timeout"}), ErrorKind.PROVIDER, "broke down", True, False),
        (Said(503, {"detail": "x", "error_type": "runner_disconnected"}), ErrorKind.PROVIDER, "broke", True, False),
        (
            Said(500, {"detail": "x"}, {"X-Fal-Error-Type": "runner_server_error", "X-Fal-Retryable": "false"}),
            ErrorKind.PROVIDER,
            "broke down",
            False,
            False,
        ),
        (Said(404, {"detail": "gone"}), ErrorKind.PROVIDER, "does not know of it any more", False, True),
        (Said(403, {"detail": "no"}), ErrorKind.PROVIDER, "no longer accepts the key", False, True),
        (Said(200, {"images": []}), ErrorKind.PROVIDER, "without a picture", False, True),
        (
            Said(200, {"images": [{"url": "x"}], "has_nsfw_concepts": [True]}),
            ErrorKind.MODERATION,
            "blackened the picture",
            False,
            True,
        ),
    ],
)
def test_completed_is_no_success_and_a_models_error_is_told(
    fake: FakeFal, tmp_path: Path, ending: Said, kind: ErrorKind, words: str, retryable: bool, may_have_cost: bool
) -> None:
    fake.ending = ending
    error = failure(fake, tmp_path)
    assert (error.kind, error.retryable, error.may_have_cost) == (kind, retryable, may_have_cost)
    assert words in error.sentence


@pytest.mark.parametrize(
    "fault",
    [
        Fault("answer", Said(429, {"detail": "slow down"}), "GET", "/fal-ai/"),
        Fault("answer", Said(502, "<html>"), "GET", "/fal-ai/"),
        Fault("answer", HTML, "GET", "/fal-ai/"),
        Fault("cut", method="GET", path="/fal-ai/"),
        Fault("garbage", method="GET", path="/fal-ai/"),
        Fault("answer", Said(404, {"detail": "not yet"}), "GET", "/fal-ai/"),
        Fault("answer", Said(500), "GET", "/files/"),
        Fault("cut", method="GET", path="/files/"),
        Fault("answer", Said(403), "GET", "/files/"),
    ],
)
def test_a_look_that_fails_is_repeated_and_costs_nothing_more(fake: FakeFal, tmp_path: Path, fault: Fault) -> None:
    fake.faults.append(fault)
    assert only(outputs_of(adapter(fake), request_for("nano-banana", T2I, tmp_path))).mime == "image/png"
    assert len(fake.ledger) == 1


def test_a_gateways_page_instead_of_the_result_is_asked_for_again(fake: FakeFal, tmp_path: Path) -> None:
    fake.looks = 0
    handle = adapter(fake).submit(request_for("nano-banana", T2I, tmp_path))
    for said in (Said(503, "<html>"), HTML):
        fake.faults.append(Fault("answer", said, "GET", "/fal-ai/nano-banana/requests/req-1"))
    assert isinstance(list(adapter(fake).follow(handle))[-1], Outputs)


def test_a_request_that_stays_unknown_is_lost_and_may_have_cost(fake: FakeFal, tmp_path: Path) -> None:
    handle = adapter(fake).submit(request_for("nano-banana", T2I, tmp_path))
    fake.faults.extend(Fault("answer", Said(404, {"detail": "x"}), "GET", "/fal-ai/") for _ in range(3))
    with pytest.raises(ProviderError) as caught:
        list(adapter(fake).follow(handle))
    assert caught.value.may_have_cost


def test_a_link_that_stays_dead_is_a_loss_that_may_have_cost(fake: FakeFal, tmp_path: Path) -> None:
    fake.faults.extend(Fault("answer", Said(404), "GET", "/files/") for _ in range(2))
    error = failure(fake, tmp_path)
    assert error.may_have_cost
    assert "gone before we could fetch it" in error.sentence


def test_a_key_that_is_withdrawn_meanwhile_may_have_cost(fake: FakeFal, tmp_path: Path) -> None:
    handle = adapter(fake).submit(request_for("nano-banana", T2I, tmp_path))
    with pytest.raises(ProviderError, match="no longer accepts the key") as caught:
        list(adapter(fake, key="another").follow(handle))
    assert caught.value.may_have_cost


def test_a_submission_whose_answer_was_lost_is_found_by_what_was_in_it(fake: FakeFal, tmp_path: Path) -> None:
    asked = request_for("veo31-fast", VIDEO, tmp_path)
    adapter(fake).submit(replace(asked, seed=99))
    fake.faults.append(Fault("cut"))
    with pytest.raises(ProviderError):
        adapter(fake).submit(asked)
    made = adapter(fake)
    assert isinstance(made, Searching)
    found = made.search(asked, datetime.now(UTC))
    assert isinstance(found, Handle)
    assert found.value["request_id"] == "req-2"
    assert isinstance(list(made.follow(found))[-1], Outputs)
    assert len(fake.ledger) == 2


@pytest.mark.parametrize("operation", [INPAINT, Operation.OUTPAINT])
def test_what_is_found_again_is_the_handle_that_was_lost(fake: FakeFal, tmp_path: Path, operation: Operation) -> None:
    asked = replace(request_for("nano-banana", operation, tmp_path), aspect="16:9")
    handle = adapter(fake).submit(asked)
    assert "part" in handle.value
    assert adapter(fake).search(asked, datetime.now(UTC)) == handle


def test_a_submission_that_is_not_listed_is_waited_for_and_then_unknown(fake: FakeFal, tmp_path: Path) -> None:
    asked = request_for("nano-banana", T2I, tmp_path)
    now = datetime.now(UTC)
    with pytest.raises(ProviderError) as caught:
        adapter(fake).search(asked, now)
    assert caught.value.retryable
    assert isinstance(adapter(fake).search(asked, now - timedelta(minutes=4)), Unknown)
    assert fake.charged == 0


def test_two_alike_and_those_without_a_seed_tell_nothing(fake: FakeFal, tmp_path: Path) -> None:
    asked = request_for("nano-banana", T2I, tmp_path)
    for _ in range(2):
        adapter(fake).submit(asked)
    assert isinstance(adapter(fake).search(asked, datetime.now(UTC)), Unknown)
    assert isinstance(adapter(fake).search(request_for("kling", VIDEO, tmp_path), datetime.now(UTC)), Unknown)


@pytest.mark.parametrize(
    ("said", "retryable"),
    [(Said(403, {"error": {"type": "authorization_error"}}), None), (Said(429, {}), True), (Said(502, "<html>"), True)],
)
def test_a_list_that_may_not_be_seen_is_unknown_and_one_that_is_away_is_asked_for_later(
    fake: FakeFal, tmp_path: Path, said: Said, retryable: bool | None
) -> None:
    fake.faults.append(Fault("answer", said, "GET", "/v1/models/requests"))
    asked = request_for("nano-banana", T2I, tmp_path)
    if retryable is None:
        assert isinstance(adapter(fake).search(asked, datetime.now(UTC)), Unknown)
        return
    with pytest.raises(ProviderError) as caught:
        adapter(fake).search(asked, datetime.now(UTC))
    assert caught.value.retryable


def test_what_was_stopped_in_time_ends_as_cancelled(fake: FakeFal, tmp_path: Path) -> None:
    made = adapter(fake)
    handle = made.submit(request_for("kling", VIDEO, tmp_path))
    made.cancel(handle)
    with pytest.raises(Cancelled):
        list(made.follow(handle))


def test_a_cancellation_that_comes_too_late_says_nothing(fake: FakeFal, tmp_path: Path) -> None:
    made = adapter(fake)
    handle = made.submit(request_for("nano-banana", T2I, tmp_path))
    assert isinstance(list(made.follow(handle))[-1], Outputs)
    made.cancel(handle)
    made.cancel(Handle({**handle.value, "cancel_url": handle.value["cancel_url"].replace("req-1", "req-9")}))
    assert len(fake.calls("PUT")) == 2


def test_a_cancellation_that_is_not_heard_can_be_asked_for_again(fake: FakeFal, tmp_path: Path) -> None:
    made = adapter(fake)
    handle = made.submit(request_for("nano-banana", T2I, tmp_path))
    fake.faults.append(Fault("answer", Said(500, "x"), "PUT", "/"))
    with pytest.raises(ProviderError):
        made.cancel(handle)


def test_neither_key_nor_request_goes_to_a_host_that_is_not_theirs(fake: FakeFal, tmp_path: Path) -> None:
    handle = adapter(fake).submit(request_for("nano-banana", T2I, tmp_path))
    asked = len(fake.seen)
    with pytest.raises(ProviderError) as caught:
        list(adapter(fake).follow(Handle({**handle.value, "status_url": "https://evil.example/status"})))
    assert caught.value.may_have_cost
    assert len(fake.seen) == asked
    fake.media_host = "https://evil.example"
    with pytest.raises(ProviderError):
        list(adapter(fake).follow(handle))
