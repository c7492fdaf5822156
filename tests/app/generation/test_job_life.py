"""Any sequence of clicks, deaths and failures: jobs keep to their table of states, and money to its ledger.

Hypothesis turns the engine by hand and compares it with a model that knows only what must be true: what each person
asked for last, what the provider was sent, and which states may follow each other.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from app.billing import service as billing
from app.billing.models import DailyUsage, UsageEntry
from app.db import db
from app.errors import AppError
from app.generation import invariants, queueing, retrying, running, stopping
from app.generation.domain import FINAL, NEXT_STATES, JobState
from app.generation.models import Batch, Job, LaneState, OwnerUse, QueueControl
from app.generation.queueing import Move
from app.library.models import Asset
from app.providers.contract import Cancelled, ErrorKind, Handle, Outputs, Progress, ProviderError, Request
from app.workspaces.models import Workspace
from tests.app.generation.conftest import AtPoint
from tests.support.engine import Engine
from tests.support.scripted import Killed, Scripted, die, picture

POINTS = ["after_claim", "before_send", "after_send", "after_handle", "following", "before_store", "after_files"]
POINTS += ["before_end", "after_end"]
WAYS = ["well", "well", "busy", "passing", "declined", "costly", "handed on", "deaf"]

jobs_of_batch = st.integers(1, 3)
any_job = st.integers(0, 30)


class JobLife(RuleBasedStateMachine):
    """One person's queue on a provider that charges, with two slots."""

    def __init__(self, engine: Engine, workspace: Workspace, provider: Scripted, at_point: AtPoint) -> None:
        super().__init__()
        self.engine, self.workspace, self.provider, self.at_point = engine, workspace, provider, at_point
        self.owner_id = workspace.owner_id
        self.seen: dict[uuid.UUID, JobState] = {}
        self.clicks_on_retry: Counter[uuid.UUID] = Counter()
        self.stopped: set[uuid.UUID] = set()
        self.way, self.at_work = "well", workspace.id

    @initialize()
    def begin_empty(self) -> None:
        db.session.rollback()
        for table in (Asset, UsageEntry, DailyUsage, Job, Batch, LaneState, OwnerUse, QueueControl):
            db.session.execute(sa.delete(table))
        db.session.commit()
        self.provider.submitted.clear()
        self.provider.cancelled.clear()
        self.provider.submitting = self._submitting
        self.provider.following = self._following
        self.engine.submit(self.workspace, batch_size=2)

    @rule(count=jobs_of_batch)
    def ask_for_pictures(self, count: int) -> None:
        self.engine.submit(self.workspace, batch_size=count)

    @rule()
    def place(self) -> None:
        db.session.execute(sa.update(LaneState).values(resume_at=None))
        db.session.execute(sa.update(Job).values(not_before=None))
        db.session.commit()
        self.engine.place()

    @rule(which=any_job, way=st.sampled_from(WAYS))
    def follow_one(self, which: int, way: str) -> None:
        self._run(which, way)

    @rule(which=any_job, point=st.sampled_from(POINTS), way=st.sampled_from(["well", "busy", "handed on"]))
    def die_on_the_way(self, which: int, point: str, way: str) -> None:
        self.at_point(point, die)
        self._run(which, way)
        self.at_point(point, _nothing)

    @rule(which=any_job, point=st.sampled_from(POINTS[:-2]), way=st.sampled_from(WAYS))
    def cancel_on_the_way(self, which: int, point: str, way: str) -> None:
        self.at_point(point, self._cancel_the_one_at_work)
        self._run(which, way)
        self.at_point(point, _nothing)

    @rule()
    def let_leases_lapse(self) -> None:
        self.engine.lapse()

    @rule()
    def sweep(self) -> None:
        self.engine.sweep()

    @rule(which=any_job)
    def cancel_one(self, which: int) -> None:
        if job_id := self._pick(which, *JobState):
            try:
                stopping.cancel_job(self.engine.job(job_id))
                self.stopped.add(job_id)
            except AppError:
                db.session.rollback()
                assert self._states()[job_id] in FINAL

    @rule(which=any_job, only_waiting=st.booleans())
    def cancel_a_batch(self, which: int, only_waiting: bool) -> None:
        if job_id := self._pick(which, *JobState):
            batch = db.session.get_one(Batch, self.engine.job(job_id).batch_id)
            aimed = {job.id for job in self.engine.jobs(batch) if job.state not in FINAL}
            if only_waiting:
                aimed = {job.id for job in self.engine.jobs(batch) if job.state == JobState.WAITING}
            stopping.cancel_batch(batch, only_waiting=only_waiting)
            self.stopped |= aimed

    @rule(which=any_job, whole_batch=st.booleans())
    def retry(self, which: int, whole_batch: bool) -> None:
        if job_id := self._pick(which, JobState.FAILED, JobState.CANCELLED):
            if not whole_batch:
                retrying.retry_job(self.engine.job(job_id))
                self._reopened(job_id)
                return
            batch = db.session.get_one(Batch, self.engine.job(job_id).batch_id)
            failed = [job.id for job in self.engine.jobs(batch) if job.state == JobState.FAILED]
            assert retrying.retry_failed(batch) == len(failed)
            for each in failed:
                self._reopened(each)

    @rule(which=any_job, what=st.sampled_from(["pause", "resume", *Move]))
    def reorder(self, which: int, what: str) -> None:
        if what == "pause":
            queueing.pause(self.owner_id)
        elif what == "resume":
            queueing.resume(self.owner_id)
        elif job_id := self._pick(which, JobState.WAITING):
            queueing.move(self.engine.job(job_id), Move(what))

    @invariant()
    def states_follow_their_table(self) -> None:
        now = self._states()
        for job_id, state in now.items():
            before = self.seen.get(job_id, JobState.WAITING)
            assert state in _reachable(before), f"{before} became {state}"
        self.seen = now

    @invariant()
    def what_is_done_stays_done_and_what_is_stopped_stays_stopped(self) -> None:
        now = self._states()
        for job_id in self.stopped:
            assert now[job_id] in {
                JobState.CANCELLING,
                JobState.CANCELLED,
                JobState.FAILED,
            }

    @invariant()
    def nothing_is_paid_for_twice(self) -> None:
        sent = Counter(self.provider.submitted)
        assert all(times == 1 for times in sent.values()), sent

    @invariant()
    def each_success_has_its_picture_and_counts_once(self) -> None:
        states = Counter(self._states().values())
        shown = db.session.scalar(sa.select(sa.func.count()).where(Asset.late.is_(False)))
        assert shown == states[JobState.SUCCEEDED]
        still_counted = sum(states[state] for state in JobState if state not in {JobState.FAILED, JobState.CANCELLED})
        assert billing.usage_today(self.owner_id).used == still_counted
        db.session.rollback()

    @invariant()
    def all_that_must_always_hold_does(self) -> None:
        assert [each for each in invariants.check() if "nobody looks after" not in each] == []

    def teardown(self) -> None:
        """Whatever happened: let the dust settle, and everything has ended and is in order."""
        self.way = "well"
        queueing.resume(self.owner_id)
        for _ in range(40):
            self.engine.lapse()
            self.place()
            self.engine.run_placed()
            if set(self._states().values()) <= FINAL:
                break
        self.states_follow_their_table()
        self.nothing_is_paid_for_twice()
        self.each_success_has_its_picture_and_counts_once()
        self.engine.check()

    def _run(self, which: int, way: str) -> None:
        """Follow a job that is on a lane, in the way the provider is told to have."""
        self.place()
        if job_id := self._pick(which, *_ACTIVE):
            self.way, self.at_work = way, job_id
            try:
                running.run(job_id)
            except Killed:
                db.session.rollback()
            finally:
                running.draining.clear()

    def _cancel_the_one_at_work(self) -> None:
        stopping.cancel_job(self.engine.job(self.at_work))
        self.stopped.add(self.at_work)

    def _reopened(self, job_id: uuid.UUID) -> None:
        self.stopped.discard(job_id)
        self.seen[job_id] = JobState.WAITING

    def _states(self) -> dict[uuid.UUID, JobState]:
        rows = db.session.execute(sa.select(Job.id, Job.state)).all()
        db.session.rollback()
        return {row.id: JobState(row.state) for row in rows}

    def _pick(self, which: int, *states: JobState) -> uuid.UUID | None:
        found = db.session.scalars(sa.select(Job.id).where(Job.state.in_(states)).order_by(Job.position, Job.id)).all()
        db.session.rollback()
        return found[which % len(found)] if found else None

    def _submitting(self, request: Request) -> Handle:
        if self.way == "busy":
            self.provider.submitted.remove(request.reference)
            raise ProviderError(ErrorKind.CAPACITY, "Busy.", retryable=True, retry_after_s=5)
        if self.way == "declined":
            raise ProviderError(ErrorKind.MODERATION, "Declined.")
        return Handle({"reference": request.reference})

    def _following(self, handle: Handle) -> Iterator[Progress | Outputs]:
        if self.way == "handed on":
            running.draining.set()
        yield Progress(0.5)
        if self.way == "passing":
            raise ProviderError(ErrorKind.PROVIDER, "A moment.", retryable=True)
        if self.way == "costly":
            raise ProviderError(ErrorKind.PROVIDER, "Broken.", retryable=True, may_have_cost=True)
        if handle.value["reference"] in self.provider.cancelled and self.way != "deaf":
            raise Cancelled
        yield picture()


_ACTIVE = (JobState.PLACED, JobState.SUBMITTED, JobState.RUNNING, JobState.CANCELLING)


def _nothing() -> None:
    return None


def _reachable(state: JobState) -> set[JobState]:
    """Where a job may stand after one rule: several steps of the table, but never out of an end."""
    found, new = {state}, {state}
    while new:
        new = {after for each in new if each not in FINAL for after in NEXT_STATES[each]} - found
        found |= new
    return found


@pytest.mark.parametrize("settings_more", [{"DARKROOM_SKETCH_SLOTS": "2"}], indirect=True)
@pytest.mark.timeout(180)
def test_any_life_of_jobs_keeps_the_promises(
    app: APIFlask, engine: Engine, workspace: Workspace, paid: Scripted, at_point: AtPoint
) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # Hypothesis leaves it untyped
        lambda: JobLife(engine, workspace, paid, at_point),
        settings=settings(
            max_examples=40 if app.extensions["settings"].is_sqlite else 8,
            stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            # A shorter way to the same failure would take minutes to find; the one that was found is printed.
            phases=[Phase.generate],
        ),
    )
