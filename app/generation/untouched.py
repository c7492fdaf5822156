"""What a result is put back into, so that a repaint or an extension changes nothing but what was asked for."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from app.generation.models import Job
from app.imaging.compositing import Ground
from app.imaging.framing import Sides
from app.library import service as library
from app.providers.contract import Operation
from app.providers.registry import catalogue


def ground_of(job: Job) -> Ground | None:
    """The pictures a job's results are composited with, for a model that may touch more than it was asked to.

    None where the model keeps to the mask by itself, for every other operation, and when the pictures are gone by now:
    then the result stays as the provider gave it.
    """
    model = catalogue().find(job.model)
    operation = Operation(job.operation)
    if model is None or operation not in model.operations or not model.operations[operation].composite:
        return None
    source = _bytes_of(job, "image")
    if source is None:
        return None
    if operation is Operation.OUTPAINT:
        return Ground(source, sides=_sides(job.params))
    mask = _bytes_of(job, "mask") if operation is Operation.INPAINT else None
    return None if mask is None else Ground(source, mask=mask)


def _bytes_of(job: Job, role: str) -> bytes | None:
    asset_id = job.inputs.get(role)
    path = library.file_of(uuid.UUID(asset_id), owner_id=job.owner_id) if asset_id else None
    return None if path is None else path.read_bytes()


def _sides(params: Mapping[str, Any]) -> Sides:
    """As the request said it, checked when it came in."""
    return Sides(**params["expand"])
