"""Tables of guided runs: a session, its columns, and which job stands where in them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, new_id, utc_now


class Session(Model):
    """A guided run over batches. config: what its originals were asked with beside words and models. What has been
    deleted comes back by undo; its pictures are the library's and stay."""

    __tablename__ = "studio_sessions"
    __table_args__ = (sa.Index(None, "workspace_id", "id"), sa.Index(None, "owner_id", "id"))

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    workspace_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("workspaces.id", ondelete="CASCADE"))
    flow: Mapped[str] = mapped_column(sa.String(16))
    name: Mapped[str] = mapped_column(sa.String(80))
    prompt: Mapped[str] = mapped_column(sa.Text)
    config: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    deleted_at: Mapped[datetime | None]


class Column(Model):
    """One model's place in a session, in the order the person chose."""

    __tablename__ = "studio_columns"
    __table_args__ = (sa.UniqueConstraint("session_id", "ordinal"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    session_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("studio_sessions.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    model: Mapped[str] = mapped_column(sa.String(64))


class Take(Model):
    """One ordinary job in a column: number 0 is the original, the others are its iterations. parent_id: the take it
    was made from. request: what was asked for, in the person's words."""

    __tablename__ = "studio_takes"
    __table_args__ = (sa.UniqueConstraint("column_id", "number"), sa.UniqueConstraint("job_id"))

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    column_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("studio_columns.id", ondelete="CASCADE"))
    number: Mapped[int]
    parent_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("studio_takes.id", ondelete="SET NULL"), index=True
    )
    job_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("jobs.id", ondelete="CASCADE"))
    request: Mapped[str] = mapped_column(sa.Text)
