"""Cancelling, in every state and at every moment: either stopped or done, never both, and never anybody else's."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.billing import service as billing
from app.billing.models import DailyUsage
from app.db import database_now, db
from app.generation import placing, running, stopping
from app.generation.domain import JobState
from app.generation.errors import NotCancellable
from app.generation.models import Job
from app.generation.queries import batch_for, job_for
from app.providers.contract import Cancelled, ErrorKind, Handle, Outputs, Progress, ProviderError, Request, Unknown
from app.workspaces.models import Workspace
from tests.app.generation.conftest import AtPoint
from tests.support.engine import Engine
from tests.support.scripted import PRICE, Scripted, die, picture


def test_a_waiting_job_is_cancelled_at_once(engine: Engine, workspace: Workspace, paid: Scripted) -> None:
    batch = engine.submit(workspace)
    job = engine.jobs(batch)[0]
    assert stopping.cancel_job(job).waiting == 1
    assert job.state == "cancelled"
    engine.turn()
    assert paid.submitted == []
    assert batch.finished_at is not None
    assert billing.usage_today(workspace.owner_id).used == 0
    engine.check()


def test_a_placed_job_whose_message_was_lost_is_confirmed_by_the_next_worker(
    engine: Engine, workspace: Workspace, paid: Scripted
) -> None:
    batch = engine.submit(workspace)
    engine.place()
    job = engine.jobs(batch)[0]
    engine.rung.clear()
    assert stopping.cancel_job(job).started == 1
    assert job.state == "cancelling"
    assert engine.rung == [("generation.run_job", (str(job.id),))]

    engine.rung.clear()
    _set(job, placed_at=database_now() - timedelta(seconds=10))
    engine.sweep()
    assert ("generation.run_job", (str(job.id),)) in engine.rung
    engine.run_placed()
    assert engine.states(batch) == ["cancelled"]
    assert paid.submitted == paid.cancelled == []
    engine.check()


def test_a_job_cancelled_between_its_claim_and_its_sending_is_not_sent(
    engine: Engine, workspace: Workspace, paid: Scripted, at_point: AtPoint
) -> None:
    batch = engine.submit(workspace)
    engine.place()
    at_point("after_claim", lambda: _cancel(engine.jobs(batch)[0]))
    engine.run_placed()
    assert engine.states(batch) == ["cancelled"]
    assert paid.submitted == []
    engine.check()


def test_a_job_cancelled_while_it_is_being_sent_is_stopped_by_its_handle(
    engine: Engine, workspace: Workspace, paid: Scripted
) -> None:
    batch = engine.submit(workspace)
    engine.place()

    def cancelled_meanwhile(request: Request) -> Handle:
        _cancel(engine.jobs(batch)[0])
        return Handle({"reference": request.reference})

    def until_stopped(handle: Handle) -> Iterator[Progress | Outputs]:
        while handle.value["reference"] not in paid.cancelled:
            yield Progress(0.1)
        raise Cancelled

    paid.submitting, paid.following = cancelled_meanwhile, until_stopped
    engine.run_placed()
    job = engine.jobs(batch)[0]
    assert job.state == "cancelled"
    assert paid.cancelled == [job.reference]
    engine.check()


def test_a_running_job_stays_until_the_provider_confirms(engine: Engine, workspace: Workspace, paid: Scripted) -> None:
    batch = engine.submit(workspace)
    engine.place()
    seen: list[str] = []

    def slow_to_stop(handle: Handle) -> Iterator[Progress | Outputs]:
        yield Progress(0.2)
        _cancel(engine.jobs(batch)[0])
        for _ in range(3):
            yield Progress(0.3)
            seen.extend(engine.states(batch))
        raise Cancelled

    paid.following = slow_to_stop
    engine.run_placed()
    assert seen == ["cancelling"] * 3
    assert engine.states(batch) == ["cancelled"]
    assert len(paid.cancelled) == 1
    engine.check()


def test_a_provider_that_never_confirms_is_not_waited_for_and_may_charge_all_the_same(
    engine: Engine, workspace: Workspace, paid: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "CANCEL_GRACE_S", 0.05)
    batch = engine.submit(workspace)
    engine.place()

    def deaf(_: Handle) -> Iterator[Progress | Outputs]:
        yield Progress(0.2)
        _cancel(engine.jobs(batch)[0])
        while True:
            time.sleep(0.01)
            yield Progress(0.3)

    paid.following = deaf
    engine.run_placed()
    (job,) = engine.jobs(batch)
    assert (job.state, job.maybe_charged, job.price_actual) == ("cancelled", True, PRICE)
    assert "may have been charged once" in (job.error_sentence or "")
    counted = db.session.scalar(sa.select(DailyUsage.amount).where(DailyUsage.owner_id == workspace.owner_id))
    assert counted == PRICE
    engine.check()


def test_a_cancellation_that_does_not_get_through_is_sent_again(
    engine: Engine, workspace: Workspace, paid: Scripted
) -> None:
    def at_the_third_time(_: Handle) -> None:
        if len(paid.cancelled) < 3:
            raise ProviderError(ErrorKind.PROVIDER, "Out of reach.", retryable=True)

    def until_stopped(_: Handle) -> Iterator[Progress | Outputs]:
        yield Progress(0.2)
        _cancel(engine.jobs(batch)[0])
        while len(paid.cancelled) < 3:
            yield Progress(0.3)
        raise Cancelled

    paid.cancelling, paid.following = at_the_third_time, until_stopped
    batch = engine.submit(workspace)
    engine.place()
    engine.run_placed()
    assert engine.states(batch) == ["cancelled"]
    assert len(paid.submitted) == 1
    engine.check()


def test_a_result_that_comes_after_the_cancellation_is_kept_and_marked(
    engine: Engine, workspace: Workspace, paid: Scripted, at_point: AtPoint
) -> None:
    batch = engine.submit(workspace)
    engine.place()
    at_point("before_store", lambda: _cancel(engine.jobs(batch)[0]))
    engine.run_placed()
    job = engine.jobs(batch)[0]
    assert (job.state, job.price_actual) == ("cancelled", PRICE)
    assert [asset.late for asset in engine.assets()] == [True]
    assert billing.usage_today(workspace.owner_id).used == 0
    engine.check()


def test_a_job_cancelled_while_its_worker_lay_dead_is_stopped_by_the_next_one(
    engine: Engine, workspace: Workspace, paid: Scripted, at_point: AtPoint
) -> None:
    batch = engine.submit(workspace)
    engine.place()
    at_point("following", die)
    engine.die_at_work()
    _cancel(engine.jobs(batch)[0])
    engine.lapse()

    def stopped(_: Handle) -> Iterator[Progress | Outputs]:
        yield Progress(0.5)
        raise Cancelled

    paid.following = stopped
    engine.sweep()
    engine.run_placed()
    assert engine.states(batch) == ["cancelled"]
    assert (len(paid.submitted), len(paid.cancelled)) == (1, 1)
    engine.check()


def test_a_job_cancelled_while_nobody_knows_whether_it_was_sent_says_so_if_it_costs(
    engine: Engine, workspace: Workspace, paid: Scripted, at_point: AtPoint
) -> None:
    paid.finding = lambda _: Unknown()
    batch = engine.submit(workspace)
    engine.place()
    at_point("after_send", die)
    engine.die_at_work()
    _cancel(engine.jobs(batch)[0])
    engine.lapse()
    engine.run_placed()
    job = engine.jobs(batch)[0]
    assert (job.state, job.error_kind, job.maybe_charged) == ("failed", "outcome_unknown", True)
    engine.check()


def test_a_job_cancelled_while_nobody_knows_whether_it_was_sent_is_simply_cancelled_if_it_is_free(
    engine: Engine, workspace: Workspace, free: Scripted, at_point: AtPoint
) -> None:
    free.finding = lambda _: Unknown()
    batch = engine.submit(workspace)
    engine.place()
    at_point("after_send", die)
    engine.die_at_work()
    _cancel(engine.jobs(batch)[0])
    engine.lapse()
    engine.run_placed()
    assert engine.states(batch) == ["cancelled"]
    engine.check()


def test_a_job_that_is_refused_while_it_is_being_cancelled_is_cancelled(
    engine: Engine, workspace: Workspace, paid: Scripted
) -> None:
    batch = engine.submit(workspace)
    engine.place()

    def full(_: Request) -> Handle:
        _cancel(engine.jobs(batch)[0])
        raise ProviderError(ErrorKind.CAPACITY, "Busy.", retryable=True, retry_after_s=1)

    paid.submitting = full
    engine.run_placed()
    job = engine.jobs(batch)[0]
    assert (job.state, job.error_sentence) == ("cancelled", None)
    engine.check()


def test_a_job_that_breaks_while_it_is_being_cancelled_owns_up_to_its_cost(
    engine: Engine, workspace: Workspace, paid: Scripted
) -> None:
    batch = engine.submit(workspace)
    engine.place()

    def breaking(_: Handle) -> Iterator[Progress | Outputs]:
        yield Progress(0.1)
        _cancel(engine.jobs(batch)[0])
        raise ProviderError(ErrorKind.PROVIDER, "It broke.", retryable=True, may_have_cost=True)

    paid.following = breaking
    engine.run_placed()
    job = engine.jobs(batch)[0]
    assert (job.state, job.maybe_charged, job.price_actual) == ("failed", True, PRICE)
    engine.check()


def test_work_that_the_provider_stopped_by_itself_is_not_called_cancelled(
    engine: Engine, workspace: Workspace, paid: Scripted
) -> None:
    def stopped_by_nobody(_: Handle) -> Iterator[Progress | Outputs]:
        yield Progress(0.1)
        raise Cancelled

    paid.following = stopped_by_nobody
    batch = engine.submit(workspace)
    engine.turn()
    job = engine.jobs(batch)[0]
    assert job.state == "failed"
    assert "provider stopped this" in (job.error_sentence or "")
    engine.check()


def test_cancelling_twice_is_harmless_and_an_ended_job_says_that_it_is(
    engine: Engine, workspace: Workspace, free: Scripted
) -> None:
    batch = engine.submit(workspace)
    engine.place()
    job = engine.jobs(batch)[0]
    stopping.cancel_job(job)
    assert stopping.cancel_job(job).count == 0
    assert job.state == "cancelling"
    engine.run_placed()
    with pytest.raises(NotCancellable, match="already cancelled"):
        stopping.cancel_job(engine.job(job.id))


@pytest.mark.parametrize("settings_more", [{"DARKROOM_SKETCH_SLOTS": "2"}], indirect=True)
def test_the_rest_of_a_batch_can_be_cancelled_while_the_started_ones_finish(
    engine: Engine, workspace: Workspace, free: Scripted
) -> None:
    batch = engine.submit(workspace, batch_size=5)
    engine.place()
    assert stopping.cancel_batch(batch, only_waiting=True).count == 3
    engine.turn()
    assert sorted(engine.states(batch)) == ["cancelled"] * 3 + ["succeeded"] * 2
    assert batch.finished_at is not None
    engine.check()


@pytest.mark.parametrize("settings_more", [{"DARKROOM_SKETCH_SLOTS": "2"}], indirect=True)
def test_a_batch_and_all_of_a_persons_queue_can_be_cancelled_and_nobody_elses(
    engine: Engine, workspace: Workspace, their_workspace: Workspace, free: Scripted
) -> None:
    theirs = engine.submit(their_workspace, batch_size=2)
    first, second, third = (engine.submit(workspace, batch_size=2) for _ in range(3))
    engine.place()
    assert stopping.cancel_batch(first).count == 2
    assert set(engine.states(second) + engine.states(third)) <= {"waiting", "placed"}
    assert stopping.cancel_all(workspace.owner_id).count == 4
    engine.turn()
    assert set(engine.states(first) + engine.states(second) + engine.states(third)) == {"cancelled"}
    assert engine.states(theirs) == ["succeeded"] * 2
    engine.check()


def test_a_strangers_job_looks_like_a_missing_one(
    engine: Engine, workspace: Workspace, their_workspace: Workspace
) -> None:
    from app.errors import NotFound

    theirs = engine.submit(their_workspace)
    with pytest.raises(NotFound):
        job_for(workspace.owner_id, engine.jobs(theirs)[0].id)
    with pytest.raises(NotFound):
        batch_for(workspace.owner_id, theirs.id)


def test_a_job_that_goes_back_to_wait_meanwhile_does_not_slip_through(
    engine: Engine, workspace: Workspace, free: Scripted
) -> None:
    """The object in hand still says `placed`, under its first name."""
    batch = engine.submit(workspace)
    engine.place()
    job = engine.jobs(batch)[0]
    assert job.state == "placed"

    def full(_: Request) -> Handle:
        raise ProviderError(ErrorKind.CAPACITY, "Busy.", retryable=True)

    free.submitting = full
    db.session.expunge(job)
    engine.run_placed()
    assert engine.states(batch) == ["waiting"]
    assert stopping._cancel([job]).waiting == 1
    db.session.commit()
    assert engine.states(batch) == ["cancelled"]
    engine.check()


MOMENTS = ["after_place", "after_claim", "before_send", "after_send", "after_handle", "following", "before_store"]


def test_a_hundred_cancellations_at_random_moments_end_in_one_of_two_ways(
    app: APIFlask, engine: Engine, workspace: Workspace, paid: Scripted, at_point: AtPoint
) -> None:
    """Each is asked for at one step of the run, in another thread, as a web process would."""
    rng = random.Random(20_261_120)
    outcomes: dict[str, int] = {"succeeded": 0, "cancelled": 0}
    for _ in range(100):
        moment = rng.choice([*MOMENTS, "after_files", "never"])
        paid.following = rng.choice([paid.half_then_done, _too_late_to_stop])
        batch = engine.submit(workspace)
        job_id = engine.jobs(batch)[0].id
        db.session.rollback()
        at_point(moment, _elsewhere(app, lambda job_id=job_id: _cancel(db.session.get_one(Job, job_id))))
        engine.turn()
        job = engine.job(job_id)
        assets = [asset for asset in engine.assets() if asset.job_id == job_id]
        outcomes[job.state] += 1
        assert (job.state == "cancelled") == (moment != "never")
        if job.state == "succeeded":
            assert [asset.late for asset in assets] == [False]
        else:
            assert [asset.late for asset in assets] in ([], [True])
            assert (job.price_actual == PRICE) == bool(assets)
        assert sum(job.reference == reference for reference in paid.submitted) <= 1
    assert min(outcomes.values()) > 3
    # Over all days: so many lives may well cross a midnight.
    used = sa.select(sa.func.sum(DailyUsage.units)).where(DailyUsage.owner_id == workspace.owner_id)
    assert db.session.scalar(used) == outcomes["succeeded"]
    engine.check()


@pytest.mark.parametrize("settings_more", [{"DARKROOM_SKETCH_SLOTS": "4"}], indirect=True)
def test_cancelling_placing_and_finishing_at_the_same_time_never_wait_for_each_other_in_a_ring(
    app: APIFlask, engine: Engine, workspace: Workspace, free: Scripted
) -> None:
    batches = [engine.submit(workspace, batch_size=6) for _ in range(4)]
    batch_ids = [batch.id for batch in batches]
    owner_id = workspace.owner_id
    db.session.rollback()
    rng = random.Random(4)
    problems: list[BaseException] = []

    def watched(work: Callable[[], object]) -> Callable[[], None]:
        def working() -> None:
            try:
                work()
            except BaseException as problem:
                problems.append(problem)
                raise

        return _here(app, working)

    def work_off() -> None:
        for _ in range(40):
            placing.place_now()
            for job_id in db.session.scalars(sa.select(Job.id).where(Job.state.in_(["placed", "cancelling"]))).all():
                db.session.rollback()
                running.run(job_id)

    def cancel_some() -> None:
        for batch_id in batch_ids[:3]:
            time.sleep(rng.uniform(0, 0.1))
            stopping.cancel_batch(batch_for(owner_id, batch_id))

    threads = [threading.Thread(target=watched(work)) for work in (work_off, work_off, cancel_some)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    engine.turn()
    states = [state for batch in batches for state in engine.states(batch)]
    assert set(states) <= {"succeeded", "cancelled"}
    assert engine.states(batches[3]) == ["succeeded"] * 6
    assert len([asset for asset in engine.assets() if not asset.late]) == states.count("succeeded")
    assert len(free.submitted) == len(set(free.submitted))
    engine.check()


def _too_late_to_stop(_: Handle) -> Iterator[Progress | Outputs]:
    yield Progress(0.9)
    yield picture()


def _cancel(job: Job) -> None:
    stopping.cancel_job(job)


def _elsewhere(app: APIFlask, work: Callable[[], None]) -> Callable[[], None]:
    """Do it in a thread with a session of its own, and wait for it."""

    def run() -> None:
        thread = threading.Thread(target=_here(app, work))
        thread.start()
        thread.join(30)

    return run


def _here(app: APIFlask, work: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        with app.app_context():
            work()

    return run


def _set(job: Job, **values: object) -> None:
    db.session.execute(
        sa.update(Job).where(Job.id == job.id).values(**values), execution_options={"synchronize_session": False}
    )
    db.session.commit()


def test_every_open_state_can_be_cancelled_and_no_other() -> None:
    assert set(stopping.STOPPABLE) == {
        JobState.WAITING,
        JobState.PLACED,
        JobState.SUBMITTED,
        JobState.RUNNING,
    }
