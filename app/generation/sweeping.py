"""The safety net under every message: look at the rows and ring for whatever should be moving and is not."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
import structlog

from app.background import QueueName, TaskName, doorbell, ring, ring_once
from app.db import database_now, db
from app.extensions import settings
from app.generation import endings, leases
from app.generation.domain import OPEN
from app.generation.models import IS_ACTIVE, Batch, Job

log = structlog.get_logger(__name__)

# A job that nobody holds this long after it was placed has lost its message. Its worker may also just be busy, and
# then a second message does no harm: only one of the two can claim it.
UNCLAIMED_S = 3.0


def sweep() -> int:
    """Ring for every stuck job and for placement. Returns how many jobs are stuck."""
    _free_the_dead()
    now = database_now()
    stuck = db.session.scalars(
        sa.select(Job.id).where(
            IS_ACTIVE,
            sa.or_(
                Job.lease_until < now,
                sa.and_(Job.lease_until.is_(None), Job.placed_at < now - timedelta(seconds=UNCLAIMED_S)),
            ),
        )
    ).all()
    db.session.rollback()
    # While nobody comes to the door, more rings would only have to be answered later.
    if stuck and doorbell.unheard(QueueName.GENERATE) < len(stuck):
        for job_id in stuck:
            ring(TaskName.RUN_JOB, job_id)
        log.info("rang_for_stuck_jobs", count=len(stuck))
    _close_finished_batches()
    ring_once(TaskName.PLACE)
    return len(stuck)


def _free_the_dead() -> None:
    """End the leases of processes that died on this machine, so that their jobs need not wait for the lease."""
    just_now = database_now() - timedelta(seconds=1)
    held = sa.and_(IS_ACTIVE, Job.lease_owner.is_not(None), Job.lease_until > just_now)
    holders = db.session.scalars(sa.select(Job.lease_owner).where(held).distinct()).all()
    gone = [owner for owner in holders if owner is not None and leases.owner_is_gone(owner)]
    if gone:
        db.session.execute(
            sa.update(Job)
            .where(Job.lease_owner.in_(gone), held)
            .values(lease_until=just_now)
            .execution_options(synchronize_session=False)
        )
        log.warning("workers_died", owners=gone)
    db.session.commit()


def _close_finished_batches() -> None:
    """Every ending closes its batch itself; this is for a batch whose closing was itself interrupted."""
    since = database_now() - timedelta(seconds=settings().lease_s)
    open_job = sa.select(Job.id).where(Job.batch_id == Batch.id, Job.state.in_(OPEN)).exists()
    left_open = db.session.scalars(
        sa.select(Batch.id).where(Batch.finished_at.is_(None), Batch.created_at < since, ~open_job)
    ).all()
    db.session.rollback()
    for batch_id in left_open:
        endings.close_batch_if_done(batch_id)
        db.session.commit()
