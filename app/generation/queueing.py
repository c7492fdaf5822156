"""A person's own queue: pause and resume it, and move their own waiting jobs about. Never touches anyone else's."""

from __future__ import annotations

import math
import uuid
from enum import StrEnum

import sqlalchemy as sa

from app.background import TaskName, ring_once
from app.db import after_commit, db, insert_once, pass_turnstile, utc_now
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
    after_commit(_ring_placement)
    _set_paused(owner_id, paused=False)


def is_paused(owner_id: uuid.UUID) -> bool:
    control = db.session.get(QueueControl, owner_id)
    return control is not None and control.paused_at is not None


def move(job: Job, where: Move) -> None:
    """Change a waiting job's place among its owner's waiting jobs. Raises NotWaiting when it has started."""
    # Moves and placements take turns: the neighbours stay what they are, and nobody waits in a ring.
    pass_turnstile("placement")
    db.session.refresh(job)
    if job.state != JobState.WAITING:
        db.session.rollback()
        raise NotWaiting
    if where in {Move.NEXT, Move.LAST}:
        _move_to_the_end(job, first=where is Move.NEXT)
    else:
        _move_past_one(job, up=where is Move.UP)
    events.job_changed(job, JobState.WAITING, moved=str(where))
    db.session.commit()


def move_before(job: Job, other_id: uuid.UUID) -> None:
    """Put a waiting job right before another waiting one of its owner. Raises NotWaiting when either has started."""
    pass_turnstile("placement")
    db.session.refresh(job)
    other = db.session.scalar(sa.select(Job).where(*_others(job), Job.id == other_id))
    if job.state != JobState.WAITING or other is None:
        db.session.rollback()
        raise NotWaiting
    # Places are exchanged along the way, never made between two numbers: those would be used up after some moves.
    along = Job.position.between(min(job.position, other.position), max(job.position, other.position))
    order = list(db.session.scalars(sa.select(Job).where(*_others(job), along).order_by(Job.position)))
    places = sorted(each.position for each in [job, *order])
    order.insert(order.index(other), job)
    for each, place in zip(order, _apart(places), strict=True):
        each.position = place
    events.job_changed(job, JobState.WAITING, moved="before")
    db.session.commit()


def _move_to_the_end(job: Job, *, first: bool) -> None:
    end = sa.func.min(Job.position) if first else sa.func.max(Job.position)
    furthest = db.session.scalar(sa.select(end).where(*_others(job)))
    if furthest is not None:
        job.position = min(furthest - 1.0, job.position) if first else max(furthest + 1.0, job.position)


def _move_past_one(job: Job, *, up: bool) -> None:
    """Exchange places with the neighbour: places between two numbers would be used up after some moves."""
    beyond = Job.position <= job.position if up else Job.position >= job.position
    nearest = sa.select(Job).where(*_others(job), beyond)
    neighbour = db.session.scalar(nearest.order_by(Job.position.desc() if up else Job.position).limit(1))
    if neighbour is None:
        return
    if neighbour.position == job.position:
        job.position = math.nextafter(job.position, -math.inf if up else math.inf)
    else:
        job.position, neighbour.position = neighbour.position, job.position


def _apart(places: list[float]) -> list[float]:
    """The same places, those that coincide a hair apart."""
    for index in range(1, len(places)):
        if places[index] <= places[index - 1]:
            places[index] = math.nextafter(places[index - 1], math.inf)
    return places


def _others(job: Job) -> list[sa.ColumnElement[bool]]:
    return [Job.owner_id == job.owner_id, Job.state == JobState.WAITING, Job.id != job.id]


def _set_paused(owner_id: uuid.UUID, *, paused: bool) -> None:
    insert_once(sa.inspect(QueueControl).local_table, owner_id=owner_id)
    control = db.session.get_one(QueueControl, owner_id)
    control.paused_at = utc_now() if paused else None
    events.queue_changed(owner_id, paused=paused)
    db.session.commit()


def _ring_placement() -> None:
    ring_once(TaskName.PLACE)
