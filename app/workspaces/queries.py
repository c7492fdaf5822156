"""Named reads of workspaces, themes and styles."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from app.db import db
from app.workspaces.models import Style, Theme, Workspace


def workspaces_of(owner_id: uuid.UUID) -> Sequence[Workspace]:
    """A person's workspaces, newest first."""
    return db.session.scalars(
        sa.select(Workspace)
        .where(Workspace.owner_id == owner_id, Workspace.deleted_at.is_(None))
        .order_by(Workspace.id.desc())
    ).all()


def themes_of(owner_id: uuid.UUID) -> Sequence[Theme]:
    return db.session.scalars(sa.select(Theme).where(Theme.owner_id == owner_id).order_by(Theme.name, Theme.id)).all()


def styles_of(workspace_id: uuid.UUID) -> Sequence[Style]:
    return db.session.scalars(
        sa.select(Style).where(Style.workspace_id == workspace_id).order_by(Style.name, Style.id)
    ).all()
