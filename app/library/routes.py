"""The bytes of pictures, to their owner only; and what a person does to one picture from a page.

Served by id, never by name or path, with headers under which even a hostile file could do nothing.
"""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, signed_in
from app.errors import NotFound
from app.extensions import storage
from app.forms import read_form
from app.library import marks, service
from app.library.forms import MarksForm
from app.library.marks import Marks
from app.library.models import Asset
from app.web.local_paths import local_path
from app.web.rates import unlimited

bp = Blueprint("library", __name__)

_SMALL = "image/webp"


@bp.get("/api/images/<uuid:image_id>/file")
@signed_in
@unlimited
def file(image_id: uuid.UUID) -> ResponseReturnValue:
    """The original, with its recipe in it. In the trash too: who is to decide looks closely."""
    asset = service.image_for(me().id, image_id, even_deleted=True)
    return _sent(asset, asset.key, asset.mime, download=True)


@bp.get("/api/images/<uuid:image_id>/preview")
@signed_in
@unlimited
def preview(image_id: uuid.UUID) -> ResponseReturnValue:
    """At most 1280 px: a smaller copy, a video's poster, or the original where that is light enough."""
    asset = service.image_for(me().id, image_id, even_deleted=True)
    return _small(asset, asset.preview_key or asset.poster_key)


@bp.get("/api/images/<uuid:image_id>/thumb")
@signed_in
@unlimited
def thumb(image_id: uuid.UUID) -> ResponseReturnValue:
    """At most 256 px."""
    asset = service.image_for(me().id, image_id, even_deleted=True)
    return _small(asset, asset.thumb_key or asset.poster_key)


@bp.post("/images/<uuid:image_id>/marks")
@signed_in
def mark(image_id: uuid.UUID) -> ResponseReturnValue:
    """Favourite ("1" or "0"), rejected, rating (0 to 5): what the form gives; back to the page in `next`."""
    asset = service.image_for(me().id, image_id)
    marks.set_marks(asset.owner_id, [asset.id], Marks(**read_form(MarksForm, request.form).model_dump()))
    return redirect(local_path(request.form.get("next"), url_for("playground.image", image_id=image_id)))


@bp.post("/images/<uuid:image_id>/trash")
@signed_in
def trash(image_id: uuid.UUID) -> ResponseReturnValue:
    """Put a picture aside."""
    asset = service.image_for(me().id, image_id)
    marks.trash(asset.owner_id, [asset.id])
    return redirect(url_for("playground.show", workspace_id=asset.workspace_id))


def _small(asset: Asset, key: str | None) -> Response:
    return _sent(asset, key, _SMALL) if key else _sent(asset, asset.key, asset.mime)


def _sent(asset: Asset, key: str, mime: str, *, download: bool = False) -> Response:
    if not storage().exists(key):
        # A small copy may be lost in a power cut; the original is flushed to the disk and is not.
        key, mime = asset.key, asset.mime
    path = storage().path(key)
    if not path.exists():
        raise NotFound("picture")
    answer = send_file(
        path,
        mimetype=mime,
        conditional=True,
        etag=f"{asset.sha256[:32]}-{key.rpartition('/')[2][:12]}",
        download_name=service.file_name(asset) if download else None,
        max_age=None,
    )
    # What an id names never changes, so a browser need not ask again; nobody else's cache may keep it.
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
