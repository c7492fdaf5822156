"""What is on offer: switch a provider or a model off, and set another price than the catalogue's. The one page of the
staff's that changes something; each change is on record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import money
from app.accounts.access import me
from app.admin.staff_view import StaffView, at
from app.db import db
from app.offers import service as offers
from app.offers.service import Kind
from app.providers.registry import catalogue

# Above what any model asks for one picture or second.
_DEAREST = Decimal(1_000)
# As fine as the ledger counts.
_PLACES = 6


@dataclass(frozen=True, slots=True)
class OfferRow:
    """A provider or a model as it stands. listed: the catalogue's price in words, empty for what has none of its own.

    price: instead of it, as typed. because_of: why it is off although it is not switched off itself.
    """

    kind: Kind
    id: str
    name: str
    provider: str
    listed: str
    unit: str
    price: str
    is_off: bool
    because_of: str
    changed_at: datetime | None
    error: str = ""


class Offers(StaffView):
    def __init__(self) -> None:
        super().__init__("Models", endpoint="admin_offers", url="offers", menu_icon_value="sparkle")

    @at("/")
    def index(self) -> str:
        return self._page()

    @at("/providers/<row_id>", "POST")
    def change_provider(self, row_id: str) -> ResponseReturnValue:
        return self._change("provider", row_id)

    @at("/models/<row_id>", "POST")
    def change_model(self, row_id: str) -> ResponseReturnValue:
        return self._change("model", row_id)

    def _change(self, kind: Kind, row_id: str) -> ResponseReturnValue:
        typed = request.form.get("price", "").strip()
        try:
            price = money.read(typed, most=_DEAREST, places=_PLACES) if typed else None
        except ValueError as error:
            return self._page(wrong=(kind, row_id), typed=typed, error=str(error)), 422
        offers.change(kind, row_id, disabled="offered" not in request.form, price=price, by=me())
        db.session.commit()
        flash(
            "Kept. It holds everywhere within a few seconds; what waits already keeps its model and its price.",
            "success",
        )
        return redirect(url_for("admin_offers.index"), 303)

    def _page(self, *, wrong: tuple[str, str] | None = None, typed: str = "", error: str = "") -> str:
        providers, models = rows()

        def marked(row: OfferRow) -> dict[str, Any]:
            return (
                {"error": error, "price": typed} if (row.kind, row.id) == wrong else {"error": "", "price": row.price}
            )

        shown: Callable[[OfferRow], dict[str, Any]] = marked
        return self.render("admin/offers.html", providers=providers, models=models, shown=shown)


def rows() -> tuple[list[OfferRow], list[OfferRow]]:
    """The catalogue's providers and models, in its order."""
    changed = offers.rows()
    known = catalogue()
    providers = []
    for provider_id, provider in known.providers.items():
        row = changed.get(("provider", provider_id))
        providers.append(
            OfferRow(
                "provider",
                provider_id,
                provider.name,
                provider.name,
                listed="",
                unit="",
                price="",
                is_off=row is not None and row.disabled,
                because_of="",
                changed_at=row.changed_at if row else None,
            )
        )
    off = {each.id: each.name for each in providers if each.is_off}
    models = []
    for model in known.models:
        row = changed.get(("model", model.id))
        priced = bool(model.price.amount)
        models.append(
            OfferRow(
                "model",
                model.id,
                model.name,
                known.provider_of(model).name,
                listed=f"${model.price.amount.normalize():f}" if priced else "",
                unit=model.price.unit,
                price=f"{row.price.normalize():f}" if row is not None and row.price is not None else "",
                is_off=row is not None and row.disabled,
                because_of=off.get(model.provider, ""),
                changed_at=row.changed_at if row else None,
            )
        )
    return providers, models
