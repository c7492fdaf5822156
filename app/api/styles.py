"""Styles: a look within a workspace, in words and parameters."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from apiflask import APIBlueprint
from pydantic import Field

from app.accounts.access import me
from app.accounts.domain import Scope
from app.api import queries as lists
from app.api.choices import workspace_or_newest
from app.api.guards import needs
from app.api.idempotency import once
from app.api.ids import Id
from app.api.paging import PageQuery, page_of
from app.api.shapes import Answer, Changes, changed
from app.forms import Name
from app.workspaces import service
from app.workspaces.forms import StyleBody
from app.workspaces.models import Style

bp = APIBlueprint("api_styles", __name__, url_prefix="/api/styles", tag="Styles")

_WORDS = {"name": "Etching", "positive": "fine etched lines, sepia ink", "negative": "colour", "seed": 7}
_WORKSPACE_ID = "019aa0c3-0d4e-7f3a-8a8c-52b8f1f0c001"
_EXAMPLE = {
    "id": "019aa0c3-2c3d-7e11-8f8f-1b2c3d4e5f60",
    "workspace_id": _WORKSPACE_ID,
    **_WORDS,
    "cfg_scale": None,
    "steps": None,
    "sampler": None,
    "width_px": None,
    "height_px": None,
    "created_at": "2026-11-20T11:59:00Z",
}
_Workspace = Annotated[Id | None, Field(description="The workspace; default: the newest.")]


class StyleQuery(PageQuery):
    workspace_id: _Workspace = None


class StyleIn(StyleBody):
    """A look. What is left out is the model's own."""

    workspace_id: _Workspace = None


class StyleChanges(Changes, StyleBody):
    """What is left out stays; null gives a parameter back to the model."""

    name: Name = ""


class StyleOut(Answer):
    id: uuid.UUID
    workspace_id: uuid.UUID
    name: str
    positive: str
    negative: str
    cfg_scale: float | None
    steps: int | None
    seed: int | None
    sampler: str | None
    width_px: int | None
    height_px: int | None
    created_at: datetime


class StylePageOut(Answer):
    """Newest first."""

    items: list[StyleOut]
    next: str | None


@bp.get("")
@needs(Scope.READ)
@bp.input(StyleQuery, location="query", arg_name="query")
@bp.output(StylePageOut, example={"items": [_EXAMPLE], "next": None})
def index(query: StyleQuery) -> StylePageOut:
    """List the styles of a workspace"""
    workspace = workspace_or_newest(me().id, query.workspace_id)
    page = page_of(lists.styles(workspace.id), Style.id, query)
    return StylePageOut(items=[_out(row) for row in page.rows], next=page.next)


@bp.post("")
@needs(Scope.WRITE)
@once
@bp.input(StyleIn, arg_name="body", example={**_WORDS, "workspace_id": _WORKSPACE_ID})
@bp.output(StyleOut, 201, example=_EXAMPLE)
def create(body: StyleIn) -> StyleOut:
    """Create a style"""
    workspace = workspace_or_newest(me().id, body.workspace_id)
    return _out(service.create_style(workspace, StyleBody(**body.model_dump(exclude={"workspace_id"}))))


@bp.get("/<uuid:style_id>")
@needs(Scope.READ)
@bp.output(StyleOut, example=_EXAMPLE)
def show(style_id: uuid.UUID) -> StyleOut:
    """Look at one style"""
    return _out(service.style_for(me().id, style_id))


@bp.patch("/<uuid:style_id>")
@needs(Scope.WRITE)
@bp.input(StyleChanges, arg_name="body", example={"seed": None})
@bp.output(StyleOut, example={**_EXAMPLE, "seed": None})
def change(style_id: uuid.UUID, body: StyleChanges) -> StyleOut:
    """Change a style

    Pictures made with it keep the words they were made with.
    """
    style = service.style_for(me().id, style_id)
    return _out(service.change_style(style, changed(style, body, StyleBody)))


@bp.post("/<uuid:style_id>/duplicate")
@needs(Scope.WRITE)
@once
@bp.output(StyleOut, 201, example={**_EXAMPLE, "name": "Etching copy"})
def duplicate(style_id: uuid.UUID) -> StyleOut:
    """Copy a style"""
    return _out(service.duplicate_style(service.style_for(me().id, style_id)))


@bp.delete("/<uuid:style_id>")
@needs(Scope.WRITE)
@bp.doc(responses={204: "Deleted"})
def delete(style_id: uuid.UUID) -> tuple[str, int]:
    """Delete a style"""
    service.delete_style(service.style_for(me().id, style_id))
    return "", 204


def _out(style: Style) -> StyleOut:
    return StyleOut.model_validate(style)
