from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from app.accounts import audit
from app.accounts.domain import AuditAction
from app.accounts.models import AuditEvent, User
from app.db import db
from tests.app.accounts.conftest import EMAIL, PASSWORD, Browser


@pytest.mark.parametrize("change", [sa.update(AuditEvent).values(action="nothing"), sa.delete(AuditEvent)])
def test_what_is_written_down_stays(anna: User, change: sa.sql.dml.UpdateBase) -> None:
    audit.record(AuditAction.SIGNED_IN, anna)
    db.session.commit()
    with pytest.raises(DatabaseError, match="append-only"):
        db.session.execute(change)
    db.session.rollback()


def test_it_says_who_what_from_where_and_in_which_request(browser: Browser, anna: User) -> None:
    answer = browser.sign_in()
    event = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "signed_in")).one()
    assert (event.actor_id, event.address, event.object_kind) == (anna.id, "198.51.100.7", "session")
    assert event.request_id == answer.headers["X-Request-Id"]


def test_it_joins_the_transaction_of_what_it_tells_of(anna: User) -> None:
    audit.record(AuditAction.PASSWORD_CHANGED, anna)
    db.session.rollback()
    assert "password_changed" not in db.session.scalars(sa.select(AuditEvent.action)).all()


def test_it_names_no_addresses_and_no_secrets(browser: Browser, anna: User) -> None:
    browser.sign_in(password="a wrong password here")
    browser.sign_in("nobody@example.org")
    browser.sign_in()
    browser.post("/settings/api-keys/new", {"name": "k", "scopes": ["read"]})
    everything = " ".join(str(list(row)) for row in db.session.execute(sa.select(AuditEvent.__table__)))
    for secret in (EMAIL, "nobody@example.org", PASSWORD, "a wrong password here", "darkroom_live_"):
        assert secret not in everything


def test_it_outlives_the_account(anna: User) -> None:
    user_id = anna.id
    db.session.delete(anna)
    db.session.commit()
    assert db.session.scalars(sa.select(AuditEvent.actor_id)).all() == [user_id]
