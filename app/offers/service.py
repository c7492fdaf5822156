"""Read and change what staff decided about the catalogue.

Read at every request and every plan, changed once in a while: each process keeps what it read for a moment.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import sqlalchemy as sa
from flask import current_app

from app.accounts import audit
from app.accounts.domain import AuditAction
from app.accounts.models import User
from app.db import after_commit, db, utc_now
from app.errors import NotFound
from app.offers.models import CatalogueOverride
from app.providers.catalogue import ModelRow
from app.providers.registry import catalogue

Kind = Literal["provider", "model"]

# So long another process may go on as before.
KEPT_S = 2.0


@dataclass(frozen=True, slots=True)
class Overrides:
    """prices: US dollars by model id, for the unit the catalogue's price of that model is for."""

    disabled_providers: frozenset[str] = frozenset()
    disabled_models: frozenset[str] = frozenset()
    prices: Mapping[str, Decimal] | None = None

    def is_enabled(self, model: ModelRow) -> bool:
        return model.provider not in self.disabled_providers and model.id not in self.disabled_models

    def price_override(self, model_id: str) -> Decimal | None:
        """Dollars for one unit instead of the catalogue's, None where nobody set any."""
        return (self.prices or {}).get(model_id)

    def price_factor(self, model: ModelRow) -> Decimal:
        """By how much to multiply what the catalogue's row would cost, whatever else that depends on."""
        price = self.price_override(model.id)
        return Decimal(1) if price is None or not model.price.amount else price / model.price.amount


class Kept:
    """What this process read last."""

    def __init__(self) -> None:
        self._read: tuple[float, Overrides] | None = None

    def get(self) -> Overrides:
        now = time.monotonic()
        if self._read is None or now - self._read[0] >= KEPT_S:
            self._read = (now, _read())
        return self._read[1]

    def forget(self) -> None:
        self._read = None


def overrides() -> Overrides:
    """What staff decided, at most KEPT_S seconds old."""
    return _kept().get()


def rows() -> dict[tuple[str, str], CatalogueOverride]:
    """Every change as it stands, by kind and id."""
    return {(row.kind, row.name): row for row in db.session.scalars(sa.select(CatalogueOverride))}


def change(kind: Kind, name: str, *, disabled: bool, price: Decimal | None, by: User) -> None:
    """Set what holds for a provider or a model from now on. Raises NotFound for what the catalogue has not got."""
    known = catalogue().providers if kind == "provider" else {model.id for model in catalogue().models}
    if name not in known:
        raise NotFound(kind)
    row = db.session.get(CatalogueOverride, (kind, name))
    before = (row.disabled, row.price) if row is not None else (False, None)
    if before == (disabled, price):
        return
    if row is None:
        row = CatalogueOverride(kind=kind, name=name)
        db.session.add(row)
    row.disabled, row.price = disabled, price
    row.changed_by, row.changed_at = by.id, utc_now()
    audit.record(
        AuditAction.OFFER_CHANGED,
        by,
        about=(kind, name),
        disabled=[before[0], disabled],
        price=[None if each is None else str(each) for each in (before[1], price)],
    )
    after_commit(_kept().forget)


def _kept() -> Kept:
    found: Kept = current_app.extensions["offers"]
    return found


def _read() -> Overrides:
    found = rows().values()
    return Overrides(
        disabled_providers=frozenset(row.name for row in found if row.kind == "provider" and row.disabled),
        disabled_models=frozenset(row.name for row in found if row.kind == "model" and row.disabled),
        prices={row.name: row.price for row in found if row.kind == "model" and row.price is not None},
    )
