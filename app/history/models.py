"""Table of prompts that were used."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, new_id, utc_now


class PastPrompt(Model):
    """One prompt with its negative prompt, once per workspace, however often it was used.

    digest: of both, for the unique key. folded: the prompt without upper case, for search. One that was deleted stays
    until others push it out, so that it can come back.
    """

    __tablename__ = "prompt_history"
    __table_args__ = (
        sa.UniqueConstraint("workspace_id", "digest"),
        sa.Index(None, "workspace_id", "pinned", "last_used_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    workspace_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("workspaces.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(sa.String(64))
    template: Mapped[str] = mapped_column(sa.Text)
    negative: Mapped[str] = mapped_column(sa.Text)
    folded: Mapped[str] = mapped_column(sa.Text)
    times_used: Mapped[int] = mapped_column(default=1)
    pinned: Mapped[bool] = mapped_column(default=False)
    last_used_at: Mapped[datetime] = mapped_column(default=utc_now)
    deleted_at: Mapped[datetime | None]
