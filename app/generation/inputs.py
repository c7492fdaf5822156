"""From a job's row to the request its provider gets, with the input files found on disk."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.generation.models import Job
from app.library import service as library
from app.providers.contract import ErrorKind, Operation, ProviderError, Request, Turn
from app.providers.registry import catalogue


def request_of(job: Job) -> Request:
    """The provider's request. Raises ProviderError when an input picture is gone."""
    model = catalogue().find(job.model)
    if model is None:
        raise ProviderError(ErrorKind.USER_FIXABLE, f"The model {job.model} is no longer offered. Choose another one.")
    return Request(
        reference=job.reference,
        operation=Operation(job.operation),
        endpoint=model.endpoint_for(Operation(job.operation)),
        prompt=job.prompt_sent,
        negative_prompt=job.negative_sent,
        seed=job.seed,
        width_px=job.width_px,
        height_px=job.height_px,
        aspect=model.size.ratio_of(job.width_px, job.height_px),
        wire=model.wire_for(Operation(job.operation)),
        params=job.params,
        files={role: _file_of(job, role, asset_id) for role, asset_id in job.inputs.items()},
        history=tuple(_turn_of(job, turn) for turn in job.context or ()),
    )


def _turn_of(job: Job, turn: Mapping[str, Any]) -> Turn:
    # A picture that was deleted meanwhile is no reason to fail: the words still tell what was asked.
    asset_id = uuid.UUID(turn["image"]) if turn["image"] else None
    there = asset_id is not None and library.is_there(job.owner_id, asset_id)
    image = library.file_of(asset_id, owner_id=job.owner_id) if asset_id is not None and there else None
    return Turn(turn["prompt"], image, turn["outcome"])


def _file_of(job: Job, role: str, asset_id: str) -> Path:
    # The worker looks again whose picture it is: the row may have changed since it was accepted.
    path = library.file_of(uuid.UUID(asset_id), owner_id=job.owner_id)
    if path is None:
        raise ProviderError(
            ErrorKind.USER_FIXABLE, f"The picture used as {role} was deleted before this could start. Choose another."
        )
    return path
