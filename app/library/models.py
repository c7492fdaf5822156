"""Tables of stored pictures and videos."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, new_id, utc_now


class Asset(Model):
    """One stored picture or video, made here or uploaded.

    `job_id` and `ordinal` are unique together: whatever crashes, a job's n-th output is stored once.
    `recipe` is what made it, as it is written into the file offered for download.
    """

    __tablename__ = "assets"
    __table_args__ = (
        sa.UniqueConstraint("job_id", "ordinal"),
        sa.Index(None, "workspace_id", "deleted_at", "id"),
        sa.Index(None, "owner_id", "deleted_at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    workspace_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("workspaces.id", ondelete="CASCADE"))
    job_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("jobs.id", ondelete="SET NULL"))
    ordinal: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str] = mapped_column(sa.String(8))
    source: Mapped[str] = mapped_column(sa.String(10))
    mime: Mapped[str] = mapped_column(sa.String(40))
    key: Mapped[str] = mapped_column(sa.String(80))
    thumb_key: Mapped[str | None] = mapped_column(sa.String(80))
    preview_key: Mapped[str | None] = mapped_column(sa.String(80))
    poster_key: Mapped[str | None] = mapped_column(sa.String(80))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    size_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    width_px: Mapped[int]
    height_px: Mapped[int]
    duration_s: Mapped[float | None]
    placeholder: Mapped[str | None] = mapped_column(sa.String(80))
    shown_name: Mapped[str] = mapped_column(sa.String(120), default="")
    recipe: Mapped[dict[str, Any]] = mapped_column(default=dict)
    late: Mapped[bool] = mapped_column(default=False)
    favourite: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    deleted_at: Mapped[datetime | None]


class AssetParent(Model):
    """Lineage: which pictures went into which, and as what."""

    __tablename__ = "asset_parents"

    asset_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True)
    parent_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
