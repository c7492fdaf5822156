"""A person's own queue: pause and resume it, and move their own waiting jobs about. Never touches anyone else's."""

from __future__ import annotations

import uuid
from enum import StrEnum

import sqlalchemy as sa

from app.background import TaskName, ring_once
from app.db import after_commit, db, rows_changed, utc_now
from app.generation import events
from app.generation.domain import JobState
from app.generation.errors import NotWaiting
from app.generation.models import Job, QueueControl


class Move(StrEnum):
    """NEXT: before all others. UP, DOWN: past one neighbour. LAST: behind all others."""

    NEXT = "next"
    UP = "up"
    DOWN = "down"
    LAST = "last"


def pause(owner_id: uuid.UUID) -> None:
    """Start nothing new of this person's; what runs goes on."""
    _set_paused(owner_id, paused=True)


def resume(owner_id: uuid.UUID) -> None:
    _set_paused(owner_id, paused=False)
    after_commit(_ring_placement)
    db.session.commit()


def is_paused(owner_id: uuid.UUID) -> bool:
    control = db.session.get(QueueControl, owner_id)
    return control is not None and control.paused_at is not None


def move(job: Job, where: Move) -> None:
    """Change a waiting job's place among its owner's waiting jobs. Raises NotWaiting when it has started."""
    position = _position(job, where)
    still_waiting = sa.update(Job).where(Job.id == job.id, Job.state == JobState.WAITING)
    if not rows_changed(still_waiting.values(position=job.position if position is None else position)):
        db.session.rollback()
        raise NotWaiting
    events.job_changed(job, JobState.WAITING, moved=str(where))
    db.session.commit()


def _position(job: Job, where: Move) -> float | None:
    """A position in the wished place, halfway between the neighbours there; None when it is there already."""
    mine = sa.select(Job.position).where(Job.owner_id == job.owner_id, Job.state == JobState.WAITING, Job.id != job.id)
    before = mine.where(Job.position <= job.position).order_by(Job.position.desc())
    after = mine.where(Job.position >= job.position).order_by(Job.position)
    if where in {Move.NEXT, Move.LAST}:
        far = mine.order_by(Job.position if where is Move.NEXT else Job.position.desc()).limit(1)
        end = db.session.scalar(far)
        if end is None:
            return None
        return min(end, job.position) - 1.0 if where is Move.NEXT else max(end, job.position) + 1.0
    near = db.session.scalars((before if where is Move.UP else after).limit(2)).all()
    if not near:
        return None
    if len(near) == 1:
        return near[0] - 1.0 if where is Move.UP else near[0] + 1.0
    return (near[0] + near[1]) / 2


def _set_paused(owner_id: uuid.UUID, *, paused: bool) -> None:
    control = db.session.merge(QueueControl(owner_id=owner_id))
    control.paused_at = utc_now() if paused else None
    events.queue_changed(owner_id, paused=paused)
    db.session.commit()


def _ring_placement() -> None:
    ring_once(TaskName.PLACE)
