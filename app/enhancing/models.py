"""Table of what was written before, so that the same wish costs nothing the second time."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, new_id, utc_now


class Enhancement(Model):
    """The variations of one wish, by its digest: of a person's own, as what others wished is not for them to learn."""

    __tablename__ = "enhancements"
    __table_args__ = (sa.UniqueConstraint("owner_id", "digest"), sa.Index(None, "owner_id", "written_at"))

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(sa.String(64))
    prompts: Mapped[list[Any]]
    model: Mapped[str] = mapped_column(sa.String(120))
    written_at: Mapped[datetime] = mapped_column(default=utc_now)
