"""Cancel: one job, the rest of a batch, a whole batch, everything of mine. Never anyone else's."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.background import TaskName, ring
from app.billing import service as billing
from app.db import UTCDateTime, after_commit, database_now, db, pass_turnstile
from app.generation import endings, events
from app.generation.domain import FINAL, JobState
from app.generation.errors import NotCancellable
from app.generation.models import Batch, Job
from app.generation.workloads import workload

_STARTED = (JobState.PLACED, JobState.SUBMITTED, JobState.RUNNING)
STOPPABLE = (JobState.WAITING, *_STARTED)


@dataclass(frozen=True, slots=True)
class Stopped:
    """What a cancellation did. waiting: jobs it ended at once, which `retrying.uncancel` can queue again by `at`;
    started: jobs on their way out."""

    waiting: int
    started: int
    at: datetime

    @property
    def count(self) -> int:
        return self.waiting + self.started


def cancel_job(job: Job) -> Stopped:
    """Stop one job. Raises NotCancellable when it has already ended; cancelling twice is harmless."""
    if JobState(job.state) in FINAL:
        raise NotCancellable(job.state)
    stopped = _cancel([job])
    db.session.commit()
    db.session.refresh(job)
    return stopped


def cancel_batch(batch: Batch, *, only_waiting: bool = False) -> Stopped:
    """Stop a batch's open jobs; with only_waiting those not yet started ("the rest")."""
    mine = Job.batch_id == batch.id
    jobs = _stoppable(sa.and_(mine, Job.state == JobState.WAITING) if only_waiting else mine)
    stopped = _cancel(jobs)
    db.session.commit()
    return stopped


def cancel_all(owner_id: uuid.UUID, *, only_waiting: bool = False) -> Stopped:
    """Stop every open job of a person; with only_waiting those not yet started."""
    mine = Job.owner_id == owner_id
    stopped = _cancel(_stoppable(sa.and_(mine, Job.state == JobState.WAITING) if only_waiting else mine))
    db.session.commit()
    return stopped


def cancel_workspace(workspace_id: uuid.UUID) -> int:
    """Stop every open job of a workspace, in the caller's transaction. Returns how many."""
    return _cancel(_stoppable(Job.workspace_id == workspace_id)).count


def _stoppable(mine: sa.ColumnElement[bool]) -> Sequence[Job]:
    return db.session.scalars(sa.select(Job).where(mine, Job.state.in_(STOPPABLE))).all()


def _cancel(jobs: Sequence[Job]) -> Stopped:
    if not jobs:
        return Stopped(0, 0, database_now())
    waiting = started = 0
    batches = sorted({job.batch_id for job in jobs})
    # Many rows at once, so in everybody's order: placement's turn, then batches, then jobs. Otherwise two could each
    # wait for what the other has.
    pass_turnstile("placement")
    endings.lock_batches(batches)
    now = database_now()
    for job in jobs:
        state, submission = _stop(job, now)
        if state is None:
            continue
        events.job_changed(job, state)
        if state is JobState.CANCELLED:
            waiting += 1
            billing.release(job.owner_id, workload(job.id, submission, job.model, job.price_estimate))
        else:
            started += 1
            after_commit(_Hurry(job.id))
    for batch_id in batches:
        endings.close_batch_if_done(batch_id)
    return Stopped(waiting, started, now)


def _stop(job: Job, now: datetime) -> tuple[JobState | None, int]:
    """What became of the job, and its submission now; None if it had ended already.

    One statement, so that a job that goes to and fro between waiting and placed cannot slip through. No fence:
    whoever holds the job, the person's wish stands, and the holder's next write will notice it.
    """
    waits = Job.state == JobState.WAITING
    stopped = db.session.execute(
        sa.update(Job)
        .where(Job.id == job.id, Job.state.in_(STOPPABLE))
        .values(
            state=sa.case((waits, str(JobState.CANCELLED)), else_=str(JobState.CANCELLING)),
            finished_at=sa.case((waits, sa.literal(now, UTCDateTime())), else_=Job.finished_at),
        )
        .returning(Job.state, Job.submission)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return (JobState(stopped.state), stopped.submission) if stopped else (None, job.submission)


class _Hurry:
    """Wake a worker for a job nobody holds yet, so that its cancellation is confirmed at once."""

    def __init__(self, job_id: uuid.UUID) -> None:
        self._job_id = job_id

    def __call__(self) -> None:
        ring(TaskName.RUN_JOB, self._job_id)
