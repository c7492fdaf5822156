from __future__ import annotations

import io
import json
import time
from dataclasses import replace

import pytest
from PIL import Image

from app.providers.contract import (
    Cancelled,
    ErrorKind,
    Handle,
    NotSubmitted,
    Operation,
    Outputs,
    Progress,
    Provider,
    ProviderError,
    Request,
)
from app.providers.sketch import Behaviour, Sketch
from app.providers.sketch import job as jobs
from app.providers.sketch.pictures import PREVIEW_BYTES
from tests.app.providers.sketch.conftest import request_for

ASKED = request_for(Operation.TXT2IMG, "northern lights", width_px=160, height_px=150)


def finished(steps):
    *_, last = steps
    assert isinstance(last, Outputs)
    return last.items[0].data


def sketch_with(tmp_path, **behaviour):
    return Sketch(tmp_path / "ledger.db", Behaviour(**behaviour))


def test_sketch_is_a_provider(sketch):
    assert isinstance(sketch, Provider)


def test_submit_charges_once_and_paints_nothing(sketch):
    started = time.perf_counter()
    sketch.submit(replace(ASKED, width_px=2048, height_px=2048))
    assert time.perf_counter() - started < 1
    assert sketch.ledger.count_by_reference() == {"r-1": 1}


def test_the_handle_is_plain_json_and_paints_the_same_in_another_instance(sketch, tmp_path):
    handle = Handle(json.loads(json.dumps(sketch.submit(ASKED).value)))
    assert finished(Sketch(tmp_path / "ledger.db").follow(handle)) == finished(sketch.follow(handle))


def test_progress_rises_and_shows_the_picture_small_first(sketch):
    *steps, _ = sketch.follow(sketch.submit(ASKED))
    assert all(isinstance(step, Progress) for step in steps)
    assert 1 <= len(steps) <= 6
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert all(0 <= fraction <= 1 for fraction in fractions)
    previews = [step.preview for step in steps if step.preview]
    assert previews
    for preview in previews:
        assert len(preview) <= PREVIEW_BYTES
        assert Image.open(io.BytesIO(preview)).format == "JPEG"


def test_following_again_after_a_close_gives_the_same_picture_without_a_second_charge(sketch):
    handle = sketch.submit(ASKED)
    steps = sketch.follow(handle)
    next(steps)
    steps.close()
    assert finished(sketch.follow(handle)) == finished(sketch.follow(handle))
    assert sketch.ledger.count_by_reference() == {"r-1": 1}


