"""What a person can do with workspaces, themes and styles."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

from app.db import db, new_id, utc_now
from app.errors import NotFound
from app.limits import WORKSPACE_NAME_CHARS
from app.workspaces.errors import LastWorkspace, TooMany, WrongTypedName
from app.workspaces.forms import StyleBody, ThemeBody, WorkspaceBody
from app.workspaces.models import Style, Theme, Workspace

FIRST_NAME = "Untitled"
# Far above what a person keeps in view; it bounds what one account can make a page render.
MOST_WORKSPACES = 200
MOST_THEMES = 200
MOST_STYLES = 200

_on_delete: list[Callable[[Workspace], None]] = []


def on_delete(callback: Callable[[Workspace], None]) -> None:
    """Ask to be told, inside the transaction, when a workspace is deleted."""
    _on_delete.append(callback)


def workspace_for(owner_id: uuid.UUID, workspace_id: uuid.UUID) -> Workspace:
    """The guarded door: the person's own workspace, or NotFound."""
    workspace = db.session.get(Workspace, workspace_id)
    if workspace is None or workspace.owner_id != owner_id or workspace.deleted_at is not None:
        raise NotFound("workspace")
    return workspace


def theme_for(owner_id: uuid.UUID, theme_id: uuid.UUID) -> Theme:
    theme = db.session.get(Theme, theme_id)
    if theme is None or theme.owner_id != owner_id:
        raise NotFound("theme")
    return theme


def style_for(owner_id: uuid.UUID, style_id: uuid.UUID) -> Style:
    style = db.session.get(Style, style_id)
    if style is None:
        raise NotFound("style")
    try:
        workspace_for(owner_id, style.workspace_id)
    except NotFound:
        raise NotFound("style") from None
    return style


def welcome(owner_id: uuid.UUID) -> Workspace:
    """What a new account starts with: the starter themes and a first workspace. Commits nothing."""
    db.session.add_all(Theme(owner_id=owner_id, **row) for row in _starters()["themes"])
    return _new_workspace(owner_id, FIRST_NAME, None)


def create_workspace(owner_id: uuid.UUID, body: WorkspaceBody) -> Workspace:
    _check_room(Workspace.owner_id == owner_id, MOST_WORKSPACES, "workspaces", Workspace.deleted_at.is_(None))
    if body.theme_id is not None:
        theme_for(owner_id, body.theme_id)
    workspace = _new_workspace(owner_id, body.name, body.theme_id)
    db.session.commit()
    return workspace


def change_workspace(workspace: Workspace, body: WorkspaceBody) -> Workspace:
    """Rename a workspace and choose its theme."""
    if body.theme_id is not None:
        theme_for(workspace.owner_id, body.theme_id)
    workspace.name, workspace.theme_id = body.name, body.theme_id
    db.session.commit()
    return workspace


def delete_workspace(workspace: Workspace, *, typed_name: str) -> None:
    """Delete a workspace with everything in it. Its jobs stop; its pictures are removed by the next sweep.

    Raises WrongTypedName or LastWorkspace.
    """
    if typed_name.strip() != workspace.name:
        raise WrongTypedName(workspace.name)
    others = sa.select(Workspace.id).where(
        Workspace.owner_id == workspace.owner_id, Workspace.deleted_at.is_(None), Workspace.id != workspace.id
    )
    if db.session.scalar(others.limit(1)) is None:
        raise LastWorkspace
    workspace.deleted_at = utc_now()
    for callback in _on_delete:
        callback(workspace)
    db.session.commit()


def create_theme(owner_id: uuid.UUID, body: ThemeBody) -> Theme:
    _check_room(Theme.owner_id == owner_id, MOST_THEMES, "themes")
    theme = Theme(owner_id=owner_id, **body.model_dump())
    db.session.add(theme)
    db.session.commit()
    return theme


def change_theme(theme: Theme, body: ThemeBody) -> Theme:
    for name, value in body.model_dump().items():
        setattr(theme, name, value)
    db.session.commit()
    return theme


def duplicate_theme(theme: Theme) -> Theme:
    body = ThemeBody(name=_copy_of(theme.name), base_prompt=theme.base_prompt, description=theme.description)
    return create_theme(theme.owner_id, body)


def delete_theme(theme: Theme) -> None:
    """Workspaces that used it go on without one; pictures made with it keep its words in their recipe."""
    db.session.delete(theme)
    db.session.commit()


def create_style(workspace: Workspace, body: StyleBody) -> Style:
    _check_room(Style.workspace_id == workspace.id, MOST_STYLES, "styles in this workspace")
    style = Style(workspace_id=workspace.id, **body.model_dump())
    db.session.add(style)
    db.session.commit()
    return style


def change_style(style: Style, body: StyleBody) -> Style:
    for name, value in body.model_dump().items():
        setattr(style, name, value)
    db.session.commit()
    return style


def duplicate_style(style: Style) -> Style:
    values = {name: getattr(style, name) for name in StyleBody.model_fields}
    body = StyleBody(**{**values, "name": _copy_of(style.name)})
    return create_style(db.session.get_one(Workspace, style.workspace_id), body)


def delete_style(style: Style) -> None:
    db.session.delete(style)
    db.session.commit()


def _new_workspace(owner_id: uuid.UUID, name: str, theme_id: uuid.UUID | None) -> Workspace:
    workspace = Workspace(id=new_id(), owner_id=owner_id, name=name, theme_id=theme_id)
    db.session.add(workspace)
    db.session.flush()
    db.session.add_all(Style(workspace_id=workspace.id, **row) for row in _starters()["styles"])
    return workspace


def _copy_of(name: str) -> str:
    return f"{name[: WORKSPACE_NAME_CHARS - 5]} copy"


def _check_room(mine: sa.ColumnElement[bool], most: int, what: str, *more: sa.ColumnElement[bool]) -> None:
    count = db.session.scalar(sa.select(sa.func.count()).where(mine, *more)) or 0
    if count >= most:
        raise TooMany(most, what)


@cache
def _starters() -> dict[str, list[dict[str, Any]]]:
    content: dict[str, list[dict[str, Any]]] = yaml.safe_load(
        Path(__file__).with_name("starters.yaml").read_text(encoding="utf-8")
    )
    return content
