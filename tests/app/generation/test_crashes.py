"""Workers die, sleep and wake, and nothing is lost or paid twice."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from app.background import doorbell
from app.billing import service as billing
from app.db import database_now, db
from app.extensions import storage
from app.generation import endings, leases, retrying, running
from app.generation.domain import JobState
from app.generation.keeping import kept
from app.generation.models import Job
from app.providers.contract import ErrorKind, Handle, NotSubmitted, Outputs, Progress, ProviderError, Request, Unknown
from app.storage import StorageFull
from app.workspaces.models import Workspace
from tests.app.generation.conftest import AtPoint
from tests.support.engine import Engine
from tests.support.scripted import PRICE, Killed, Scripted, die, picture

BOUNDARIES = [
    "after_claim",
    "before_send",
    "after_send",
    "after_handle",
    "following",
    "before_store",
    "after_files",
    "before_end",
    "after_end",
]


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_a_worker_killed_at_any_step_costs_no_picture_and_no_second_charge(
    engine: Engine, workspace: Workspace, paid: Scripted, at_point: AtPoint, boundary: str
) -> None:
    batch = engine.submit(workspace)
    engine.place()
    at_point(boundary, die)
    engine.die_at_work()
    engine.lapse()
    engine.turn()
    job = engine.jobs(batch)[0]
    assert job.state == "succeeded"
    assert paid.submitted == [job.reference]
    assert len(engine.assets()) == 1
    assert job.price_actual == PRICE
    assert job.crashes == (0 if boundary == "after_end" else 1)
    engine.check()


@pytest.mark.parametrize("boundary", ["before_send", "after_send"])
def test_a_paid_submission_that_cannot_be_asked_about_is_never_sent_again(
    engine: Engine, workspace: Workspace, paid: Scripted, at_point: AtPoint, boundary: str
) -> None:
    paid.finding = lambda _: Unknown()
    batch = engine.submit(workspace)
    engine.place()
    at_point(boundary, die)
    engine.die_at_work()
    before = list(paid.submitted)
    engine.lapse()
    engine.turn()
    job = engine.jobs(batch)[0]
    assert (job.state, job.error_kind) == ("failed", "outcome_unknown")
    assert "may have been charged" in (job.error_sentence or "")
    assert (job.maybe_charged, job.price_actual) == (True, PRICE)
    assert paid.submitted == before
    engine.check()

    retrying.retry_job(job)
    engine.turn()
    again = engine.job(job.id)
    assert again.state == "succeeded"
    assert paid.submitted == [*before, f"{job.id}.2"]
    engine.check()


def test_a_paid_submission_is_found_by_what_was_in_it_where_its_provider_lists_that(
    engine: Engine, workspace: Workspace, paid: Scripted, at_point: AtPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid.finding = lambda _: Unknown()
    since: list[datetime | None] = []

    def search(request: Request, sent_at: datetime) -> Handle:
        since.append(sent_at)
        return Handle({"reference": request.reference})

    monkeypatch.setattr(paid, "search", search, raising=False)
    batch = engine.submit(workspace)
    engine.place()
    at_point("after_send", die)
    engine.die_at_work()
    engine.lapse()
    engine.turn()
    job = engine.jobs(batch)[0]
    assert (job.state, job.price_actual) == ("succeeded", PRICE)
    assert since == [job.submitted_at]
    assert len(paid.submitted) == 1
    engine.check()


@pytest.mark.parametrize("boundary", ["before_send", "after_send"])
def test_a_free_submission_lost_without_a_trace_is_sent_again_under_a_new_name(
    engine: Engine, workspace: Workspace, free: Scripted, at_point: AtPoint, boundary: str
) -> None:
    free.finding = lambda _: Unknown()
    batch = engine.submit(workspace)
    engine.place()
    at_point(boundary, die)
    engine.die_at_work()
    engine.lapse()
    engine.turn()
    job = engine.jobs(batch)[0]
    assert (job.state, job.submission) == ("succeeded", 2)
    assert len(set(free.submitted)) == len(free.submitted)
    engine.check()


def test_a_submission_that_certainly_never_arrived_is_sent_under_the_same_name(
    engine: Engine, workspace: Workspace, paid: Scripted, at_point: AtPoint
) -> None:
    asked: list[str] = []

    def never_heard_of_it(reference: str) -> NotSubmitted:
        asked.append(reference)
        return NotSubmitted()

    paid.finding = never_heard_of_it
    batch = engine.submit(workspace)
    engine.place()
    at_point("before_send", die)
    engine.die_at_work()
    engine.lapse()
    engine.turn()
    job = engine.jobs(batch)[0]
    assert asked == paid.submitted == [f"{job.id}.1"]
    assert job.state == "succeeded"


def test_a_provider_that_cannot_be_asked_now_is_asked_again_and_not_charged_again(
    engine: Engine, workspace: Workspace, paid: Scripted, at_point: AtPoint
) -> None:
    def out_of_reach(_: str) -> Unknown:
        raise ProviderError(ErrorKind.PROVIDER, "The provider is out of reach.", retryable=True)

    paid.finding = out_of_reach
    batch = engine.submit(workspace)
    engine.place()
    at_point("after_send", die)
    engine.die_at_work()
    engine.lapse()
    engine.run_placed()
    engine.run_placed()
    assert engine.states(batch) == ["submitted"]
    paid.finding = paid.honestly
    engine.turn()
    assert engine.states(batch) == ["succeeded"]
    assert len(paid.submitted) == 1
    engine.check()


def test_a_provider_that_cannot_be_asked_for_very_long_leaves_the_outcome_unknown(
    engine: Engine, workspace: Workspace, paid: Scripted, at_point: AtPoint
) -> None:
    def out_of_reach(_: str) -> Unknown:
        raise ProviderError(ErrorKind.PROVIDER, "The provider is out of reach.", retryable=True)

    paid.finding = out_of_reach
    batch = engine.submit(workspace)
    engine.place()
    at_point("after_send", die)
    engine.die_at_work()
    engine.lapse()
    _set(engine.jobs(batch)[0], submitted_at=database_now() - timedelta(hours=1))
    engine.run_placed()
    assert [job.error_kind for job in engine.jobs(batch)] == ["outcome_unknown"]
    engine.check()


def test_of_two_that_claim_a_job_one_is_refused(engine: Engine, workspace: Workspace, free: Scripted) -> None:
    batch = engine.submit(workspace)
    engine.place()
    job_id = engine.jobs(batch)[0].id
    first = leases.claim(job_id)
    assert first is not None
    assert leases.claim(job_id) is None
    engine.lapse()
    second = leases.claim(job_id)
    assert second is not None
    assert (second.attempt, second.crashes) == (first.attempt + 1, 1)


def test_a_worker_that_overslept_its_lease_can_write_nothing(
    engine: Engine, workspace: Workspace, free: Scripted
) -> None:
    batch = engine.submit(workspace)
    engine.place()
    stale = leases.claim(engine.jobs(batch)[0].id)
    assert stale is not None
    engine.lapse()
    engine.turn()
    ended = engine.jobs(batch)[0]
    files = set(storage().iter_keys())

    assert leases.renew(stale) is None
    assert leases.peek(stale) is None
    assert not leases.hand_back(stale)
    assert not leases.move(stale, JobState.SUBMITTED)
    db.session.rollback()
    endings.succeed(stale, picture())
    endings.fail_or_retry(stale, ProviderError(ErrorKind.PROVIDER, "Too late.", retryable=True))
    endings.park(stale)
    endings.outcome_unknown(stale)
    assert not endings.cancelled(stale)

    now = engine.job(ended.id)
    assert (now.state, now.attempt, now.finished_at) == ("succeeded", ended.attempt, ended.finished_at)
    assert len(engine.assets()) == 1
    assert set(storage().iter_keys()) == files
    engine.check()


def test_a_worker_that_overslept_cannot_disturb_the_one_who_took_over(
    engine: Engine, workspace: Workspace, paid: Scripted, at_point: AtPoint
) -> None:
    batch = engine.submit(workspace)
    engine.place()
    job_id = engine.jobs(batch)[0].id
    seen: list[str] = []

    def stale_worker_wakes() -> None:
        assert not leases.move(stale, JobState.WAITING)
        assert not leases.move(stale, None, lease_until=None)
        db.session.rollback()
        endings.succeed(stale, picture())
        endings.fail_or_retry(stale, ProviderError(ErrorKind.MODERATION, "Too late."))
        endings.back_to_queue(stale)
        endings.park(stale)
        seen.extend(engine.states(batch))

    stale = leases.claim(job_id)
    assert stale is not None
    stale.state, stale.submitted_at, stale.handle = "running", database_now(), {"reference": stale.reference}
    engine.lapse()
    at_point("following", stale_worker_wakes)
    running.run(job_id)
    assert seen == ["running"]
    job = engine.job(job_id)
    assert (job.state, job.attempt) == ("succeeded", 2)
    assert len(engine.assets()) == 1
    engine.check()


def test_a_worker_that_overslept_with_the_request_in_its_hands_does_not_send_it(
    engine: Engine, workspace: Workspace, paid: Scripted, at_point: AtPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Meanwhile another has asked, was told that nothing had arrived, and sent it."""
    batch = engine.submit(workspace)
    engine.place()

    def sleep_while_another_does_it() -> None:
        later = database_now() + timedelta(hours=1)
        monkeypatch.setattr(leases, "database_now", lambda: later)
        engine.run_placed()
        assert engine.states(batch) == ["succeeded"]

    at_point("before_send", sleep_while_another_does_it)
    engine.run_placed()
    assert paid.submitted == [engine.jobs(batch)[0].reference]
    assert len(engine.assets()) == 1
    engine.check()


