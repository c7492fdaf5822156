"""Try again: one job or all failed ones of a batch, with the same seed and prompt; outputs already there are kept."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from app.background import TaskName, ring_once
from app.billing import service as billing
from app.billing.service import Workload
from app.db import after_commit, db, rows_changed
from app.generation import endings, events, lanes
from app.generation.domain import JobState
from app.generation.errors import NotRetryable
from app.generation.models import Batch, Job

RETRYABLE = (JobState.FAILED, JobState.CANCELLED)


def retry_job(job: Job) -> Job:
    """Queue an ended job again as a new submission. Raises NotRetryable or DailyLimitReached."""
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
    """Queue every failed job of a batch again. Returns how many."""
    failed = sa.select(Job).where(Job.batch_id == batch.id, Job.state == JobState.FAILED).order_by(Job.ordinal)
    count = _retry(db.session.scalars(failed).all())
    db.session.commit()
    return count


def _retry(jobs: Sequence[Job]) -> int:
    """Open these jobs of one batch again, all or none. Returns how many; fewer if somebody else was faster."""
    # The batch before its jobs, as everywhere.
    endings.lock_batches({job.batch_id for job in jobs})
    tries = {job.id: job.submission + 1 for job in jobs}
    opened = [job for job in jobs if _open_again(job)]
    if not opened:
        return 0
    billing.reserve(opened[0].owner_id, [Workload(job.id, tries[job.id], lanes.units_of(job.model)) for job in opened])
    db.session.execute(
        sa.update(Batch).where(Batch.id == opened[0].batch_id).values(finished_at=None),
        execution_options={"synchronize_session": False},
    )
    for job in opened:
        events.job_changed(job, JobState.WAITING)
    after_commit(_ring_placement)
    return len(opened)


def _open_again(job: Job) -> bool:
    opened = rows_changed(
        sa.update(Job)
        .where(Job.id == job.id, Job.state.in_(RETRYABLE), Job.submission == job.submission)
        .values(
            state=JobState.WAITING,
            submission=Job.submission + 1,
            # Whoever still believes to hold the earlier try can write no more.
            attempt=Job.attempt + 1,
            failures=0,
            crashes=0,
            not_before=None,
            lane=None,
            reason="",
            handle=None,
            lease_owner=None,
            lease_until=None,
            placed_at=None,
            submitted_at=None,
            started_at=None,
            finished_at=None,
            price_actual=None,
            maybe_charged=False,
            error_kind=None,
            error_sentence=None,
        )
    )
    return bool(opened)


def _ring_placement() -> None:
    ring_once(TaskName.PLACE)
