"""Tables of wildcard files."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, new_id, utc_now
from app.limits import WILDCARD_PATH_CHARS


class WildcardFile(Model):
    """One file. path: relative, with `/`, ending in .txt, .yaml or .yml. entries: how many its lists hold together."""

    __tablename__ = "wildcard_files"
    __table_args__ = (sa.UniqueConstraint("workspace_id", "path"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    workspace_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("workspaces.id", ondelete="CASCADE"))
    path: Mapped[str] = mapped_column(sa.String(WILDCARD_PATH_CHARS))
    text: Mapped[str] = mapped_column(sa.Text, deferred=True)  # up to 1 MiB, and lists do not show it
    entries: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)


class WildcardShelf(Model):
    """All files of a workspace as one thing, which changes as one.

    version is new with every change and never comes back: times could, where several machines write.
    """

    __tablename__ = "wildcard_shelves"

    workspace_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[uuid.UUID] = mapped_column(default=new_id)
