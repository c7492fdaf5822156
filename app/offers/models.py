"""The table of what staff changed about the catalogue. No row: as the catalogue says."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, utc_now
from app.money import Money


class CatalogueOverride(Model):
    """kind: `provider` or `model`; name: its id in the catalogue. price: instead of the catalogue's amount."""

    __tablename__ = "catalogue_overrides"

    kind: Mapped[str] = mapped_column(sa.String(8), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    disabled: Mapped[bool] = mapped_column(default=False)
    price: Mapped[Decimal | None] = mapped_column(Money)
    # No foreign key: what was switched stays switched after an account is deleted.
    changed_by: Mapped[uuid.UUID | None]
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)


class ModelLifetime(Model):
    """When a model ends, and whether staff were told. told: the provider said so itself; else the catalogue does."""

    __tablename__ = "model_lifetimes"

    model: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    last_day: Mapped[date]
    told: Mapped[bool] = mapped_column(default=False)
    warned_at: Mapped[datetime | None]
