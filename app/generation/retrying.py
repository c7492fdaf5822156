"""Try again: one job, all failed ones of a batch, or what was cancelled by mistake; with the same seed and prompt.
Outputs already there are kept."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from app.background import TaskName, ring_once
from app.billing import service as billing
from app.db import after_commit, db
from app.generation import endings, events
from app.generation.choosing import offered_to
from app.generation.domain import JobState
from app.generation.errors import NotRetryable
from app.generation.models import Batch, Job
from app.generation.workloads import workload_of
from app.providers.registry import catalogue
from app.workspaces.models import Workspace

RETRYABLE = (JobState.FAILED, JobState.CANCELLED)
# A statement names each job, and SQLite takes only so many names.
_AT_ONCE = 500


def retry_job(job: Job) -> Job:
    """Queue an ended job again as a new submission. Raises NotRetryable, DailyLimitReached or BudgetReached."""
    if job.state not in RETRYABLE:
        raise NotRetryable(job.state)
    if not _retry([job]):
        db.session.rollback()
        db.session.refresh(job)
        raise NotRetryable(job.state)
    db.session.commit()
    db.session.refresh(job)
    return job


def retry_failed(batch: Batch) -> int:
    """Queue every failed job of a batch again, but for those that were dismissed. Returns how many."""
    failed = sa.select(Job).where(Job.batch_id == batch.id, Job.state == JobState.FAILED, Job.dismissed_at.is_(None))
    count = _retry(db.session.scalars(failed.order_by(Job.ordinal)).all())
    db.session.commit()
    return count


def uncancel(owner_id: uuid.UUID, at: datetime) -> int:
    """Take a cancellation back: what it stopped while it waited waits again, at the place it had.

    at: the moment of that cancellation (`Stopped.at`). What had started by then ended at another moment and stays
    ended, for work that may have been sent is only made again by a retry. Limits are taken anew, for all or none.
    Returns how many. Raises DailyLimitReached, BudgetReached.
    """
    stopped = sa.select(Job).where(
        Job.owner_id == owner_id, Job.state == JobState.CANCELLED, Job.finished_at == at, Job.submitted_at.is_(None)
    )
    count = _retry(db.session.scalars(stopped.order_by(Job.batch_id, Job.ordinal)).all())
    db.session.commit()
    return count


def _retry(jobs: Sequence[Job]) -> int:
    """Open these jobs of one person again, all or none. Returns how many; fewer if somebody else was faster."""
    # The batch before its jobs, as everywhere.
    endings.lock_batches({job.batch_id for job in jobs})
    opened = [job for at in range(0, len(jobs), _AT_ONCE) for job in _open_again(jobs[at : at + _AT_ONCE])]
    if not opened:
        return 0
    billing.reserve(opened[0].owner_id, [workload_of(job) for job in opened])
    _open_batches({job.batch_id for job in opened})
    for job in opened:
        events.job_changed(job, JobState.WAITING)
    after_commit(_ring_placement)
    return len(opened)


def _open_batches(batch_ids: set[uuid.UUID]) -> None:
    reopened = db.session.execute(
        sa.update(Batch)
        .where(Batch.id.in_(batch_ids), Batch.finished_at.is_not(None))
        .values(finished_at=None)
        .returning(Batch.id, Batch.owner_id, Batch.workspace_id, Batch.job_count)
        .execution_options(synchronize_session=False)
    ).all()
    for batch in reopened:
        events.batch_changed(
            batch.owner_id,
            {
                "batch_id": str(batch.id),
                "workspace_id": str(batch.workspace_id),
                "state": "waiting",
                "count": batch.job_count,
            },
        )


def _open_again(jobs: Sequence[Job]) -> Sequence[Job]:
    """Those of the jobs that are as they were read, and wait now, on whichever key a new request would run on."""
    as_read = sa.tuple_(Job.id, Job.submission).in_([(job.id, job.submission) for job in jobs])
    own, homeless = _keys_of(jobs)
    # What is asked for from an old page must not come to life in a workspace that is gone.
    living = sa.select(Workspace.id).where(Workspace.deleted_at.is_(None))
    return db.session.scalars(
        sa.update(Job)
        .where(as_read, Job.state.in_(RETRYABLE), Job.workspace_id.in_(living))
        .values(
            state=JobState.WAITING,
            submission=Job.submission + 1,
            # Whoever still believes to hold the earlier try can write no more.
            attempt=Job.attempt + 1,
            failures=0,
            crashes=0,
            not_before=None,
            lane=None,
            # With no key anywhere it stays on its person's own, to end once more with the word that this one is gone.
            own_key=sa.or_(Job.model.in_(own), sa.and_(Job.own_key, Job.model.in_(homeless))),
            reason="",
            handle=None,
            lease_owner=None,
            lease_until=None,
            placed_at=None,
            submitted_at=None,
            started_at=None,
            finished_at=None,
            dismissed_at=None,
            price_actual=None,
            maybe_charged=False,
            error_kind=None,
            error_sentence=None,
        )
        .returning(Job),
        execution_options={"synchronize_session": False, "populate_existing": True},
    ).all()


def _keys_of(jobs: Sequence[Job]) -> tuple[list[str], list[str]]:
    """Of these jobs' models those that run on the person's own key now, and those that run on nobody's."""
    offered = offered_to(jobs[0].owner_id)
    models = [row for row in map(catalogue().find, {job.model for job in jobs}) if row is not None]
    return (
        [row.id for row in models if offered.is_on_own_key(row)],
        [row.id for row in models if not offered.can_run(row)],
    )


def _ring_placement() -> None:
    ring_once(TaskName.PLACE)
