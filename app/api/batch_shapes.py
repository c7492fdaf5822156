"""A batch as the API tells of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from app.api import queries
from app.api.job_shapes import JobBriefOut
from app.api.shapes import Answer, dollars
from app.generation.choosing import said_of
from app.generation.domain import JobState
from app.generation.models import Batch

BATCH_EXAMPLE = {
    "id": "019aa0c4-76f1-7a55-b001-1c2d3e4f5a6b",
    "workspace_id": "019aa0c3-0d4e-7f3a-8a8c-52b8f1f0c001",
    "status": "finished",
    "prompt": "a {red|green|blue} fox, {dawn|dusk} light",
    "count": 6,
    "counts": {
        "waiting": 0, "placed": 0, "submitted": 0, "running": 0, "cancelling": 0,
        "succeeded": 6, "failed": 0, "cancelled": 0,
    },
    "request": {"prompt": "a {red|green|blue} fox, {dawn|dusk} light"},
    "price_estimate": "0.00",
    "price": "0.00",
    "notes": [],
    "created_at": "2026-11-20T12:00:00Z",
    "finished_at": "2026-11-20T12:00:09Z",
}  # fmt: skip


class BatchOut(Answer):
    """What one request asked for, and how far it is."""

    id: uuid.UUID
    workspace_id: uuid.UUID
    status: Literal["running", "finished"]
    prompt: Annotated[str, Field(description="As typed.")]
    count: Annotated[int, Field(description="Its jobs.")]
    counts: Annotated[dict[JobState, int], Field(description="Its jobs by state.")]
    request: Annotated[dict[str, Any], Field(description="The request, without what was left at its default.")]
    price_estimate: Annotated[str, Field(description="US dollars for all of it.")]
    price: Annotated[str, Field(description="US dollars spent so far.")]
    notes: Annotated[list[str], Field(description="What stood in for a model that had ended by then.")]
    created_at: datetime
    finished_at: datetime | None


class BatchDetailOut(BatchOut):
    """With its jobs; `GET /api/jobs?batch_id=` tells everything of each."""

    jobs: list[JobBriefOut]


def batch_outs(batches: Sequence[Batch]) -> list[BatchOut]:
    """Batches in order, counted together."""
    return [BatchOut(**facts) for facts in facts_of(batches)]


def facts_of(batches: Sequence[Batch]) -> list[dict[str, Any]]:
    """The fields of BatchOut, for each batch."""
    tallies = queries.tallies_of([batch.id for batch in batches])
    return [
        {
            "id": batch.id,
            "workspace_id": batch.workspace_id,
            "status": "running" if batch.finished_at is None else "finished",
            "prompt": batch.template,
            "count": batch.job_count,
            "counts": tallies[batch.id].by_state,
            "request": batch.request,
            "price_estimate": dollars(batch.price_estimate),
            "price": dollars(tallies[batch.id].spent),
            "notes": said_of(_models_of(batch), batch.created_at.date(), tallies[batch.id].models),
            "created_at": batch.created_at,
            "finished_at": batch.finished_at,
        }
        for batch in batches
    ]


def _models_of(batch: Batch) -> list[str]:
    """The names that were asked for."""
    one = batch.request.get("model")
    return batch.request.get("models") or ([one] if one else [])
