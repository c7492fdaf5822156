"""Jobs: a list, acts on one, and its picture so far."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from app.accounts.access import me
from app.accounts.domain import Scope
from app.api import queries as lists
from app.api.guards import needs
from app.api.ids import Id
from app.api.job_shapes import JOB_EXAMPLE, JobOut, job_outs
from app.api.paging import PageQuery, page_of
from app.api.shapes import Answer
from app.errors import NotFound
from app.forms import Body
from app.generation import events, queries, queueing, retrying, stopping
from app.generation.domain import JobState
from app.generation.models import Job
from app.generation.queueing import Move
from app.web.rates import generation_rate, unlimited

bp = APIBlueprint("api_jobs", __name__, url_prefix="/api/jobs", tag="Jobs")

_WEBP = b"RIFF"
_FILE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_LOOK: dict[int | str, dict[str, str | dict[str, dict[str, Any]]]] = {
    200: {"description": "A small picture", "content": {"image/webp": _FILE, "image/jpeg": _FILE}}
}


class JobQuery(PageQuery):
    status: Annotated[JobState | None, Field(description="Only those in this state.")] = None
    batch_id: Annotated[Id | None, Field(description="Only those of this batch.")] = None


class JobPageOut(Answer):
    """Newest first."""

    items: list[JobOut]
    next: str | None


class MoveBody(Body):
    """next: before all of one's other waiting jobs. up, down: past one neighbour. last: behind them all."""

    to: Move


@bp.get("")
@needs(Scope.READ)
@bp.input(JobQuery, location="query", arg_name="query")
@bp.output(JobPageOut, example={"items": [JOB_EXAMPLE], "next": None})
def index(query: JobQuery) -> JobPageOut:
    """List jobs"""
    if query.batch_id is not None:
        # The batch is theirs, and so are its jobs; said twice, it would lead SQLite to the wrong index.
        wanted = lists.jobs_of(queries.batch_for(me().id, query.batch_id))
    else:
        wanted = lists.jobs(me().id)
    if query.status is not None:
        wanted = wanted.where(Job.state == query.status)
    page = page_of(wanted, Job.id, query)
    return JobPageOut(items=job_outs(page.rows), next=page.next)


@bp.get("/<uuid:job_id>")
@needs(Scope.READ)
@bp.output(JobOut, example=JOB_EXAMPLE)
def show(job_id: uuid.UUID) -> JobOut:
    """Look at one job"""
    return _job(queries.job_for(me().id, job_id))


@bp.post("/<uuid:job_id>/cancel")
@needs(Scope.WRITE)
@bp.output(JobOut, example={**JOB_EXAMPLE, "status": "cancelled", "images": []})
def cancel(job_id: uuid.UUID) -> JobOut:
    """Stop one job

    A waiting one stops at once; one that has started is `cancelling` until its provider confirms.
    """
    job = queries.job_for(me().id, job_id)
    stopping.cancel_job(job)
    return _job(job)


@bp.post("/<uuid:job_id>/retry")
@needs(Scope.GENERATE)
@generation_rate
@bp.output(JobOut, example={**JOB_EXAMPLE, "status": "waiting", "images": []})
def retry(job_id: uuid.UUID) -> JobOut:
    """Try a failed or cancelled job again

    With the same seed and prompt.
    """
    return _job(retrying.retry_job(queries.job_for(me().id, job_id)))


@bp.post("/<uuid:job_id>/move")
@needs(Scope.WRITE)
@bp.input(MoveBody, arg_name="body", example={"to": "next"})
@bp.output(JobOut, example={**JOB_EXAMPLE, "status": "waiting", "images": []})
def move(job_id: uuid.UUID, body: MoveBody) -> JobOut:
    """Move a waiting job within one's own queue"""
    job = queries.job_for(me().id, job_id)
    queueing.move(job, body.to)
    return _job(job)


@bp.get("/<uuid:job_id>/preview")
@needs(Scope.READ)
@unlimited
@bp.doc(responses=_LOOK)
def preview(job_id: uuid.UUID) -> Response:
    """Look at a picture while it develops

    Missing before the first look and some time after the end.
    """
    data = events.preview_of(queries.job_for(me().id, job_id).id)
    if data is None:
        raise NotFound("preview")
    answer = Response(data, mimetype="image/webp" if data.startswith(_WEBP) else "image/jpeg")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _job(job: Job) -> JobOut:
    return job_outs([job])[0]
