"""Tables of workspaces, themes and styles."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, new_id, utc_now


class Theme(Model):
    """The mood of a whole project: a base prompt joined to everything made under it."""

    __tablename__ = "themes"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    base_prompt: Mapped[str] = mapped_column(sa.Text, default="")
    description: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Workspace(Model):
    """A person's project. Deleting hides it at once; a sweep removes its pictures and rows later."""

    __tablename__ = "workspaces"
    __table_args__ = (sa.Index(None, "owner_id", "created_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    theme_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("themes.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(sa.String(80))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    deleted_at: Mapped[datetime | None]


class Style(Model):
    """A look within a workspace: words and parameters that every picture made with it takes."""

    __tablename__ = "styles"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    workspace_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    positive: Mapped[str] = mapped_column(sa.Text, default="")
    negative: Mapped[str] = mapped_column(sa.Text, default="")
    cfg_scale: Mapped[float | None]
    steps: Mapped[int | None]
    seed: Mapped[int | None] = mapped_column(sa.BigInteger)
    sampler: Mapped[str | None] = mapped_column(sa.String(40))
    width_px: Mapped[int | None]
    height_px: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
