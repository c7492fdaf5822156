"""Tables of usage: an append-only ledger, and one counter a day that parallel requests can never overrun."""

from __future__ import annotations

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, new_id, utc_now


class UsageEntry(Model):
    """reserve when work is accepted, then settle when it was delivered or release when it was not; each once."""

    __tablename__ = "usage_entries"
    __table_args__ = (sa.UniqueConstraint("job_id", "submission", "kind"), sa.Index(None, "owner_id", "day"))

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    # Not a foreign key: the ledger outlives what it counted.
    job_id: Mapped[uuid.UUID]
    submission: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(8))
    units: Mapped[int]
    day: Mapped[date]
    at: Mapped[datetime] = mapped_column(default=utc_now)


class DailyUsage(Model):
    """Units reserved or settled by a person on a day (UTC); moves only by conditional updates."""

    __tablename__ = "daily_usage"

    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    units: Mapped[int] = mapped_column(default=0)
