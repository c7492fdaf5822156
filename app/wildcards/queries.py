"""Named reads of wildcard files."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from app.db import db
from app.wildcards.models import WildcardFile, WildcardShelf


def files_of(workspace_id: uuid.UUID) -> Sequence[WildcardFile]:
    """A workspace's files by path, without their texts."""
    return db.session.scalars(
        sa.select(WildcardFile).where(WildcardFile.workspace_id == workspace_id).order_by(WildcardFile.path)
    ).all()


def texts_of(workspace_id: uuid.UUID) -> dict[str, str]:
    """The text of every file, by path and in the order of paths, as the database has them now."""
    rows = db.session.execute(
        sa.select(WildcardFile.path, WildcardFile.text)
        .where(WildcardFile.workspace_id == workspace_id)
        .order_by(WildcardFile.path)
    )
    return dict(rows.all())


def version_of(workspace_id: uuid.UUID) -> uuid.UUID | None:
    """What changes with every change to a workspace's files; None while it never had any."""
    return db.session.scalar(sa.select(WildcardShelf.version).where(WildcardShelf.workspace_id == workspace_id))
