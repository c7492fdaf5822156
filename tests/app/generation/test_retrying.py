"""Trying again: by itself where that is safe, by a person's click where only they can decide."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.billing import service as billing
from app.billing.errors import DailyLimitReached
from app.db import database_now, db
from app.generation import endings, lanes, retrying, running, stopping
from app.generation.domain import backoff_s
from app.generation.errors import NotRetryable
from app.generation.models import Batch, Job, LaneState
from app.providers.contract import ErrorKind, Handle, Output, Outputs, Progress, ProviderError, Request
from app.workspaces import service as workspaces
from app.workspaces.forms import WorkspaceBody
from app.workspaces.models import Workspace
from tests.app.generation.conftest import AtPoint
from tests.support.engine import Engine
from tests.support.scripted import PRICE, Scripted, picture
from tests.support.statements import counted_queries

REWORD = "The provider declined this prompt. Reword it."


def test_a_retry_keeps_the_seed_and_the_prompt_and_is_a_new_submission(
    engine: Engine, workspace: Workspace, paid: Scripted
) -> None:
    batch = engine.submit(workspace, "a {red|blue} fox", seed=7)
    paid.submitting = _declined
    engine.turn()
    before = {job.id: (job.seed, job.prompt_sent) for job in engine.jobs(batch)}
    assert engine.states(batch) == ["failed", "failed"]

    paid.submitting = _taken
    retrying.retry_job(engine.jobs(batch)[1])
    engine.turn()
    failed, retried = engine.jobs(batch)
    assert (failed.state, retried.state) == ("failed", "succeeded")
    assert {job.id: (job.seed, job.prompt_sent) for job in (failed, retried)} == before
    assert (retried.error_kind, retried.error_sentence, retried.maybe_charged) == (None, None, False)
    assert paid.submitted == [f"{failed.id}.1", f"{retried.id}.1", f"{retried.id}.2"]
    engine.check()


def test_retrying_all_failed_ones_keeps_what_is_done(engine: Engine, workspace: Workspace, paid: Scripted) -> None:
    batch = engine.submit(workspace, batch_size=4)
    first, second, *_ = engine.jobs(batch)
    paid.submitting = lambda request: (
        _declined(request) if request.reference.startswith((str(first.id), str(second.id))) else _taken(request)
    )
    engine.turn()
    done = {asset.id for asset in engine.assets()}
    assert len(done) == 2

    paid.submitting = _taken
    assert retrying.retry_failed(batch) == 2
    engine.turn()
    assert engine.states(batch) == ["succeeded"] * 4
    assert done < {asset.id for asset in engine.assets()}
    assert len(paid.submitted) == 6
    assert billing.usage_today(workspace.owner_id).used == 4
    engine.check()


def test_a_batch_is_open_again_while_a_job_of_it_is_retried(
    engine: Engine, workspace: Workspace, paid: Scripted
) -> None:
    batch = _failed_batch(engine, workspace, paid)
    first_end = batch.finished_at
    assert first_end is not None
    retrying.retry_job(engine.jobs(batch)[0])
    db.session.refresh(batch)
    assert batch.finished_at is None
    engine.turn()
    db.session.refresh(batch)
    assert batch.finished_at is not None
    assert batch.finished_at > first_end
    engine.check()


@pytest.mark.parametrize("settings_more", [{"DARKROOM_SKETCH_SLOTS": "1"}], indirect=True)
def test_a_cancellation_taken_back_queues_what_waited_with_its_seeds_and_places(
    engine: Engine, workspace: Workspace, paid: Scripted
) -> None:
    first, second = engine.submit(workspace, batch_size=2, seed=7), engine.submit(workspace, batch_size=2, seed=9)
    engine.place()
    before = [(job.id, job.seed, job.position) for batch in (first, second) for job in engine.jobs(batch)]
    earlier = stopping.cancel_job(engine.jobs(second)[1])
    stopped = stopping.cancel_all(workspace.owner_id)
    assert (stopped.waiting, stopped.started) == (2, 1)
    engine.run_placed()
    assert engine.states(first) + engine.states(second) == ["cancelled"] * 4
    assert billing.usage_today(workspace.owner_id).used == 0
    engine.check()

    assert retrying.uncancel(workspace.owner_id, stopped.at) == 2
    assert retrying.uncancel(workspace.owner_id, stopped.at) == 0
    assert engine.states(first) + engine.states(second) == ["cancelled", "waiting", "waiting", "cancelled"]
    assert (first.finished_at, second.finished_at) == (None, None)
    assert billing.usage_today(workspace.owner_id).used == 2
    assert retrying.uncancel(workspace.owner_id, earlier.at) == 1
    assert [(job.id, job.seed, job.position) for batch in (first, second) for job in engine.jobs(batch)] == before
    engine.turn()
    assert engine.states(first) + engine.states(second) == ["cancelled", "succeeded", "succeeded", "succeeded"]
    assert billing.usage_today(workspace.owner_id).used == 3
    engine.check()


def test_nobody_takes_back_anothers_cancellation(
    engine: Engine, workspace: Workspace, their_workspace: Workspace, free: Scripted
) -> None:
    theirs = engine.submit(their_workspace)
    stopped = stopping.cancel_batch(theirs)
    assert retrying.uncancel(workspace.owner_id, stopped.at) == 0
    assert engine.states(theirs) == ["cancelled"]


def test_a_long_cancellation_is_taken_back_in_pieces_and_few_statements(
    engine: Engine, workspace: Workspace, free: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying, "_AT_ONCE", 8)
    stopped = stopping.cancel_batch(engine.submit(workspace, batch_size=20))
    owner_id = workspace.owner_id
    with counted_queries() as statements:
        assert retrying.uncancel(owner_id, stopped.at) == 20
    assert sum(statement.startswith("UPDATE jobs") for statement in statements) == 3
    engine.check(settled=False)


def test_nothing_comes_to_life_in_a_workspace_that_is_gone(
    engine: Engine, workspace: Workspace, free: Scripted
) -> None:
    batch = engine.submit(workspace)
    stopped = stopping.cancel_batch(batch)
    workspaces.create_workspace(workspace.owner_id, WorkspaceBody(name="Another"))
    workspaces.delete_workspace(workspace, typed_name=workspace.name)
    assert retrying.uncancel(workspace.owner_id, stopped.at) == 0
    with pytest.raises(NotRetryable):
        retrying.retry_job(engine.jobs(batch)[0])
    assert engine.states(batch) == ["cancelled"]


@pytest.mark.parametrize("settings_more", [{"DARKROOM_DAILY_LIMIT": "3"}], indirect=True)
def test_a_cancellation_is_taken_back_whole_or_not_at_all_when_the_day_is_full(
    engine: Engine, workspace: Workspace, free: Scripted
) -> None:
    batch = engine.submit(workspace, batch_size=2)
    stopped = stopping.cancel_batch(batch)
    engine.submit(workspace, batch_size=2)
    with pytest.raises(DailyLimitReached):
        retrying.uncancel(workspace.owner_id, stopped.at)
    db.session.rollback()
    assert engine.states(batch) == ["cancelled"] * 2
    assert batch.finished_at is not None
    engine.check(settled=False)


def test_a_job_cancelled_with_a_late_picture_can_be_made_again_and_keeps_both(
    engine: Engine, workspace: Workspace, paid: Scripted, at_point: AtPoint
) -> None:
    batch = engine.submit(workspace)
    for _ in range(2):
        engine.place()
        at_point("before_store", lambda: stopping.cancel_job(engine.jobs(batch)[0]))
        engine.run_placed()
        assert engine.states(batch) == ["cancelled"]
        retrying.retry_job(engine.jobs(batch)[0])
    paid.following = _two_pictures
    engine.turn()
    assert engine.states(batch) == ["succeeded"]
    assert sorted((asset.ordinal, asset.late) for asset in engine.assets()) == [
        (0, True),
        (1, True),
        (2, False),
        (3, False),
    ]
    assert billing.usage_today(workspace.owner_id).used == 1
    engine.check()


@pytest.mark.parametrize("state", ["waiting", "placed", "succeeded"])
def test_only_failed_and_cancelled_jobs_can_be_retried(
    engine: Engine, workspace: Workspace, free: Scripted, state: str
) -> None:
    batch = engine.submit(workspace)
    if state != "waiting":
        engine.place()
    if state == "succeeded":
        engine.run_placed()
    with pytest.raises(NotRetryable, match=state):
        retrying.retry_job(engine.jobs(batch)[0])


def test_a_double_click_on_retry_makes_one_submission(
    app: APIFlask, engine: Engine, workspace: Workspace, paid: Scripted
) -> None:
    batch = _failed_batch(engine, workspace, paid)
    job_id, batch_id, owner_id = engine.jobs(batch)[0].id, batch.id, workspace.owner_id
    db.session.rollback()
    together = threading.Barrier(8)
    outcomes: list[str] = []

    def one() -> None:
        job = db.session.get_one(Job, job_id)
        db.session.rollback()
        together.wait()
        try:
            retrying.retry_job(job)
            outcomes.append("retried")
        except NotRetryable:
            outcomes.append("refused")

    def all_failed() -> None:
        mine = db.session.get_one(Batch, batch_id)
        db.session.rollback()
        together.wait()
        outcomes.append("retried" if retrying.retry_failed(mine) else "refused")

    _at_once(app, [one, all_failed] * 4)
    assert sorted(outcomes) == ["refused"] * 7 + ["retried"]
    engine.turn()
    assert paid.submitted == [f"{job_id}.1", f"{job_id}.2"]
    assert billing.usage_today(owner_id).used == 1
    engine.check()


@pytest.mark.parametrize("settings_more", [{"DARKROOM_DAILY_LIMIT": "3"}], indirect=True)
def test_failed_pictures_count_nothing_and_a_retry_past_the_limit_is_refused_whole(
    engine: Engine, workspace: Workspace, paid: Scripted
) -> None:
    failed = _failed_batch(engine, workspace, paid, count=3)
    assert billing.usage_today(workspace.owner_id).left == 3
    engine.submit(workspace, batch_size=2)
    engine.turn()
    with pytest.raises(DailyLimitReached, match="3 pictures and 1"):
        retrying.retry_failed(failed)
    db.session.rollback()
    assert engine.states(failed) == ["failed"] * 3
    retrying.retry_job(engine.jobs(failed)[0])
    engine.turn()
    assert billing.usage_today(workspace.owner_id).left == 0
    with pytest.raises(DailyLimitReached):
        retrying.retry_job(engine.jobs(failed)[1])
    db.session.rollback()
    assert engine.states(failed) == ["succeeded", "failed", "failed"]
    engine.check()


def test_a_stale_worker_cannot_end_the_retried_job(engine: Engine, workspace: Workspace, paid: Scripted) -> None:
    """It held the try that was given up; the new one waits under a new number."""
    batch = _failed_batch(engine, workspace, paid)
    stale = engine.jobs(batch)[0]
    db.session.refresh(stale)
    db.session.expunge(stale)
    retrying.retry_job(engine.jobs(batch)[0])
    engine.place()
    endings.fail_or_retry(stale, ProviderError(ErrorKind.MODERATION, REWORD))
    assert engine.states(batch) == ["placed"]
    engine.turn()
    assert engine.states(batch) == ["succeeded"]
    engine.check()


@pytest.mark.parametrize("kind", [ErrorKind.MODERATION, ErrorKind.USER_FIXABLE])
def test_what_only_the_person_can_mend_ends_at_once_with_the_providers_sentence(
    engine: Engine, workspace: Workspace, paid: Scripted, kind: ErrorKind
) -> None:
    def refused(_: Request) -> Handle:
        raise ProviderError(kind, REWORD, detail="raw words of the provider")

    paid.submitting = refused
    batch = engine.submit(workspace)
    engine.turn()
    job = engine.jobs(batch)[0]
    assert (job.state, job.error_kind, job.error_sentence) == ("failed", str(kind), REWORD)
    assert (job.maybe_charged, job.price_actual) == (False, None)
    assert len(paid.submitted) == 1
    engine.check()


def test_a_passing_failure_waits_a_little_and_is_tried_again_under_a_new_name(
    engine: Engine, workspace: Workspace, paid: Scripted
) -> None:
    paid.submitting = _broken_down
    batch = engine.submit(workspace)
    engine.place()
    began = database_now()
    engine.run_placed()
    job = engine.jobs(batch)[0]
    assert (job.state, job.failures, job.handle, job.lane) == ("waiting", 1, None, None)
    assert job.not_before is not None
    assert timedelta(seconds=0.5) <= job.not_before - began < timedelta(seconds=5)
    engine.turn()
    assert len(paid.submitted) == 1

    paid.submitting = _taken
    _now(batch)
    engine.turn()
    assert engine.states(batch) == ["succeeded"]
    assert paid.submitted == [f"{job.id}.1", f"{job.id}.2"]
    assert billing.usage_today(workspace.owner_id).used == 1
    engine.check()


@pytest.mark.parametrize(("once", "more"), [(False, endings.MOST_RETRIES), (True, 1)])
def test_a_failure_that_does_not_pass_ends_the_job_after_a_few_more_tries_or_one(
    engine: Engine, workspace: Workspace, paid: Scripted, once: bool, more: int
) -> None:
    def broken_down(_: Request) -> Handle:
        raise ProviderError(ErrorKind.PROVIDER, "It broke down. Try again.", retryable=True, once=once)

    paid.submitting = broken_down
    batch = engine.submit(workspace)
    for _ in range(10):
        engine.turn()
        _now(batch)
    job = engine.jobs(batch)[0]
    assert (job.state, job.error_sentence) == ("failed", "It broke down. Try again.")
    assert len(paid.submitted) == 1 + more
    assert billing.usage_today(workspace.owner_id).used == 0
    engine.check()


def test_pauses_between_tries_double_and_differ() -> None:
    rng = random.Random(1)
    for failures in range(8):
        pauses = [backoff_s(failures, rng) for _ in range(200)]
        assert 0.5 * min(120, 2**failures) <= min(pauses) < max(pauses) <= min(120, 2**failures)
    assert backoff_s(10_000, rng) <= 120


def test_a_failure_that_may_have_cost_money_is_not_repeated_for_the_person(
    engine: Engine, workspace: Workspace, paid: Scripted
) -> None:
    paid.following = _broken_late
    batch = engine.submit(workspace)
    engine.turn()
    job = engine.jobs(batch)[0]
    assert (job.state, job.maybe_charged, job.price_actual) == ("failed", True, PRICE)
    assert len(paid.submitted) == 1
    engine.check()


def test_the_same_failure_of_a_free_provider_costs_nothing_and_is_repeated(
    engine: Engine, workspace: Workspace, free: Scripted
) -> None:
    free.following = _broken_late
    batch = engine.submit(workspace)
    engine.turn()
    assert engine.states(batch) == ["waiting"]
    free.following = free.half_then_done
    _now(batch)
    engine.turn()
    job = engine.jobs(batch)[0]
    assert (job.state, job.maybe_charged) == ("succeeded", False)
    engine.check()


def test_something_that_is_no_picture_is_never_shown(engine: Engine, workspace: Workspace, paid: Scripted) -> None:
    def garbage(_: Handle) -> Iterator[Progress | Outputs]:
        yield Outputs((*picture().items, Output(b"<html>504</html>", "image/png")))

    paid.following = garbage
    batch = engine.submit(workspace)
    engine.turn()
    job = engine.jobs(batch)[0]
    assert (job.state, job.maybe_charged) == ("failed", True)
    assert "not a picture" in (job.error_sentence or "")
    assert engine.assets() == []
    engine.check()


def test_work_that_ends_without_a_picture_is_tried_again(engine: Engine, workspace: Workspace, free: Scripted) -> None:
    def empty(_: Handle) -> Iterator[Progress | Outputs]:
        yield Progress(1.0)

    free.following = empty
    batch = engine.submit(workspace)
    engine.turn()
    assert engine.states(batch) == ["waiting"]
    assert engine.jobs(batch)[0].failures == 1


@pytest.mark.parametrize("settings_more", [{"DARKROOM_SKETCH_SLOTS": "1"}], indirect=True)
def test_a_busy_provider_gets_nothing_until_the_moment_it_named(
    engine: Engine, workspace: Workspace, paid: Scripted
) -> None:
    paid.submitting = _busy
    batch = engine.submit(workspace, batch_size=2)
    engine.place()
    engine.run_placed()
    first = next(job for job in engine.jobs(batch) if job.failures)
    state = db.session.get_one(LaneState, "sketch")
    assert state.resume_at is not None
    assert 55 < (state.resume_at - database_now()).total_seconds() <= 60
    assert first.not_before is not None
    assert first.not_before > state.resume_at
    # The other job has done nothing wrong, but its lane is closed too.
    paid.submitting = _taken
    assert engine.place() == 0

    state.resume_at = database_now()
    db.session.commit()
    _now(batch)
    engine.turn()
    assert engine.states(batch) == ["succeeded"] * 2
    engine.check()


def test_a_busy_provider_is_not_the_jobs_fault_and_is_asked_many_times(
    engine: Engine, workspace: Workspace, paid: Scripted
) -> None:
    paid.submitting = _busy
    batch = engine.submit(workspace)
    for _ in range(endings.MOST_RETRIES + 5):
        engine.turn()
        _now(batch)
    assert engine.states(batch) == ["waiting"]
    for _ in range(endings.MOST_CAPACITY_RETRIES):
        engine.turn()
        _now(batch)
    job = engine.jobs(batch)[0]
    assert (job.state, job.error_kind) == ("failed", "capacity")
    assert len(paid.submitted) == 1 + endings.MOST_CAPACITY_RETRIES
    engine.check()


def test_many_jobs_refused_at_the_same_moment_all_wait(
    app: APIFlask, engine: Engine, workspace: Workspace, paid: Scripted
) -> None:
    batch = engine.submit(workspace, batch_size=2)
    engine.place()
    ids = [job.id for job in engine.jobs(batch)]
    db.session.rollback()
    together = threading.Barrier(len(ids))

    def busy(request: Request) -> Handle:
        together.wait(10)
        return _busy(request)

    paid.submitting = busy
    _at_once(app, [_running(job_id) for job_id in ids])
    jobs = engine.jobs(batch)
    assert [(job.state, job.failures, job.crashes) for job in jobs] == [("waiting", 1, 0)] * 2
    assert lanes.lane_states()["sketch"].failures == 2


def _running(job_id: object) -> Callable[[], None]:
    return lambda: running.run(job_id)  # type: ignore[arg-type]  # a job's id, out of a list


def _failed_batch(engine: Engine, workspace: Workspace, provider: Scripted, count: int = 1) -> Batch:
    provider.submitting = _declined
    batch = engine.submit(workspace, batch_size=count)
    engine.turn()
    assert engine.states(batch) == ["failed"] * count
    provider.submitting = _taken
    return batch


def _taken(request: Request) -> Handle:
    return Handle({"reference": request.reference})


def _declined(_: Request) -> Handle:
    raise ProviderError(ErrorKind.MODERATION, REWORD)


def _broken_down(_: Request) -> Handle:
    raise ProviderError(ErrorKind.PROVIDER, "It broke down. Try again.", retryable=True)


def _busy(_: Request) -> Handle:
    raise ProviderError(ErrorKind.CAPACITY, "It is busy. Try again later.", retryable=True, retry_after_s=60)


def _broken_late(_: Handle) -> Iterator[Progress | Outputs]:
    yield Progress(0.9)
    raise ProviderError(ErrorKind.PROVIDER, "It broke down.", retryable=True, may_have_cost=True)


def _two_pictures(_: Handle) -> Iterator[Progress | Outputs]:
    yield Outputs(picture().items * 2)


def _now(batch: Batch) -> None:
    """Let the time pass that a job, or its lane, was told to wait."""
    waiting = sa.update(Job).where(Job.batch_id == batch.id).values(not_before=None)
    db.session.execute(waiting, execution_options={"synchronize_session": False})
    db.session.execute(sa.update(LaneState).values(resume_at=None), execution_options={"synchronize_session": False})
    db.session.commit()


def _at_once(app: APIFlask, works: list[Callable[[], None]]) -> None:
    def run(work: Callable[[], None]) -> None:
        with app.app_context():
            work()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