def test_a_follower_that_sleeps_while_another_finishes_leaves_one_picture(
    engine: Engine, workspace: Workspace, paid: Scripted
) -> None:
    """It wakes with the outputs in its hands."""
    batch = engine.submit(workspace)
    engine.place()

    def sleeping(handle: Handle) -> Iterator[Progress | Outputs]:
        yield Progress(0.9)
        paid.following = paid.half_then_done
        engine.lapse()
        engine.run_placed()
        assert engine.states(batch) == ["succeeded"]
        yield picture()

    paid.following = sleeping
    engine.run_placed()
    assert len(engine.assets()) == 1
    assert len(paid.submitted) == 1
    engine.check()


def test_a_job_that_kills_every_worker_is_put_aside_and_the_others_go_on(
    engine: Engine, workspace: Workspace, free: Scripted
) -> None:
    deadly, harmless = engine.jobs(engine.submit(workspace, batch_size=2))

    def following(handle: Handle) -> Iterator[Progress | Outputs]:
        yield Progress(0.1)
        if handle.value["reference"].startswith(str(deadly.id)):
            raise Killed
        yield picture()

    free.following = following
    engine.place()
    for _ in range(running.CRASH_LIMIT):
        with pytest.raises(Killed):
            running.run(deadly.id)
        db.session.rollback()
        engine.lapse()
    running.run(deadly.id)
    running.run(harmless.id)
    put_aside = engine.job(deadly.id)
    assert (put_aside.state, put_aside.error_kind) == ("failed", "parked")
    assert not put_aside.maybe_charged
    assert engine.job(harmless.id).state == "succeeded"
    engine.check()


