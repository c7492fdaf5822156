"""What the engine tells the person's pages. Events hurry a page along; pages are right without any."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Protocol

from redis.exceptions import RedisError

from app.db import after_commit_together
from app.extensions import redis_client
from app.generation.models import Job
from app.live import News, publish, publish_all

# A running picture's last look and progress, for pages opened in the middle.
_KEPT_S = 900


class Told(Protocol):
    """What names a job to pages: its row, or as much of it as was read."""

    @property
    def id(self) -> Any: ...
    @property
    def owner_id(self) -> Any: ...
    @property
    def batch_id(self) -> Any: ...
    @property
    def workspace_id(self) -> Any: ...


def job_changed(job: Told, state: str, **more: Any) -> None:
    """Tell, once the current transaction is durable, that a job is in a new state."""
    _tell(job.owner_id, "job", {**_named(job), "state": state, **more})


def job_progress(job: Job, fraction: float, *, message: str = "", preview: bytes | None = None) -> None:
    """Tell how far a job is, and keep that for pages that open later. Never touches the database."""
    data = {**_named(job), "state": "running", "progress": round(fraction, 3)}
    if message:
        data["message"] = message
    key = _moment_key(job.id)
    try:
        pipe = redis_client().pipeline(transaction=False)
        pipe.hset(key, "progress", f"{fraction:.3f}")
        if preview is not None:
            pipe.hset(key, "preview", preview)
        pipe.expire(key, _KEPT_S)
        pipe.execute()
    except RedisError:
        return
    if preview is not None:
        data["preview"] = f"/api/jobs/{job.id}/preview?at={round(fraction * 1000)}"
    publish(job.owner_id, "job", data)


@dataclass(frozen=True, slots=True)
class Moment:
    """How a running job stands. progress: 0..1."""

    progress: float
    has_preview: bool


def moments_of(job_ids: list[uuid.UUID]) -> dict[uuid.UUID, Moment]:
    """The last that was told of each job, where there is something."""
    if not job_ids:
        return {}
    try:
        pipe = redis_client().pipeline(transaction=False)
        for job_id in job_ids:
            pipe.hget(_moment_key(job_id), "progress")
            pipe.hexists(_moment_key(job_id), "preview")
        answers = iter(pipe.execute())
    except RedisError:
        return {}
    pairs = zip(job_ids, zip(answers, answers, strict=True), strict=True)
    return {job_id: Moment(float(told), bool(seen)) for job_id, (told, seen) in pairs if told is not None}


def preview_of(job_id: uuid.UUID) -> bytes | None:
    """The last look of a running picture, if there is one."""
    try:
        found: bytes | None = redis_client().hget(_moment_key(job_id), "preview")
    except RedisError:
        return None
    return found


def image_added(owner_id: uuid.UUID, data: dict[str, Any]) -> None:
    _tell(owner_id, "image", data)


def batch_changed(owner_id: uuid.UUID, data: dict[str, Any]) -> None:
    _tell(owner_id, "batch", data)


def queue_changed(owner_id: uuid.UUID, *, paused: bool) -> None:
    _tell(owner_id, "notice", {"what": "queue", "paused": paused})


def failures_changed(owner_id: uuid.UUID) -> None:
    """Failed jobs were dismissed or came back: pages show others than before."""
    _tell(owner_id, "notice", {"what": "failures"})


def _tell(owner_id: uuid.UUID, type_: str, data: dict[str, Any]) -> None:
    """Once the current transaction is durable, with what else it has to tell."""
    after_commit_together(publish_all, News(owner_id, type_, data))


def _named(job: Told) -> dict[str, Any]:
    return {"job_id": str(job.id), "batch_id": str(job.batch_id), "workspace_id": str(job.workspace_id)}


def _moment_key(job_id: uuid.UUID) -> str:
    return f"darkroom:moment:{job_id}"
