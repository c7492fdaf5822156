"""From a job's row to the request its provider gets, with the input files found on disk."""

from __future__ import annotations

import uuid
from pathlib import Path

from app.generation.models import Job
from app.library import service as library
from app.providers.contract import ErrorKind, Operation, ProviderError, Request
from app.providers.registry import catalogue


def request_of(job: Job) -> Request:
    """The provider's request. Raises ProviderError when an input picture is gone."""
    model = catalogue().find(job.model)
    if model is None:
        raise ProviderError(ErrorKind.USER_FIXABLE, f"The model {job.model} is no longer offered. Choose another one.")
    return Request(
        reference=job.reference,
        operation=Operation(job.operation),
        endpoint=model.endpoint,
        prompt=job.prompt_sent,
        negative_prompt=job.negative_sent,
        seed=job.seed,
        width_px=job.width_px,
        height_px=job.height_px,
        params=job.params,
        files={role: _file_of(job, role, asset_id) for role, asset_id in job.inputs.items()},
    )


def _file_of(job: Job, role: str, asset_id: str) -> Path:
    # The worker looks again whose picture it is: the row may have changed since it was accepted.
    path = library.file_of(uuid.UUID(asset_id), owner_id=job.owner_id)
    if path is None:
        raise ProviderError(
            ErrorKind.USER_FIXABLE, f"The picture used as {role} was deleted before this could start. Choose another."
        )
    return path
