"""Tables of usage: an append-only ledger, one counter a day that parallel requests can never overrun, and what each
person set as their own bound."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, new_id, utc_now
from app.money import ZERO, Money


class UsageEntry(Model):
    """reserve when work is accepted, then settle when it was delivered or release when it was not; each once.

    amount: what a reservation sets aside, and what a closing says it did cost: what was released may have cost, too.
    own_key: told by the closing, as only by then it is known where the work ran.
    """

    __tablename__ = "usage_entries"
    __table_args__ = (sa.UniqueConstraint("job_id", "submission", "kind"), sa.Index(None, "owner_id", "day"))

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    # Not a foreign key: the ledger outlives what it counted.
    job_id: Mapped[uuid.UUID]
    submission: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(8))
    units: Mapped[int]
    amount: Mapped[Decimal] = mapped_column(Money, default=ZERO, server_default="0")
    provider: Mapped[str] = mapped_column(sa.String(32), default="", server_default="")
    model: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    own_key: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    day: Mapped[date]
    at: Mapped[datetime] = mapped_column(default=utc_now)


class DailyUsage(Model):
    """Units and dollars reserved or settled by a person on a day (UTC); moves only by conditional updates."""

    __tablename__ = "daily_usage"

    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    units: Mapped[int] = mapped_column(default=0)
    amount: Mapped[Decimal] = mapped_column(Money, default=ZERO, server_default="0")


class Budget(Model):
    """The most a person wants to spend in a day (UTC). No row: no bound."""

    __tablename__ = "budgets"

    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    daily: Mapped[Decimal] = mapped_column(Money)
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)
