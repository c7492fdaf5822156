"""The caller's own queue."""

from __future__ import annotations

from typing import Annotated

from apiflask import APIBlueprint
from pydantic import Field

from app.accounts.access import me
from app.accounts.domain import Scope
from app.api.guards import needs
from app.api.job_shapes import JOB_EXAMPLE, JobOut, job_outs
from app.api.shapes import Answer
from app.generation import queries, queueing, stopping
from app.generation.domain import OPEN, JobState
from app.limits import PAGE_SIZE

bp = APIBlueprint("api_queue", __name__, url_prefix="/api/queue", tag="Queue")

_EXAMPLE = {
    "paused": False,
    "counts": {"waiting": 1, "placed": 0, "submitted": 0, "running": 0, "cancelling": 0},
    "running": [],
    "waiting": [{**JOB_EXAMPLE, "status": "waiting", "progress": 0.0, "images": []}],
}


class QueueOut(Answer):
    """Jobs in the order they run. counts tell of all, however many are listed."""

    paused: Annotated[bool, Field(description="Whether nothing new is started.")]
    counts: dict[JobState, int]
    running: list[JobOut]
    waiting: Annotated[list[JobOut], Field(description=f"The first {PAGE_SIZE}.")]


class QueueStoppedOut(Answer):
    """How many jobs were stopped."""

    cancelled: int


@bp.get("")
@needs(Scope.READ)
@bp.output(QueueOut, example=_EXAMPLE)
def show() -> QueueOut:
    """See what runs and what waits, and why"""
    return _queue()


@bp.post("/pause")
@needs(Scope.WRITE)
@bp.output(QueueOut, example={**_EXAMPLE, "paused": True})
def pause() -> QueueOut:
    """Start nothing new

    What runs goes on to its end.
    """
    queueing.pause(me().id)
    return _queue()


@bp.post("/resume")
@needs(Scope.WRITE)
@bp.output(QueueOut, example=_EXAMPLE)
def resume() -> QueueOut:
    """Go on after a pause"""
    queueing.resume(me().id)
    return _queue()


@bp.post("/cancel")
@needs(Scope.WRITE)
@bp.output(QueueStoppedOut, example={"cancelled": 4})
def cancel() -> QueueStoppedOut:
    """Stop everything that runs or waits"""
    return QueueStoppedOut(cancelled=stopping.cancel_all(me().id))


def _queue() -> QueueOut:
    owner_id = me().id
    active, waiting = queries.queue_of(owner_id, most=PAGE_SIZE)
    tally = queries.tally_of_owner(owner_id)
    jobs = job_outs([*active, *waiting])
    return QueueOut(
        paused=queueing.is_paused(owner_id),
        counts={state: tally[state] for state in JobState if state in OPEN},
        running=jobs[: len(active)],
        waiting=jobs[len(active) :],
    )
