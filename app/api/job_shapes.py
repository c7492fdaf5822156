"""A job as the API tells of it: its row, what Redis knows of the moment, and what it made."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from app.api.image_shapes import IMAGE_EXAMPLE, ImageOut, image_outs
from app.api.shapes import Answer, dollars
from app.generation import lanes, queries
from app.generation.domain import FINAL, JobState
from app.generation.models import Job
from app.generation.views import JobView, job_views
from app.providers.contract import ErrorKind, Operation

# The same request would be refused again.
_POINTLESS_TO_REPEAT = frozenset({ErrorKind.USER_FIXABLE, ErrorKind.MODERATION})

JOB_EXAMPLE = {
    "id": "019aa0c4-76f2-7b0e-a9d0-8f1f2c3d4e5f",
    "batch_id": "019aa0c4-76f1-7a55-b001-1c2d3e4f5a6b",
    "workspace_id": "019aa0c3-0d4e-7f3a-8a8c-52b8f1f0c001",
    "ordinal": 0,
    "status": "succeeded",
    "progress": 1.0,
    "operation": "txt2img",
    "model": "sketch",
    "seed": 1234,
    "width": 768,
    "height": 768,
    "params": {"format": "png"},
    "inputs": {},
    "prompt": "a {red|green|blue} fox, {dawn|dusk} light",
    "prompt_sent": "a red fox, dawn light",
    "negative_prompt_sent": "",
    "choices": [{"label": "{red|green|blue}", "text": "red"}, {"label": "{dawn|dusk}", "text": "dawn"}],
    "variant": 0,
    "style": {},
    "gpu_id": "sketch",
    "lane": "Sketch",
    "reason": "Sketch has a free slot",
    "expected": "",
    "expected_s": 1.2,
    "price_estimate": "0.00",
    "price": "0.00",
    "error": None,
    "images": [IMAGE_EXAMPLE],
    "preview_url": None,
    "created_at": "2026-11-20T12:00:00Z",
    "started_at": "2026-11-20T12:00:01Z",
    "finished_at": "2026-11-20T12:00:03Z",
    "dismissed_at": None,
}


class JobErrorOut(Answer):
    """Why a job failed. code: user_fixable, moderation, capacity, provider, bug and the engine's own.

    retryable: whether trying the same again may help.
    """

    code: str
    message: str
    retryable: bool


class JobChoiceOut(Answer):
    """What one choice of the prompt came to. label: as typed."""

    label: str
    text: str


class JobBriefOut(Answer):
    """gpu_id: the lane it was given to; null while it waits."""

    id: uuid.UUID
    status: JobState
    gpu_id: str | None
    seed: int


class JobOut(Answer):
    """One call to one model."""

    id: uuid.UUID
    batch_id: uuid.UUID
    workspace_id: uuid.UUID
    ordinal: Annotated[int, Field(description="Its place in its batch, from 0.")]
    status: JobState
    progress: Annotated[float, Field(ge=0, le=1)]
    operation: Operation
    model: str
    seed: int
    width: int
    height: int
    params: dict[str, Any]
    inputs: Annotated[dict[str, str], Field(description="Ids of the pictures it starts from, by their role.")]
    prompt: Annotated[str, Field(description="As typed.")]
    prompt_sent: Annotated[str, Field(description="With theme, choices and style.")]
    negative_prompt_sent: str
    choices: list[JobChoiceOut]
    variant: Annotated[int, Field(description="The number of its combination among all of the prompt.")]
    style: Annotated[dict[str, Any], Field(description="Style and theme as they were then.")]
    gpu_id: Annotated[str | None, Field(description="The lane it was given to; null while it waits.")]
    lane: Annotated[str | None, Field(description="The name of that lane.")]
    reason: Annotated[str, Field(description="Why it runs there, or what it waits for.")]
    expected: Annotated[str, Field(description="When it starts or ends, in words; empty when nobody knows.")]
    expected_s: Annotated[float, Field(description="Seconds such a job takes.")]
    price_estimate: Annotated[str, Field(description="US dollars.")]
    price: Annotated[str | None, Field(description="US dollars it did cost; null until it has ended.")]
    error: JobErrorOut | None
    images: list[ImageOut]
    preview_url: Annotated[str | None, Field(description="The picture so far, while it runs.")]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    dismissed_at: Annotated[datetime | None, Field(description="When its failure was put out of sight.")]


def job_brief(job: Job) -> JobBriefOut:
    return JobBriefOut(id=job.id, status=JobState(job.state), gpu_id=job.lane, seed=job.seed)


def job_outs(jobs: Sequence[Job]) -> list[JobOut]:
    """Jobs in order, read together: the number of queries does not depend on how many there are."""
    # A picture may arrive after its job was cancelled, so every ended job is asked for its own.
    made = queries.assets_of([job.id for job in jobs if job.state in FINAL])
    shown = {out.id: out for out in image_outs([asset for assets in made.values() for asset in assets])}
    return [
        _job_out(job, view, [shown[asset.id] for asset in made.get(job.id, ())])
        for job, view in zip(jobs, job_views(jobs), strict=True)
    ]


def _job_out(job: Job, view: JobView, images: list[ImageOut]) -> JobOut:
    lane = lanes.lane_named(job.lane)
    return JobOut(
        id=job.id,
        batch_id=job.batch_id,
        workspace_id=job.workspace_id,
        ordinal=job.ordinal,
        status=JobState(job.state),
        progress=1.0 if job.state == JobState.SUCCEEDED else view.progress,
        operation=Operation(job.operation),
        model=job.model,
        seed=job.seed,
        width=job.width_px,
        height=job.height_px,
        params=job.params,
        inputs=job.inputs,
        prompt=job.template,
        prompt_sent=job.prompt_sent,
        negative_prompt_sent=job.negative_sent,
        choices=job.choices,
        variant=job.variant,
        style=job.style,
        gpu_id=job.lane,
        lane=lane.name if lane else None,
        reason=view.reason,
        expected=view.expected,
        expected_s=job.expected_s,
        price_estimate=dollars(job.price_estimate),
        price=dollars(job.price_actual) if job.price_actual is not None else None,
        error=_error(job),
        images=images,
        preview_url=view.preview_url,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        dismissed_at=job.dismissed_at,
    )


def _error(job: Job) -> JobErrorOut | None:
    if job.error_kind is None:
        return None
    return JobErrorOut(
        code=job.error_kind,
        message=job.error_sentence or "",
        retryable=job.state == JobState.FAILED and job.error_kind not in _POINTLESS_TO_REPEAT,
    )