def test_a_job_left_by_a_dead_process_need_not_wait_for_its_lease(
    engine: Engine, workspace: Workspace, free: Scripted
) -> None:
    batch = engine.submit(workspace)
    engine.place()
    job = leases.claim(engine.jobs(batch)[0].id)
    assert job is not None
    place, pid, _ = leases.lease_owner().rsplit(":", 2)
    _set(job, lease_owner=f"{place}:{pid}:1")
    assert leases.claim(job.id) is None
    engine.rung.clear()
    engine.sweep()
    assert ("generation.run_job", (str(job.id),)) in engine.rung
    engine.turn()
    assert engine.states(batch) == ["succeeded"]


def test_a_live_process_and_one_elsewhere_keep_their_leases(
    engine: Engine, workspace: Workspace, free: Scripted
) -> None:
    mine, elsewhere = engine.jobs(engine.submit(workspace, batch_size=2))
    engine.place()
    for job in (mine, elsewhere):
        assert leases.claim(job.id) is not None
    _set(elsewhere, lease_owner=f"{leases.lease_owner().partition('/')[0]}/another:1:1")
    engine.sweep()
    assert leases.claim(mine.id) is None
    assert leases.claim(elsewhere.id) is None


def test_a_process_number_given_to_somebody_else_does_not_keep_a_lease() -> None:
    place = leases.lease_owner().rsplit(":", 2)[0]
    assert not leases.owner_is_gone(leases.lease_owner())
    assert leases.owner_is_gone(f"{place}:{os.getpid()}:1")
    assert leases.owner_is_gone(f"{place}:{_free_pid()}:1")


