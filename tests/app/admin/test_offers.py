"""Staff switches providers and models off, and sets prices."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from werkzeug.test import TestResponse

from app.accounts.models import AuditEvent
from app.admin.offers import rows
from app.db import db
from app.offers import service as offers
from app.providers.registry import catalogue
from tests.app.admin.conftest import Staff
from tests.support.scripted import stand_in

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def send(staff: Staff, path: str, **form: str) -> TestResponse:
    return staff("POST", path, data=form, headers={"Accept": "text/html"})


def test_a_model_is_switched_off_and_on_again(app: APIFlask, staff: Staff) -> None:
    assert send(staff, "/admin/offers/models/sketch").status_code == 303
    assert not offers.overrides().is_enabled(catalogue().models[0])
    page = staff.page("/admin/offers/")
    assert 'aria-label="Offer Sketch">' in page
    assert 'aria-label="Offer Sketch Video" checked>' in page
    send(staff, "/admin/offers/models/sketch", offered="y")
    assert offers.overrides().is_enabled(catalogue().models[0])
    actions = db.session.scalars(sa.select(AuditEvent.action)).all()
    assert actions.count("offer_changed") == 2


def test_with_its_provider_a_model_is_off_too_and_says_so(app: APIFlask, staff: Staff) -> None:
    send(staff, "/admin/offers/providers/sketch")
    assert "off with Sketch" in staff.page("/admin/offers/")
    assert not any(offers.overrides().is_enabled(model) for model in catalogue().models if model.provider == "sketch")


def test_a_price_is_set_and_taken_back(app: APIFlask, staff: Staff) -> None:
    stand_in(app, paid=True)
    send(staff, "/admin/offers/models/sketch", offered="y", price="$0.0305")
    assert offers.overrides().price_override("sketch") == Decimal("0.0305")
    assert next(row.price for row in rows()[1] if row.id == "sketch") == "0.0305"
    send(staff, "/admin/offers/models/sketch", offered="y", price="")
    assert offers.overrides().price_override("sketch") is None


@pytest.mark.parametrize("typed", ["cheap", "-0.01", "0.0000001", "1001", "NaN"])
def test_what_is_no_price_is_refused_at_its_field(app: APIFlask, staff: Staff, typed: str) -> None:
    stand_in(app, paid=True)
    answer = send(staff, "/admin/offers/models/sketch", offered="y", price=typed)
    assert answer.status_code == 422
    assert (f'value="{typed}"' in answer.text, answer.text.count('aria-invalid="true"')) == (True, 1)
    assert offers.rows() == {}


def test_what_the_catalogue_has_not_got_is_missing(app: APIFlask, staff: Staff) -> None:
    for path in ("models/nothing", "providers/nobody", "people/sketch"):
        assert send(staff, f"/admin/offers/{path}", offered="y").status_code == 404
