"""Pictures and videos: a list, one with its recipe, and bringing one's own."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from apiflask import APIBlueprint
from apiflask.fields import UploadFile
from flask import request
from pydantic import Field, model_validator

from app import limits
from app.accounts.access import me
from app.accounts.domain import Scope
from app.api.choices import workspace_or_newest
from app.api.guards import needs, when_fetching
from app.api.idempotency import once
from app.api.ids import Id
from app.api.image_marks import MarkChanges
from app.api.image_shapes import (
    IMAGE_EXAMPLE,
    ImageDetailOut,
    ImageOut,
    ParentOut,
    facts_of,
    image_out,
    image_outs,
)
from app.api.paging import PageQuery
from app.api.shapes import Answer
from app.db import db
from app.errors import AppError
from app.extensions import settings
from app.fetch import FetchRefused, fetch_image
from app.forms import Body
from app.library import marks, queries, search, service, uploads
from app.library.filters import SEVERAL, Filters
from app.library.marks import Marks
from app.web.hygiene import takes_several
from app.workspaces import service as workspaces

bp = APIBlueprint("api_images", __name__, url_prefix="/api/images", tag="Images")

_UPLOADED = {**IMAGE_EXAMPLE, "job_id": None, "source": "uploaded", "prompt": "fox.png", "seed": None}
_DETAIL = {
    **IMAGE_EXAMPLE,
    "recipe": {"prompt": "a red fox, dawn light", "seed": 1234, "model": "sketch"},
    "parents": [],
}
_Workspace = Annotated[Id | None, Field(description="Where the picture goes; default: the newest workspace.")]


class ImageQuery(PageQuery, Filters):
    """`after` is another name for `cursor`."""

    workspace_id: Annotated[Id | None, Field(description="Only those of this workspace.")] = None
    batch_id: Annotated[Id | None, Field(description="Only those of this batch.")] = None
    after: Annotated[Id | None, Field(description="Only those older than this picture; the same as `cursor`.")] = None

    @model_validator(mode="before")
    @classmethod
    def _all_values(cls, given: dict[str, Any]) -> dict[str, Any]:
        # Of a name that is repeated APIFlask hands over the first value only.
        return {**given, **{name: request.args.getlist(name) for name in SEVERAL if name in given}}


class ImagePageOut(Answer):
    """Newest first; without what is in the trash, unless that was asked for."""

    items: list[ImageOut]
    next: str | None


class UploadBody(Body):
    """purpose: a mask (white is repainted, black stays) is kept out of the lists of pictures."""

    file: UploadFile
    workspace_id: _Workspace = None
    purpose: Literal["picture", "mask"] = "picture"


class ZipBody(Body):
    """A ZIP of pictures: up to 50 files, 20 MiB each, 256 MiB in all once unpacked."""

    file: UploadFile
    workspace_id: _Workspace = None


class LeftOutOut(Answer):
    """A file of the ZIP that is no picture we take; name: as shown, without folders."""

    name: str
    message: str


class UnpackedOut(Answer):
    """images: in the order of the ZIP."""

    images: list[ImageOut]
    left_out: list[LeftOutOut]


class FetchBody(Body):
    """An http or https address on the open internet."""

    url: Annotated[str, Field(min_length=1, max_length=limits.URL_CHARS)]
    workspace_id: _Workspace = None


class CannotFetch(AppError):
    """An address that was refused, or led to nothing."""

    def __init__(self, refusal: FetchRefused) -> None:
        super().__init__(refusal.sentence, fields={"url": refusal.sentence})
        self.status = refusal.status
        self.code = refusal.code


@bp.get("")
@needs(Scope.READ)
@bp.input(ImageQuery, location="query", arg_name="query")
@bp.output(ImagePageOut, example={"items": [IMAGE_EXAMPLE], "next": None})
@takes_several(*SEVERAL)
def index(query: ImageQuery) -> ImagePageOut:
    """List pictures and videos

    What is given narrows the list; `q` searches prompts and names. `model`, `style` and `operation` may be repeated and
    find pictures that have any of these, `tag` those that have all. Days are in UTC.
    """
    if query.workspace_id is not None:
        workspaces.workspace_for(me().id, query.workspace_id)
    # As they are: a tag, once it is folded, may be longer than one may be written.
    filters = Filters.model_construct(**{name: getattr(query, name) for name in Filters.model_fields})
    found = search.find(me().id, filters, after=query.after or query.cursor, most=min(query.limit, limits.PAGE_SIZE))
    return ImagePageOut(items=image_outs(found.assets), next=str(found.after) if found.after else None)


@bp.get("/<uuid:image_id>")
@needs(Scope.READ)
@bp.output(ImageDetailOut, example=_DETAIL)
def show(image_id: uuid.UUID) -> ImageDetailOut:
    """Look at one picture and how it was made"""
    asset = service.image_for(me().id, image_id)
    parents = [ParentOut(id=each.id, url=f"/api/images/{each.id}/file") for each in queries.parents_of(asset)]
    return ImageDetailOut(**facts_of(asset), recipe=asset.recipe, parents=parents)


@bp.post("")
@needs(Scope.WRITE)
@once
@bp.input(UploadBody, location="files", arg_name="body")
@bp.output(ImageOut, 201, example=_UPLOADED)
def upload(body: UploadBody) -> ImageOut:
    """Upload a picture

    PNG, JPEG, WebP or GIF, as multipart/form-data. It is decoded and written anew; a recipe that it carries is read:
    ours, or one of A1111, ComfyUI, InvokeAI and SwarmUI. An MP4 is taken as well, and kept as it came.
    """
    workspace = workspace_or_newest(me().id, body.workspace_id)
    source = "mask" if body.purpose == "mask" else "uploaded"
    return image_out(uploads.add_file(workspace, body.file, source=source))


@bp.post("/zip")
@needs(Scope.WRITE)
@once
@bp.input(ZipBody, location="files", arg_name="body")
@bp.output(
    UnpackedOut,
    201,
    example={"images": [_UPLOADED], "left_out": [{"name": "notes.txt", "message": "This file is not a picture…"}]},
)
def unpack(body: ZipBody) -> UnpackedOut:
    """Upload the pictures in a ZIP

    Each is stored as if it had come by itself. What cannot be taken is named in `left_out` and keeps nothing else out.
    """
    workspace = workspace_or_newest(me().id, body.workspace_id)
    taken, left_out = uploads.add_zip(workspace, body.file)
    return UnpackedOut(
        images=image_outs(taken),
        left_out=[LeftOutOut(name=each.name, message=each.sentence) for each in left_out],
    )


@bp.post("/fetch")
@needs(Scope.WRITE)
@when_fetching
@once
@bp.input(FetchBody, arg_name="body", example={"url": "https://example.com/fox.png"})
@bp.output(ImageOut, 201, example=_UPLOADED)
def fetch(body: FetchBody) -> ImageOut:
    """Bring a picture from an address

    At most 10 a minute.
    """
    owner_id, workspace_id = me().id, workspace_or_newest(me().id, body.workspace_id).id
    # A slow server elsewhere must not keep one of our database connections.
    db.session.rollback()
    try:
        data = fetch_image(body.url, deny=frozenset(settings().trusted_hosts))
    except FetchRefused as error:
        raise CannotFetch(error) from error
    workspace = workspaces.workspace_for(owner_id, workspace_id)
    return image_out(uploads.add_bytes(workspace, data, shown_name=urlsplit(body.url).path, role="url"))


@bp.patch("/<uuid:image_id>")
@needs(Scope.WRITE)
@bp.input(MarkChanges, arg_name="body", example={"favourite": True})
@bp.output(ImageOut, example={**IMAGE_EXAMPLE, "favourite": True})
def change(image_id: uuid.UUID, body: MarkChanges) -> ImageOut:
    """Change a picture's marks: favourite, rejected, rating"""
    asset = service.image_for(me().id, image_id)
    marks.set_marks(me().id, [asset.id], Marks(**body.model_dump()))
    return image_out(asset)


@bp.delete("/<uuid:image_id>")
@needs(Scope.WRITE)
@bp.doc(responses={204: "In the trash"})
def trash(image_id: uuid.UUID) -> tuple[str, int]:
    """Put a picture into the trash"""
    marks.trash(me().id, [service.image_for(me().id, image_id).id])
    return "", 204


@bp.post("/<uuid:image_id>/restore")
@needs(Scope.WRITE)
@bp.output(ImageOut, example=IMAGE_EXAMPLE)
def restore(image_id: uuid.UUID) -> ImageOut:
    """Take a picture back out of the trash"""
    asset = service.image_for(me().id, image_id, even_deleted=True)
    marks.restore(me().id, [asset.id])
    db.session.refresh(asset)
    return image_out(asset)