def test_an_input_given_by_a_relative_path_is_found_from_another_folder(sketch, source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    relative = source.relative_to(tmp_path)
    handle = sketch.submit(request_for(Operation.IMG2IMG, files={"image": relative}, params={"strength": 0}))
    monkeypatch.chdir("/")
    assert finished(sketch.follow(handle))


def test_cancel_stops_a_follower_in_another_instance_at_its_next_step(sketch, tmp_path):
    handle = sketch.submit(ASKED)
    steps = Sketch(tmp_path / "ledger.db").follow(handle)
    next(steps)
    sketch.cancel(handle)
    sketch.cancel(handle)
    with pytest.raises(Cancelled):
        next(steps)
    assert [charge.outcome for charge in sketch.ledger.charges()] == ["cancelled"]


def test_cancel_leaves_other_work_alone(sketch):
    one, other = (sketch.submit(replace(ASKED, reference=name, params={"fast": True})) for name in ("one", "other"))
    sketch.cancel(one)
    with pytest.raises(Cancelled):
        list(sketch.follow(one))
    assert finished(sketch.follow(other))


def test_find_knows_what_the_ledger_knows(sketch, tmp_path):
    handle = sketch.submit(ASKED)
    elsewhere = Sketch(tmp_path / "ledger.db")
    found = elsewhere.find("r-1")
    assert isinstance(found, Handle)
    assert finished(elsewhere.follow(found)) == finished(sketch.follow(handle))
    assert isinstance(elsewhere.find("never sent"), NotSubmitted)


def test_a_handle_of_somebody_else_is_refused(sketch):
    with pytest.raises(ProviderError) as refused:
        list(sketch.follow(Handle({"request_id": "x"})))
    assert refused.value.kind is ErrorKind.BUG


def test_latency_is_waited_in_slices_and_only_once(tmp_path):
    sketch = sketch_with(tmp_path, latency_s=0.6, fast=True)
    handle = sketch.submit(ASKED)
    gaps, last = [], time.monotonic()
    for _ in sketch.follow(handle):
        gaps.append(time.monotonic() - last)
        last = time.monotonic()
    assert sum(gaps) >= 0.55
    assert len(gaps) >= 3
    again = time.monotonic()
    finished(sketch.follow(handle))
    assert time.monotonic() - again < 0.3


@pytest.mark.parametrize("kind", ["user_fixable", "moderation", "provider"])
def test_failures_ordered_by_setting_come_while_following(tmp_path, kind):
    sketch = sketch_with(tmp_path, failure_rate=1, failure_kinds=(kind,))
    handle = sketch.submit(ASKED)
    with pytest.raises(ProviderError) as failed:
        list(sketch.follow(handle))
    assert failed.value.kind == kind
    assert failed.value.retryable is (kind == "provider")
    assert [charge.outcome for charge in sketch.ledger.charges()] == [f"failed: {kind}"]


def test_being_full_is_told_at_the_door_with_a_time_and_charges_nothing(tmp_path):
    sketch = sketch_with(tmp_path, failure_rate=1, failure_kinds=("capacity",))
    with pytest.raises(ProviderError) as failed:
        sketch.submit(ASKED)
    assert failed.value.kind is ErrorKind.CAPACITY
    assert failed.value.retry_after_s > 0
    assert sketch.ledger.count_by_reference() == {}
    assert isinstance(sketch.find("r-1"), NotSubmitted)


def test_a_hang_never_ends_until_it_is_cancelled(tmp_path):
    sketch = sketch_with(tmp_path, failure_rate=1, failure_kinds=("hang",))
    handle = sketch.submit(ASKED)
    steps = sketch.follow(handle)
    fractions = {next(steps).fraction for _ in range(3)}
    assert len(fractions) == 1
    sketch.cancel(handle)
    with pytest.raises(Cancelled):
        next(steps)


def test_garbage_is_no_picture_and_not_trusted(tmp_path):
    sketch = sketch_with(tmp_path, failure_rate=1, failure_kinds=("garbage",))
    *_, last = sketch.follow(sketch.submit(ASKED))
    assert not last.items[0].trusted
    with pytest.raises(OSError, match="cannot identify"):
        Image.open(io.BytesIO(last.items[0].data))


def test_which_references_fail_is_settled_by_the_seed_and_near_the_rate():
    behaviour = Behaviour(failure_rate=0.3, failure_kinds=("provider", "moderation"), seed=4)
    fates = [behaviour.failure(f"job-{i}") for i in range(600)]
    assert fates == [behaviour.failure(f"job-{i}") for i in range(600)]
    assert 0.2 < sum(fate is not None for fate in fates) / 600 < 0.4
    assert {"provider", "moderation"} <= set(fates)
    assert fates != [replace(behaviour, seed=5).failure(f"job-{i}") for i in range(600)]


def test_words_in_the_prompt_never_make_it_fail(sketch):
    words = "fail, error, moderation, hang, garbage, capacity, provider, crash"
    assert finished(sketch.follow(sketch.submit(replace(ASKED, prompt=words, params={"fast": True}))))


@pytest.mark.parametrize(
    "wrong",
    [{"latency_s": -1}, {"failure_rate": 1.5}, {"failure_kinds": ("tantrum",)}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_behaviour_out_of_range_is_refused(wrong):
    with pytest.raises(ValueError, match="Sketch"):
        Behaviour(**wrong)


def test_an_endpoint_of_one_mood_paints_in_it_and_edits_as_told() -> None:
    painted = jobs.from_request(Request("r", Operation.TXT2IMG, "sketch-sepia", "a red fox"))
    edited = jobs.from_request(Request("r", Operation.ITERATE, "sketch-sepia", "make it darker"))
    assert painted.prompt == "a red fox, sepia"
    assert edited.prompt == "make it darker"
