"""The caller's own queue."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from apiflask import APIBlueprint
from pydantic import AwareDatetime, Field

from app.accounts.access import me
from app.accounts.domain import Scope
from app.api.bodies import optional_input
from app.api.guards import needs
from app.api.ids import Id
from app.api.job_shapes import JOB_EXAMPLE, JobOut, job_outs
from app.api.shapes import Answer
from app.forms import Body
from app.generation import dismissing, queries, queueing, retrying, stopping
from app.generation.domain import OPEN, JobState
from app.limits import PAGE_SIZE
from app.web.rates import generation_rate

bp = APIBlueprint("api_queue", __name__, url_prefix="/api/queue", tag="Queue")

_MOMENT = "2026-11-20T12:00:03.141592Z"
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
    """How many jobs were stopped, and when: `uncancel` takes that moment."""

    cancelled: int
    at: datetime


class MomentBody(Body):
    """at: the moment of the act to take back, as its answer gave it."""

    at: AwareDatetime


class UncancelledOut(Answer):
    """How many jobs wait again."""

    waiting: int


class DismissBody(Body):
    """Without batch_id everything that failed."""

    batch_id: Id | None = None


class DismissedOut(Answer):
    """How many failed jobs were put out of sight, and when: `undismiss` takes that moment."""

    dismissed: int
    at: datetime


class UndismissedOut(Answer):
    """How many failed jobs are shown again."""

    shown: int


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
@bp.output(QueueStoppedOut, example={"cancelled": 4, "at": _MOMENT})
def cancel() -> QueueStoppedOut:
    """Stop everything that runs or waits"""
    stopped = stopping.cancel_all(me().id)
    return QueueStoppedOut(cancelled=stopped.count, at=stopped.at)


@bp.post("/uncancel")
@needs(Scope.GENERATE)
@generation_rate
@bp.input(MomentBody, arg_name="body", example={"at": _MOMENT})
@bp.output(UncancelledOut, example={"waiting": 3})
def uncancel(body: MomentBody) -> UncancelledOut:
    """Take a cancellation back

    Jobs that waited when it came wait again, at the place they had and with their seeds. Those that had started stay
    cancelled: what may have been sent to a provider can only be made again, with a retry. A job on its own was
    cancelled at its `finished_at`.
    """
    return UncancelledOut(waiting=retrying.uncancel(me().id, body.at))


@bp.post("/dismiss")
@needs(Scope.WRITE)
@optional_input(bp, DismissBody, example={"batch_id": "019aa0c4-76f1-7a55-b001-1c2d3e4f5a6b"})
@bp.output(DismissedOut, example={"dismissed": 2, "at": _MOMENT})
def dismiss(body: DismissBody) -> DismissedOut:
    """Put failed jobs out of sight

    They leave the queue and the canvas, and stay on record as failed. Retrying a batch leaves them out.
    """
    owner_id = me().id
    if body.batch_id is None:
        dismissed = dismissing.dismiss_all(owner_id)
    else:
        dismissed = dismissing.dismiss_batch(queries.batch_for(owner_id, body.batch_id))
    return DismissedOut(dismissed=dismissed.count, at=dismissed.at)


@bp.post("/undismiss")
@needs(Scope.WRITE)
@bp.input(MomentBody, arg_name="body", example={"at": _MOMENT})
@bp.output(UndismissedOut, example={"shown": 2})
def undismiss(body: MomentBody) -> UndismissedOut:
    """Show dismissed jobs again"""
    return UndismissedOut(shown=dismissing.bring_back(me().id, body.at))


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
