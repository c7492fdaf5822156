"""A picture or video as the API tells of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StrictInt

from app.api.shapes import Answer
from app.library import queries
from app.library.models import Asset

Rating = Annotated[StrictInt, Field(ge=0, le=5, description="Stars; 0 for none.")]

IMAGE_EXAMPLE = {
    "id": "019aa0c4-7a10-7cc1-9d55-3f2b8f6f4a10",
    "workspace_id": "019aa0c3-0d4e-7f3a-8a8c-52b8f1f0c001",
    "job_id": "019aa0c4-76f2-7b0e-a9d0-8f1f2c3d4e5f",
    "kind": "image",
    "source": "generated",
    "mime": "image/png",
    "width": 768,
    "height": 768,
    "duration_s": None,
    "size_bytes": 912345,
    "url": "/api/images/019aa0c4-7a10-7cc1-9d55-3f2b8f6f4a10/file",
    "thumbnail_url": "/api/images/019aa0c4-7a10-7cc1-9d55-3f2b8f6f4a10/thumb",
    "preview_url": "/api/images/019aa0c4-7a10-7cc1-9d55-3f2b8f6f4a10/preview",
    "prompt": "a red fox, dawn light",
    "seed": 1234,
    "favourite": False,
    "rejected": False,
    "rating": 0,
    "tags": [],
    "late": False,
    "created_at": "2026-11-20T12:00:03Z",
    "deleted_at": None,
}


class ImageOut(Answer):
    """url: the original with its recipe in it; thumbnail_url: at most 256 px; preview_url: at most 1280 px."""

    id: uuid.UUID
    workspace_id: uuid.UUID
    job_id: uuid.UUID | None
    kind: Literal["image", "video"]
    source: Literal["generated", "uploaded", "mask"]
    mime: str
    width: int
    height: int
    duration_s: float | None
    size_bytes: int
    url: str
    thumbnail_url: str
    preview_url: str
    prompt: Annotated[str, Field(description="As sent to the model; the file's name for uploads.")]
    seed: int | None
    favourite: bool
    rejected: bool
    rating: Rating
    tags: list[str]
    late: Annotated[bool, Field(description="Whether it arrived after its job was cancelled.")]
    created_at: datetime
    deleted_at: datetime | None


class ParentOut(Answer):
    """A picture that went into this one."""

    id: uuid.UUID
    url: str


class ImageDetailOut(ImageOut):
    """recipe: everything that made it, as it is written into the file."""

    recipe: dict[str, Any]
    parents: list[ParentOut]


def image_out(asset: Asset) -> ImageOut:
    return image_outs([asset])[0]


def image_outs(assets: Sequence[Asset]) -> list[ImageOut]:
    """Pictures in order, their tags read together."""
    tags = queries.tags_of([asset.id for asset in assets])
    return [ImageOut(**_facts(asset, tags[asset.id])) for asset in assets]


def facts_of(asset: Asset) -> dict[str, Any]:
    """The fields of ImageOut."""
    return _facts(asset, queries.tags_of([asset.id])[asset.id])


def _facts(asset: Asset, tags: list[str]) -> dict[str, Any]:
    recipe = asset.recipe
    seed = recipe.get("seed")
    return {
        "id": asset.id,
        "workspace_id": asset.workspace_id,
        "job_id": asset.job_id,
        "kind": asset.kind,
        "source": asset.source,
        "mime": asset.mime,
        "width": asset.width_px,
        "height": asset.height_px,
        "duration_s": asset.duration_s,
        "size_bytes": asset.size_bytes,
        "url": f"/api/images/{asset.id}/file",
        "thumbnail_url": f"/api/images/{asset.id}/thumb",
        "preview_url": f"/api/images/{asset.id}/preview",
        "prompt": str(recipe.get("prompt") or asset.shown_name),
        "seed": seed if isinstance(seed, int) else None,
        "favourite": asset.favourite,
        "rejected": asset.rejected,
        "rating": asset.rating,
        "tags": tags,
        "late": asset.late,
        "created_at": asset.created_at,
        "deleted_at": asset.deleted_at,
    }
