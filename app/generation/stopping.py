"""Cancel: one job, the rest of a batch, a whole batch, everything of mine. Never anyone else's."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from app.background import TaskName, ring
from app.billing import service as billing
from app.billing.service import Workload
from app.db import after_commit, database_now, db, rows_changed
from app.generation import endings, events, lanes
from app.generation.domain import FINAL, JobState
from app.generation.errors import NotCancellable
from app.generation.models import Batch, Job

_STARTED = (JobState.PLACED, JobState.SUBMITTED, JobState.RUNNING)
STOPPABLE = (JobState.WAITING, *_STARTED)


def cancel_job(job: Job) -> Job:
    """Stop one job. Raises NotCancellable when it has already ended; cancelling twice is harmless."""
    if JobState(job.state) in FINAL:
        raise NotCancellable(job.state)
    _cancel([job])
    db.session.commit()
    db.session.refresh(job)
    return job


def cancel_batch(batch: Batch, *, only_waiting: bool = False) -> int:
    """Stop a batch's open jobs; with only_waiting those not yet started ("the rest"). Returns how many."""
    mine = Job.batch_id == batch.id
    jobs = _stoppable(sa.and_(mine, Job.state == JobState.WAITING) if only_waiting else mine)
    stopped = _cancel(jobs)
    db.session.commit()
    return stopped


def cancel_all(owner_id: uuid.UUID) -> int:
    """Stop every open job of a person. Returns how many."""
    stopped = _cancel(_stoppable(Job.owner_id == owner_id))
    db.session.commit()
    return stopped


def cancel_workspace(workspace_id: uuid.UUID) -> int:
    """Stop every open job of a workspace, in the caller's transaction. Returns how many."""
    return _cancel(_stoppable(Job.workspace_id == workspace_id))


def _stoppable(mine: sa.ColumnElement[bool]) -> Sequence[Job]:
    return db.session.scalars(sa.select(Job).where(mine, Job.state.in_(STOPPABLE))).all()


def _cancel(jobs: Iterable[Job]) -> int:
    stopped = 0
    batches: set[uuid.UUID] = set()
    now = database_now()
    for job in jobs:
        if _set(job, (JobState.WAITING,), JobState.CANCELLED, finished_at=now):
            billing.release(job.owner_id, Workload(job.id, job.submission, lanes.units_of(job.model)))
            events.job_changed(job, JobState.CANCELLED)
            batches.add(job.batch_id)
            stopped += 1
        elif _set(job, _STARTED, JobState.CANCELLING):
            events.job_changed(job, JobState.CANCELLING)
            after_commit(_Hurry(job.id))
            stopped += 1
    for batch_id in sorted(batches):
        db.session.execute(sa.select(Batch.id).where(Batch.id == batch_id).with_for_update())
        endings.close_batch_if_done(batch_id)
    return stopped


def _set(job: Job, from_states: Sequence[JobState], to: JobState, **values: object) -> bool:
    # No fence here: whoever holds the job, the person's wish stands, and the holder's next write will notice it.
    return bool(
        rows_changed(sa.update(Job).where(Job.id == job.id, Job.state.in_(from_states)).values(state=to, **values))
    )


class _Hurry:
    """Wake a worker for a job nobody holds yet, so that its cancellation is confirmed at once."""

    def __init__(self, job_id: uuid.UUID) -> None:
        self._job_id = job_id

    def __call__(self) -> None:
        ring(TaskName.RUN_JOB, self._job_id)