@pytest.mark.parametrize("settings_more", [{"DARKROOM_LEASE_S": "1"}], indirect=True)
def test_a_provider_that_answers_only_when_done_does_not_lose_its_job_to_another(
    engine: Engine, workspace: Workspace, paid: Scripted
) -> None:
    seen: list[Job | None] = []

    def slowly(_: Request) -> Outputs:
        time.sleep(1.4)
        seen.append(leases.claim(job_id))
        return picture()

    paid.submitting = slowly
    batch = engine.submit(workspace)
    engine.place()
    job_id = engine.jobs(batch)[0].id
    db.session.rollback()
    running.run(job_id)
    assert seen == [None]
    assert engine.states(batch) == ["succeeded"]


@pytest.mark.parametrize("settings_more", [{"DARKROOM_LEASE_S": "1"}], indirect=True)
def test_one_thread_keeps_the_leases_of_all_who_are_held_up(
    engine: Engine, workspace: Workspace, free: Scripted
) -> None:
    batch = engine.submit(workspace, batch_size=2)
    engine.place()
    longer, shorter = [job for row in engine.jobs(batch) if (job := leases.claim(row.id)) is not None]
    with ExitStack() as calls:
        calls.enter_context(kept(longer, 60.0))
        calls.enter_context(kept(shorter, 0.0))
        assert [thread.name for thread in threading.enumerate()].count("leases") == 1
        time.sleep(1.3)
        assert leases.claim(longer.id) is None
        assert leases.claim(shorter.id) is not None


