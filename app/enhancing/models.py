"""Tables of what is asked for and of what was written before, so that the same wish costs nothing the second time."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, new_id, utc_now
from app.enhancing.domain import State
from app.money import ZERO, Money


class EnhanceRequest(Model):
    """What somebody asked for, and what came of it: a worker's, for only workers open keys and wait for models.

    wishes: as `domain.Wish` has them. outcomes, writers: as `service.Enhanced` has them, once it is done. error: why
    nothing was written, in a sentence. attempt: the fence against a writer that overslept.
    """

    __tablename__ = "enhance_requests"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    wishes: Mapped[list[Any]]
    fresh: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(sa.String(7), default=State.WAITING, index=True)
    outcomes: Mapped[list[Any]] = mapped_column(default=list)
    writers: Mapped[list[Any]] = mapped_column(default=list)
    cost: Mapped[Decimal] = mapped_column(Money, default=ZERO)
    error: Mapped[str] = mapped_column(sa.Text, default="")
    attempt: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None] = mapped_column(sa.String(120))
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


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
