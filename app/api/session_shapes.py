"""A session as the API tells of it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from app.api.shapes import Answer, dollars
from app.generation.domain import FINAL, JobState
from app.studio.domain import Flow
from app.studio.models import Session
from app.studio.views import ColumnView, SessionView, TakeView, session_view

_SESSION_ID = "019aa0c4-7b20-7f11-8c55-4d5e6f708192"
_TAKE = {
    "id": "019aa0c4-7b21-7f11-8c55-4d5e6f708193",
    "key": "sketch-0",
    "number": 0,
    "from_number": None,
    "prompt": "a lighthouse at dusk",
    "context": [],
    "job_id": "019aa0c4-76f2-7b0e-a9d0-8f1f2c3d4e5f",
    "status": "succeeded",
    "image_id": "019aa0c4-7a10-7cc1-9d55-3f2b8f6f4a10",
    "url": "/api/images/019aa0c4-7a10-7cc1-9d55-3f2b8f6f4a10/file",
    "thumbnail_url": "/api/images/019aa0c4-7a10-7cc1-9d55-3f2b8f6f4a10/thumb",
    "price": "0.00",
    "error": None,
}
_COLUMN = {
    "model": "sketch",
    "name": "Sketch",
    "iterations": 0,
    "most_iterations": 7,
    "price": "0.00",
    "seconds": 1.2,
    "kept": 0,
    "rejected": 0,
    "lowest": False,
    "fastest": False,
    "images": [_TAKE],
}
SESSION_EXAMPLE = {
    "id": _SESSION_ID,
    "workspace_id": "019aa0c3-0d4e-7f3a-8a8c-52b8f1f0c001",
    "flow_type": "compare",
    "name": "a lighthouse at dusk",
    "prompt": "a lighthouse at dusk",
    "config": {"models": ["sketch"]},
    "status": "finished",
    "originals": 1,
    "iterations": 0,
    "window": 3,
    "price": "0.00",
    "columns": [_COLUMN],
    "created_at": "2026-11-20T12:00:00Z",
}


class TakeOut(Answer):
    """One picture of a column: number 0 is the original. key: the model and the number. from_number: what it was made
    from. context: the earlier turns it was sent with, oldest first."""

    id: uuid.UUID
    key: str
    number: int
    from_number: int | None
    prompt: str
    context: list[dict[str, Any]]
    job_id: uuid.UUID
    status: JobState
    image_id: uuid.UUID | None
    url: str | None
    thumbnail_url: str | None
    price: Annotated[str | None, Field(description="US dollars it did cost; null until it has ended.")]
    error: Annotated[str | None, Field(description="Why it failed, and what to do.")]


class ColumnOut(Answer):
    """What one model did. seconds: the mean of its pictures. kept: its favourites."""

    model: str
    name: str
    iterations: int
    most_iterations: int
    price: str
    seconds: float | None
    kept: int
    rejected: int
    lowest: bool
    fastest: bool
    images: list[TakeOut]


class SessionOut(Answer):
    """A session with everything in it. window: how many earlier turns of its branch an iteration is sent with."""

    id: uuid.UUID
    workspace_id: uuid.UUID
    flow_type: Flow
    name: str
    prompt: str
    config: Annotated[dict[str, Any], Field(description="What its originals were asked with.")]
    status: Literal["empty", "running", "finished"]
    originals: int
    iterations: int
    window: int
    price: Annotated[str, Field(description="US dollars so far.")]
    columns: list[ColumnOut]
    created_at: datetime


def session_out(session: Session) -> SessionOut:
    return shown(session_view(session))


def shown(view: SessionView) -> SessionOut:
    states = [take.job.state for column in view.columns for take in column.takes]
    return SessionOut(
        id=view.id,
        workspace_id=view.workspace_id,
        flow_type=Flow(view.flow),
        name=view.name,
        prompt=view.prompt,
        config=view.config,
        status="empty" if not states else "finished" if all(state in FINAL for state in states) else "running",
        originals=view.originals,
        iterations=view.iterations,
        window=view.window,
        price=dollars(view.price),
        columns=[_column(column) for column in view.columns],
        created_at=view.created_at,
    )


def _column(column: ColumnView) -> ColumnOut:
    return ColumnOut(
        model=column.model,
        name=f"{column.name} {column.variant}".strip(),
        iterations=column.iterations,
        most_iterations=column.most,
        price=dollars(column.score.price),
        seconds=column.score.seconds,
        kept=column.score.kept,
        rejected=column.score.rejected,
        lowest=column.score.lowest,
        fastest=column.score.fastest,
        images=[_take(column, take) for take in column.takes],
    )


def _take(column: ColumnView, take: TakeView) -> TakeOut:
    image = take.job.image
    return TakeOut(
        id=take.id,
        key=f"{column.model}-{take.number}",
        number=take.number,
        from_number=take.after,
        prompt=take.request,
        context=take.context,
        job_id=take.job.id,
        status=JobState(take.job.state),
        image_id=image.id if image else None,
        url=image.file_url if image else None,
        thumbnail_url=image.thumb_url if image else None,
        price=dollars(take.price) if take.price is not None else None,
        error=take.job.error,
    )