@pytest.mark.parametrize("settings_more", [{"DARKROOM_LEASE_S": "1"}], indirect=True)
def test_a_fault_in_keeping_one_lease_does_not_end_the_watch_over_the_others(
    engine: Engine, workspace: Workspace, free: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = engine.submit(workspace, batch_size=2)
    engine.place()
    broken, sound = [job for row in engine.jobs(batch) if (job := leases.claim(row.id)) is not None]
    renew = leases.renew

    def breaking(job: Job) -> JobState | None:
        return renew(job) if job.id != broken.id else JobState(1 // 0)

    monkeypatch.setattr(leases, "renew", breaking)
    with kept(broken, 60.0), kept(sound, 60.0):
        time.sleep(1.3)
        assert leases.claim(sound.id) is None
        assert leases.claim(broken.id) is not None


def test_a_follower_hands_on_when_its_worker_is_asked_to_stop(
    engine: Engine, workspace: Workspace, paid: Scripted
) -> None:
    batch = engine.submit(workspace)
    engine.place()
    engine.rung.clear()
    running.draining.set()
    try:
        engine.run_placed()
    finally:
        running.draining.clear()
    job = engine.jobs(batch)[0]
    assert (job.state, job.lease_owner) == ("running", None)
    assert ("generation.run_job", (str(job.id),)) in engine.rung
    engine.turn()
    job = engine.jobs(batch)[0]
    assert (job.state, job.crashes) == ("succeeded", 0)
    assert len(paid.submitted) == 1


@pytest.mark.parametrize("settings_more", [{"DARKROOM_SLICE_S": "1"}], indirect=True)
def test_a_long_job_is_handed_on_at_the_end_of_a_slice(engine: Engine, workspace: Workspace, free: Scripted) -> None:
    def forever(_: Handle) -> Iterator[Progress | Outputs]:
        for step in range(1000):
            time.sleep(0.02)
            yield Progress(step / 1000)

    free.following = forever
    batch = engine.submit(workspace)
    engine.place()
    began = time.monotonic()
    engine.run_placed()
    assert 1 <= time.monotonic() - began < 5
    job = engine.jobs(batch)[0]
    assert (job.state, job.lease_owner, job.crashes) == ("running", None, 0)


@pytest.mark.parametrize("settings_more", [{"DARKROOM_SLICE_S": "1"}], indirect=True)
def test_work_that_would_begin_afresh_is_not_handed_on(engine: Engine, workspace: Workspace, free: Scripted) -> None:
    def long(_: Handle) -> Iterator[Progress | Outputs]:
        for step in range(8):
            time.sleep(0.2)
            yield Progress(step / 8, resumable=False)
        yield picture()

    free.following = long
    batch = engine.submit(workspace)
    engine.place()
    engine.run_placed()
    assert engine.jobs(batch)[0].state == "succeeded"


def test_a_job_past_its_time_limit_is_stopped_with_a_sentence(
    engine: Engine, workspace: Workspace, paid: Scripted, at_point: AtPoint
) -> None:
    batch = engine.submit(workspace)
    engine.place()
    at_point("after_handle", die)
    engine.die_at_work()
    engine.lapse()
    _set(engine.jobs(batch)[0], started_at=database_now() - timedelta(hours=1))
    engine.turn()
    job = engine.jobs(batch)[0]
    assert (job.state, job.maybe_charged) == ("failed", True)
    assert "took longer than 300 seconds" in (job.error_sentence or "")
    assert paid.cancelled == [job.reference]
    engine.check()


def test_a_hung_provider_that_cannot_be_told_to_stop_is_given_up_all_the_same(
    engine: Engine, workspace: Workspace, paid: Scripted, at_point: AtPoint
) -> None:
    def deaf(_: Handle) -> None:
        raise ProviderError(ErrorKind.PROVIDER, "Out of reach.", retryable=True)

    paid.cancelling = deaf
    batch = engine.submit(workspace)
    engine.place()
    at_point("after_handle", die)
    engine.die_at_work()
    engine.lapse()
    _set(engine.jobs(batch)[0], started_at=database_now() - timedelta(hours=1))
    engine.turn()
    assert engine.states(batch) == ["failed"]
    assert len(paid.submitted) == 1


def test_a_full_disk_delays_a_picture_and_keeps_its_handle(
    engine: Engine, workspace: Workspace, paid: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = engine.submit(workspace)
    engine.place()
    with monkeypatch.context() as full:
        full.setattr(storage(), "put", _no_room, raising=False)
        engine.run_placed()
        engine.run_placed()
    job = engine.jobs(batch)[0]
    assert (job.state, job.lease_owner, job.crashes) == ("running", None, 0)
    assert job.handle == {"reference": job.reference}
    assert list(storage().iter_keys()) == []
    engine.turn()
    assert engine.states(batch) == ["succeeded"]
    assert len(paid.submitted) == 1
    engine.check()


@pytest.mark.parametrize("room", [1, 2, 3])
def test_a_disk_that_fills_up_on_the_way_keeps_no_part(
    engine: Engine, workspace: Workspace, paid: Scripted, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    def two(_: Handle) -> Iterator[Progress | Outputs]:
        yield Outputs(picture().items * 2)

    stored = []
    real = storage().put

    def room_for_some(data: bytes, ext: str, **more: object) -> object:
        if len(stored) >= room:
            raise StorageFull
        stored.append(real(data, ext, **more))  # type: ignore[arg-type]  # passed on as they came
        return stored[-1]

    paid.following = two
    batch = engine.submit(workspace)
    engine.place()
    with monkeypatch.context() as full:
        full.setattr(storage(), "put", room_for_some, raising=False)
        engine.run_placed()
    assert stored
    assert list(storage().iter_keys()) == []
    engine.turn()
    assert engine.states(batch) == ["succeeded"]
    assert sorted(asset.ordinal for asset in engine.assets()) == [0, 1]
    engine.check()


def test_a_paid_answer_that_finds_no_room_is_owned_up_to(
    engine: Engine, workspace: Workspace, paid: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It came without a handle, so it cannot be fetched again."""
    paid.submitting = lambda _: picture()
    batch = engine.submit(workspace)
    engine.place()
    with monkeypatch.context() as full:
        full.setattr(storage(), "put", _no_room, raising=False)
        engine.run_placed()
    job = engine.jobs(batch)[0]
    assert (job.state, job.error_kind, job.maybe_charged) == ("failed", "not_kept", True)
    assert len(paid.submitted) == 1
    engine.check()


def test_a_database_that_was_away_for_a_moment_costs_no_job(
    engine: Engine, workspace: Workspace, paid: Scripted, at_point: AtPoint
) -> None:
    def away() -> None:
        raise OperationalError("UPDATE jobs", {}, Exception("server closed the connection unexpectedly"))

    batch = engine.submit(workspace)
    engine.place()
    at_point("after_send", away)
    engine.run_placed()
    assert engine.states(batch) == ["submitted"]
    engine.lapse()
    engine.turn()
    assert engine.states(batch) == ["succeeded"]
    assert len(paid.submitted) == 1
    engine.check()


def test_a_mistake_of_ours_ends_the_job_with_a_sentence_and_is_not_tried_again(
    engine: Engine, workspace: Workspace, paid: Scripted
) -> None:
    def broken(_: Request) -> Handle:
        raise KeyError("a bug in an adapter")

    paid.submitting = broken
    batch = engine.submit(workspace)
    engine.turn()
    job = engine.jobs(batch)[0]
    assert (job.state, job.error_kind, job.maybe_charged) == ("failed", "bug", True)
    assert "our side" in (job.error_sentence or "")
    assert "KeyError" not in (job.error_sentence or "")
    assert len(paid.submitted) == 1
    engine.check()


def test_a_lost_message_is_rung_for_again(engine: Engine, workspace: Workspace, free: Scripted) -> None:
    batch = engine.submit(workspace)
    engine.place()
    job = engine.jobs(batch)[0]
    engine.rung.clear()
    engine.sweep()
    assert "generation.run_job" not in dict(engine.rung)
    _set(job, placed_at=database_now() - timedelta(seconds=10))
    engine.sweep()
    assert ("generation.run_job", (str(job.id),)) in engine.rung


def test_nobody_is_rung_for_again_while_no_worker_answers(
    engine: Engine, workspace: Workspace, free: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = engine.submit(workspace, batch_size=2)
    engine.place()
    for job in engine.jobs(batch):
        _set(job, placed_at=database_now() - timedelta(seconds=10))
    unheard = {"generate": 1}
    monkeypatch.setattr(doorbell, "unheard", unheard.__getitem__)
    engine.rung.clear()
    engine.sweep()
    assert [name for name, _ in engine.rung].count("generation.run_job") == 2
    unheard["generate"] = 3
    engine.rung.clear()
    engine.sweep()
    assert [name for name, _ in engine.rung].count("generation.run_job") == 0


def test_a_batch_whose_closing_was_interrupted_is_closed_by_the_sweep(
    engine: Engine, workspace: Workspace, free: Scripted
) -> None:
    batch = engine.submit(workspace)
    engine.turn()
    batch.finished_at = None
    batch.created_at = database_now() - timedelta(hours=1)
    db.session.commit()
    engine.sweep()
    db.session.expire_all()
    assert batch.finished_at is not None


def test_messages_that_come_twice_late_or_for_nobody_do_no_harm(
    engine: Engine, workspace: Workspace, paid: Scripted
) -> None:
    batch = engine.submit(workspace)
    job_id = engine.jobs(batch)[0].id
    running.run(job_id)
    assert engine.states(batch) == ["waiting"]
    engine.turn()
    running.run(job_id)
    running.run(batch.id)
    assert engine.states(batch) == ["succeeded"]
    assert len(paid.submitted) == len(engine.assets()) == 1
    assert billing.usage_today(workspace.owner_id).used == 1
    engine.check()


def _set(job: Job, **values: object) -> None:
    db.session.execute(
        sa.update(Job).where(Job.id == job.id).values(**values), execution_options={"synchronize_session": False}
    )
    db.session.commit()


def _no_room(*_: object, **__: object) -> object:
    raise StorageFull


def _free_pid() -> int:
    return next(pid for pid in range(4_000_000, 1, -1) if not Path(f"/proc/{pid}").exists())
