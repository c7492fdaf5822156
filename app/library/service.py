"""Keep pictures and videos: store what was made or uploaded, find it again for its owner, forget it on request.

Files come first, rows second: a file without a row is swept away later, a row without a file never exists.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
import structlog

from app.db import db, new_id, utc_now
from app.errors import NotFound
from app.extensions import storage
from app.imaging import derive
from app.imaging import recipe as recipes
from app.imaging.compositing import Ground
from app.imaging.containers import sniff
from app.imaging.derive import Derived
from app.imaging.embedding import read_texts
from app.imaging.errors import FileTooLarge, ImageRefused
from app.imaging.limits import FILE_MAX_BYTES
from app.imaging.pool import Admitted, helpers
from app.library.describing import describe
from app.library.models import Asset, AssetParent, AssetText
from app.library.words import fold
from app.providers.contract import Output
from app.storage import StorageFull, StoredFile

log = structlog.get_logger(__name__)

# What a file kept for its derivation must be called; everything else was refused on the way in.
EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/webm": "webm",
}
# A mask says where, not what: what was painted under it does not come of it.
_MASK = "mask"


class OutputRefused(Exception):
    """A provider's answer is not a picture or video we can keep."""


class MadeBy(Protocol):
    """What an output takes over from the job that made it."""

    @property
    def id(self) -> Any: ...
    @property
    def owner_id(self) -> Any: ...
    @property
    def workspace_id(self) -> Any: ...
    @property
    def batch_id(self) -> Any: ...
    @property
    def inputs(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class StoredFiles:
    """One picture on disk with what was derived from it, before any row names it."""

    mime: str
    key: str
    sha256: str
    size_bytes: int
    width_px: int
    height_px: int
    thumb_key: str | None
    preview_key: str | None
    poster_key: str | None
    duration_s: float | None
    placeholder: str | None

    @property
    def keys(self) -> list[str]:
        return [key for key in (self.key, self.thumb_key, self.preview_key, self.poster_key) if key]


def store_output(output: Output, recipe: Mapping[str, Any], ground: Ground | None = None) -> StoredFiles:
    """Check, write the recipe into, and store one output with its thumbnail and preview.

    ground: what it is put back into first. Raises OutputRefused or app.storage.StorageFull.
    """
    try:
        if ground is not None and (composed := _composed(output, ground)) is not None:
            return _store(composed.image.data, composed.image.mime, composed.copies, recipe)
        if output.trusted:
            return _store(output.data, output.mime, derive.derive(output.data, output.mime), recipe)
        if output.mime.startswith("video/"):
            return _store(output.data, output.mime, helpers().probe_video(output.data), recipe)
        admitted = helpers().admit(output.data)
        return _store(admitted.image.data, admitted.image.mime, admitted.copies, recipe)
    except ImageRefused as error:
        raise OutputRefused(error.sentence) from error


def _composed(output: Output, ground: Ground) -> Admitted | None:
    """The output put into its ground, or None: a picture that was paid for is rather kept as it came than lost."""
    try:
        return helpers().compose(output.data, replace(ground, part=output.part))
    except ImageRefused as error:
        log.warning("not_composited", why=error.sentence)
        return None


def store_upload(data: bytes) -> tuple[StoredFiles, dict[str, str]]:
    """Decode, limit and store a picture or MP4 from outside; also the texts its file carried.

    A picture is written anew from its pixels. A video is looked at and kept as it came: writing it anew would cost
    minutes and quality. Raises ImageRefused, app.imaging.pool.PoolBusy or app.storage.StorageFull.
    """
    if sniff(data) == "video/mp4":
        if len(data) > FILE_MAX_BYTES:
            raise FileTooLarge.over(FILE_MAX_BYTES)
        return _store(data, "video/mp4", helpers().probe_video(data), None), read_texts(data)
    admitted = helpers().admit(data)
    return _store(admitted.image.data, admitted.image.mime, admitted.copies, None), dict(admitted.image.embedded)


def _store(data: bytes, mime: str, copies: Derived, recipe: Mapping[str, Any] | None) -> StoredFiles:
    put: list[str] = []

    def keep(content: bytes, extension: str, *, replaceable: bool) -> StoredFile:
        file = storage().put(content, extension, replaceable=replaceable)
        put.append(file.key)
        return file

    def keep_copy(content: bytes | None) -> str | None:
        return None if content is None else keep(content, "webp", replaceable=True).key

    try:
        original = keep(_with_recipe(data, mime, recipe), EXTENSIONS[mime], replaceable=False)
        return StoredFiles(
            mime=mime,
            key=original.key,
            sha256=original.sha256,
            size_bytes=original.size_bytes,
            width_px=copies.width_px,
            height_px=copies.height_px,
            thumb_key=keep_copy(copies.thumb),
            preview_key=keep_copy(copies.preview),
            poster_key=keep_copy(copies.poster),
            duration_s=copies.duration_s,
            placeholder=copies.placeholder,
        )
    except StorageFull:
        # Parts of a picture would only make a full disk fuller.
        for key in put:
            storage().delete(key)
        raise


def _with_recipe(data: bytes, mime: str, recipe: Mapping[str, Any] | None) -> bytes:
    """The file carrying its recipe, where its format can."""
    return data if recipe is None else recipes.with_recipe(data, mime, recipe)


def discard_files(stored: Iterable[StoredFiles]) -> None:
    """Remove files that no row came to name."""
    for files in stored:
        for key in files.keys:
            storage().delete(key)


def add_output(
    job: MadeBy, files: StoredFiles, *, ordinal: int, recipe: Mapping[str, Any], late: bool = False
) -> Asset:
    """The row of a job's output, in the caller's transaction."""
    asset = _asset(files, job.owner_id, job.workspace_id, source="generated")
    asset.job_id, asset.ordinal, asset.recipe, asset.late = job.id, ordinal, dict(recipe), late
    asset.batch_id = job.batch_id
    parents = [(role, parent) for role, id in job.inputs.items() if (parent := db.session.get(Asset, uuid.UUID(id)))]
    _join_line(asset, [parent for role, parent in parents if role != _MASK])
    _add(asset)
    db.session.add_all(AssetParent(asset_id=asset.id, parent_id=parent.id, role=role) for role, parent in parents)
    return asset


def _join_line(asset: Asset, parents: Sequence[Asset]) -> None:
    """Of several parents the oldest one's line goes on."""
    mine = [parent for parent in parents if parent.owner_id == asset.owner_id]
    if mine:
        first = min(mine, key=lambda parent: parent.id)
        asset.line_id, asset.line_batch_id, asset.line_prompt_id = (
            first.line_id,
            first.line_batch_id,
            first.line_prompt_id,
        )


def add_upload(
    owner_id: uuid.UUID,
    workspace_id: uuid.UUID,
    files: StoredFiles,
    *,
    source: str = "uploaded",
    shown_name: str,
    recipe: Mapping[str, Any],
) -> Asset:
    """The row of an uploaded picture or mask, in the caller's transaction."""
    asset = _asset(files, owner_id, workspace_id, source=source)
    asset.shown_name, asset.recipe = shown_name, dict(recipe)
    _add(asset)
    return asset


def _add(asset: Asset) -> None:
    """Add the row with what filters and search find it by."""
    described = describe(asset.recipe)
    asset.model, asset.operation, asset.style = described.model, described.operation, described.style
    db.session.add(asset)
    text = "\n".join(dict.fromkeys(fold(part) for part in (*described.texts, asset.shown_name) if part))
    db.session.add(AssetText(asset_id=asset.id, text=text))


def _asset(files: StoredFiles, owner_id: uuid.UUID, workspace_id: uuid.UUID, *, source: str) -> Asset:
    return Asset(
        id=new_id(),
        owner_id=owner_id,
        workspace_id=workspace_id,
        kind="video" if files.mime.startswith("video/") else "image",
        source=source,
        mime=files.mime,
        key=files.key,
        thumb_key=files.thumb_key,
        preview_key=files.preview_key,
        poster_key=files.poster_key,
        sha256=files.sha256,
        size_bytes=files.size_bytes,
        width_px=files.width_px,
        height_px=files.height_px,
        duration_s=files.duration_s,
        placeholder=files.placeholder,
        created_at=utc_now(),
    )


def announced(asset: Asset, *, job_id: uuid.UUID, batch_id: uuid.UUID) -> dict[str, Any]:
    """What the live event of a new picture says."""
    return {
        "image_id": str(asset.id),
        "generation_id": str(job_id),
        "job_id": str(job_id),
        "batch_id": str(batch_id),
        "workspace_id": str(asset.workspace_id),
        "image_url": f"/api/images/{asset.id}/file",
        "thumbnail_url": f"/api/images/{asset.id}/thumb",
    }


def image_for(owner_id: uuid.UUID, asset_id: uuid.UUID, *, even_deleted: bool = False) -> Asset:
    """The guarded door: the person's own picture, or NotFound."""
    asset = db.session.get(Asset, asset_id)
    if asset is None or asset.owner_id != owner_id or (asset.deleted_at is not None and not even_deleted):
        raise NotFound("picture")
    return asset


def is_there(owner_id: uuid.UUID, asset_id: uuid.UUID) -> bool:
    """Whether it is the person's own picture and not in the trash."""
    try:
        image_for(owner_id, asset_id)
    except NotFound:
        return False
    return True


def file_name(asset: Asset) -> str:
    """A name that says which picture it is, made of nothing a person typed."""
    seed = asset.recipe.get("seed")
    middle = f"{seed}-" if isinstance(seed, int) and asset.source == "generated" else ""
    return f"darkroom-{middle}{asset.id.hex[-8:]}.{EXTENSIONS[asset.mime]}"


def file_of(asset_id: uuid.UUID, *, owner_id: uuid.UUID) -> Path | None:
    """Where the original of a person's picture lies on this machine, or None when it is gone or not theirs."""
    asset = db.session.get(Asset, asset_id)
    if asset is None or asset.owner_id != owner_id or not storage().exists(asset.key):
        return None
    return storage().path(asset.key)


def keys_in_use(keys: Iterable[str]) -> set[str]:
    """Which of these storage keys some row still names."""
    wanted = list(keys)
    found: set[str] = set()
    for column in (Asset.key, Asset.thumb_key, Asset.preview_key, Asset.poster_key):
        found.update(key for key in db.session.scalars(sa.select(column).where(column.in_(wanted))) if key)
    return found
