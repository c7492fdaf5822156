from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.accounts.models import AuditEvent, User
from app.db import db
from app.errors import NotFound
from app.offers import service as offers
from app.offers.service import Overrides
from app.providers.catalogue import ModelRow, Price
from app.providers.registry import catalogue

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def model_at(amount: str) -> ModelRow:
    row = catalogue().models[0]
    return row.model_copy(update={"price": Price(amount=Decimal(amount), source="a test", checked="2026-11-20")})


def test_what_nobody_touched_is_as_the_catalogue_says(app: APIFlask) -> None:
    assert all(offers.overrides().is_enabled(model) for model in catalogue().models)
    assert offers.overrides().price_override("sketch") is None
    assert offers.overrides().price_factor(model_at("0.04")) == 1


def test_a_model_or_all_of_a_provider_can_be_switched_off_and_on(owner: User) -> None:
    first, second = catalogue().models[:2]
    offers.change("model", first.id, disabled=True, price=None, by=owner)
    db.session.commit()
    assert (offers.overrides().is_enabled(first), offers.overrides().is_enabled(second)) == (False, True)
    offers.change("provider", first.provider, disabled=True, price=None, by=owner)
    db.session.commit()
    assert not offers.overrides().is_enabled(second)
    offers.change("provider", first.provider, disabled=False, price=None, by=owner)
    offers.change("model", first.id, disabled=False, price=None, by=owner)
    db.session.commit()
    assert offers.overrides().is_enabled(first)


def test_a_price_is_kept_exactly_and_known_as_a_factor(owner: User) -> None:
    offers.change("model", "sketch", disabled=False, price=Decimal("0.0335"), by=owner)
    db.session.commit()
    assert offers.overrides().price_override("sketch") == Decimal("0.0335")
    assert offers.overrides().price_factor(model_at("0.067")) == Decimal("0.5")


@on_sqlite
def test_a_free_model_stays_free_by_factor(app: APIFlask) -> None:
    free = model_at("0")
    assert Overrides(prices={free.id: Decimal(1)}).price_factor(free) == 1


@on_sqlite
def test_what_the_catalogue_has_not_got_is_refused(owner: User) -> None:
    with pytest.raises(NotFound):
        offers.change("model", "no-such-model", disabled=True, price=None, by=owner)


@on_sqlite
def test_each_change_is_on_record_once_with_old_and_new(owner: User) -> None:
    for _ in range(2):
        offers.change("model", "sketch", disabled=True, price=Decimal("0.05"), by=owner)
        db.session.commit()
    event = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "offer_changed")).one()
    assert (event.actor_id, event.object_kind, event.object_id) == (owner.id, "model", "sketch")
    assert event.changes == {"disabled": [False, True], "price": [None, "0.05"]}


@on_sqlite
def test_another_process_learns_of_it_within_seconds(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    assert offers.overrides().is_enabled(catalogue().models[0])
    db.session.execute(
        sa.text(
            "INSERT INTO catalogue_overrides (kind, name, disabled, changed_at) "
            "VALUES ('provider', 'sketch', 1, '2026-11-20 12:00:00')"
        )
    )
    db.session.commit()
    assert offers.overrides().is_enabled(catalogue().models[0])
    monkeypatch.setattr(offers, "KEPT_S", 0.0)
    assert not offers.overrides().is_enabled(catalogue().models[0])
