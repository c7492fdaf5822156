"""Themes: words joined to everything made in a workspace."""

from __future__ import annotations

import uuid
from datetime import datetime

from apiflask import APIBlueprint

from app.accounts.access import me
from app.accounts.domain import Scope
from app.api import queries as lists
from app.api.guards import needs
from app.api.idempotency import once
from app.api.paging import PageQuery, page_of
from app.api.shapes import Answer, Changes, changed
from app.forms import Name, Prompt
from app.workspaces import service
from app.workspaces.forms import ThemeBody
from app.workspaces.models import Theme

bp = APIBlueprint("api_themes", __name__, url_prefix="/api/themes", tag="Themes")

_WORDS = {"name": "Snow", "base_prompt": "deep winter, soft light", "description": "Everything outdoors."}
_EXAMPLE = {"id": "019aa0c3-1b2c-7d00-9e9e-0a1b2c3d4e5f", **_WORDS, "created_at": "2026-11-20T11:58:30Z"}


class ThemeChanges(Changes):
    name: Name = ""
    base_prompt: Prompt = ""
    description: Prompt = ""


class ThemeOut(Answer):
    id: uuid.UUID
    name: str
    base_prompt: str
    description: str
    created_at: datetime


class ThemePageOut(Answer):
    """Newest first."""

    items: list[ThemeOut]
    next: str | None


@bp.get("")
@needs(Scope.READ)
@bp.input(PageQuery, location="query", arg_name="query")
@bp.output(ThemePageOut, example={"items": [_EXAMPLE], "next": None})
def index(query: PageQuery) -> ThemePageOut:
    """List themes"""
    page = page_of(lists.themes(me().id), Theme.id, query)
    return ThemePageOut(items=[_out(row) for row in page.rows], next=page.next)


@bp.post("")
@needs(Scope.WRITE)
@once
@bp.input(ThemeBody, arg_name="body", example=_WORDS)
@bp.output(ThemeOut, 201, example=_EXAMPLE)
def create(body: ThemeBody) -> ThemeOut:
    """Create a theme

    Give a workspace its id, and it is joined to every prompt made there.
    """
    return _out(service.create_theme(me().id, body))


@bp.get("/<uuid:theme_id>")
@needs(Scope.READ)
@bp.output(ThemeOut, example=_EXAMPLE)
def show(theme_id: uuid.UUID) -> ThemeOut:
    """Look at one theme"""
    return _out(service.theme_for(me().id, theme_id))


@bp.patch("/<uuid:theme_id>")
@needs(Scope.WRITE)
@bp.input(ThemeChanges, arg_name="body", example={"base_prompt": "deep winter, hard light"})
@bp.output(ThemeOut, example={**_EXAMPLE, "base_prompt": "deep winter, hard light"})
def change(theme_id: uuid.UUID, body: ThemeChanges) -> ThemeOut:
    """Change a theme

    Pictures made with it keep the words they were made with.
    """
    theme = service.theme_for(me().id, theme_id)
    return _out(service.change_theme(theme, changed(theme, body, ThemeBody)))


@bp.post("/<uuid:theme_id>/duplicate")
@needs(Scope.WRITE)
@once
@bp.output(ThemeOut, 201, example={**_EXAMPLE, "name": "Snow copy"})
def duplicate(theme_id: uuid.UUID) -> ThemeOut:
    """Copy a theme"""
    return _out(service.duplicate_theme(service.theme_for(me().id, theme_id)))


@bp.delete("/<uuid:theme_id>")
@needs(Scope.WRITE)
@bp.doc(responses={204: "Deleted"})
def delete(theme_id: uuid.UUID) -> tuple[str, int]:
    """Delete a theme

    Workspaces that used it go on without one.
    """
    service.delete_theme(service.theme_for(me().id, theme_id))
    return "", 204


def _out(theme: Theme) -> ThemeOut:
    return ThemeOut.model_validate(theme)
