"""Batches: what was asked for, and acts on all of its jobs."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Literal

from apiflask import APIBlueprint
from pydantic import Field

from app.accounts.access import me
from app.accounts.domain import Scope
from app.api import queries as lists
from app.api.batch_shapes import BATCH_EXAMPLE, BatchDetailOut, BatchOut, batch_outs, facts_of
from app.api.bodies import optional_input
from app.api.generate import ACCEPTED_EXAMPLE, AcceptedOut, accepted, replay_headers
from app.api.guards import needs
from app.api.idempotency import key_given, takes_key
from app.api.ids import Id
from app.api.job_shapes import job_brief
from app.api.paging import PageQuery, page_of
from app.api.shapes import Answer
from app.db import new_id
from app.forms import Body
from app.generation import queries, retrying, stopping, submission
from app.generation.models import Batch
from app.web.rates import generation_rate
from app.workspaces import service as workspaces

bp = APIBlueprint("api_batches", __name__, url_prefix="/api/batches", tag="Batches")

_JOB = {"id": "019aa0c4-76f2-7b0e-a9d0-8f1f2c3d4e5f", "status": "succeeded", "gpu_id": "sketch", "seed": 1234}
_DETAIL = {**BATCH_EXAMPLE, "jobs": [_JOB]}


class BatchQuery(PageQuery):
    workspace_id: Annotated[Id | None, Field(description="Only those of this workspace.")] = None


class BatchPageOut(Answer):
    """Newest first."""

    items: list[BatchOut]
    next: str | None


class CancelBody(Body):
    """all: every job that has not ended. rest: only those that have not started."""

    which: Literal["all", "rest"] = "all"


class CancelledOut(Answer):
    """How many jobs were stopped, and the batch as it is now. at: what `POST /api/queue/uncancel` takes."""

    cancelled: int
    at: datetime
    batch: BatchOut


class RetriedOut(Answer):
    """How many jobs were queued again, and the batch as it is now."""

    retried: int
    batch: BatchOut


@bp.get("")
@needs(Scope.READ)
@bp.input(BatchQuery, location="query", arg_name="query")
@bp.output(BatchPageOut, example={"items": [BATCH_EXAMPLE], "next": None})
def index(query: BatchQuery) -> BatchPageOut:
    """List batches"""
    wanted = lists.batches(me().id)
    if query.workspace_id is not None:
        wanted = wanted.where(Batch.workspace_id == workspaces.workspace_for(me().id, query.workspace_id).id)
    page = page_of(wanted, Batch.id, query)
    return BatchPageOut(items=batch_outs(page.rows), next=page.next)


@bp.get("/<uuid:batch_id>")
@needs(Scope.READ)
@bp.output(BatchDetailOut, example=_DETAIL)
def show(batch_id: uuid.UUID) -> BatchDetailOut:
    """Look at one batch with its jobs"""
    batch = queries.batch_for(me().id, batch_id)
    return BatchDetailOut(**facts_of([batch])[0], jobs=[job_brief(job) for job in queries.jobs_of(batch)])


@bp.post("/<uuid:batch_id>/cancel")
@needs(Scope.WRITE)
@optional_input(bp, CancelBody, example={"which": "rest"})
@bp.output(CancelledOut, example={"cancelled": 2, "at": "2026-11-20T12:00:03.141592Z", "batch": BATCH_EXAMPLE})
def cancel(batch_id: uuid.UUID, body: CancelBody) -> CancelledOut:
    """Stop a batch, or what has not started of it

    Pictures that are there already stay.
    """
    batch = queries.batch_for(me().id, batch_id)
    stopped = stopping.cancel_batch(batch, only_waiting=body.which == "rest")
    return CancelledOut(cancelled=stopped.count, at=stopped.at, batch=_batch(batch))


@bp.post("/<uuid:batch_id>/retry")
@needs(Scope.GENERATE)
@generation_rate
@bp.output(RetriedOut, example={"retried": 1, "batch": BATCH_EXAMPLE})
def retry(batch_id: uuid.UUID) -> RetriedOut:
    """Try the failed jobs of a batch again

    Seeds, prompts and the pictures that did come stay as they are.
    """
    batch = queries.batch_for(me().id, batch_id)
    retried = retrying.retry_failed(batch)
    return RetriedOut(retried=retried, batch=_batch(batch))


@bp.post("/<uuid:batch_id>/rerun")
@needs(Scope.GENERATE)
@generation_rate
@takes_key
@bp.output(AcceptedOut, 202, example=ACCEPTED_EXAMPLE)
def rerun(batch_id: uuid.UUID) -> tuple[AcceptedOut, int, dict[str, str]]:
    """Make the same request once more

    As a batch of its own: without a fixed seed its pictures differ.
    """
    batch = queries.batch_for(me().id, batch_id)
    submitted = submission.run_again(batch, key=key_given() or str(new_id()))
    return accepted(submitted.batch), 202, replay_headers(submitted)


def _batch(batch: Batch) -> BatchOut:
    return batch_outs([batch])[0]
