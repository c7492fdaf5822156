"""Put failed jobs out of sight: they leave the queue and the tray, and stay failed on record."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.db import database_now, db
from app.generation import endings, events
from app.generation.domain import JobState
from app.generation.errors import NotDismissable
from app.generation.models import Batch, Job


@dataclass(frozen=True, slots=True)
class Dismissed:
    """How many jobs were put out of sight, and when: `bring_back` finds them by that moment."""

    count: int
    at: datetime


def dismiss_job(job: Job) -> Dismissed:
    """One failed job. Raises NotDismissable when it is anything else; dismissing twice is harmless."""
    if job.state != JobState.FAILED:
        raise NotDismissable(job.state)
    dismissed = _dismiss(Job.id == job.id)
    db.session.refresh(job)
    return dismissed


def dismiss_batch(batch: Batch) -> Dismissed:
    """Every failed job of a batch."""
    return _dismiss(Job.batch_id == batch.id)


def dismiss_all(owner_id: uuid.UUID) -> Dismissed:
    """Every failed job of a person."""
    return _dismiss(Job.owner_id == owner_id)


def bring_back(owner_id: uuid.UUID, at: datetime) -> int:
    """Show again what was dismissed `at` that moment. Returns how many."""
    mine = sa.and_(Job.owner_id == owner_id, Job.state == JobState.FAILED, Job.dismissed_at == at)
    return len(_set(mine, None))


def _dismiss(mine: sa.ColumnElement[bool]) -> Dismissed:
    now = database_now()
    return Dismissed(len(_set(sa.and_(mine, Job.state == JobState.FAILED, Job.dismissed_at.is_(None)), now)), now)


def _set(which: sa.ColumnElement[bool], at: datetime | None) -> Sequence[uuid.UUID]:
    # The batches before their jobs, as everywhere: a retry of the same jobs takes them in that order too.
    endings.lock_batches(set(db.session.scalars(sa.select(Job.batch_id).where(which).distinct())))
    changed = db.session.execute(
        sa.update(Job)
        .where(which)
        .values(dismissed_at=at)
        .returning(Job.id, Job.owner_id)
        .execution_options(synchronize_session=False)
    ).all()
    if changed:
        events.failures_changed(changed[0].owner_id)
    db.session.commit()
    return [row.id for row in changed]
