from __future__ import annotations

import sqlalchemy as sa

from app.accounts.models import User
from app.db import db
from tests.app.accounts.conftest import EMAIL, PASSWORD, Browser, link_in, mails_to


def test_a_stranger_registers_confirms_by_mail_and_signs_in(browser: Browser) -> None:
    assert browser.register().location == "/auth/login"
    user = db.session.scalars(sa.select(User)).one()
    assert not user.is_confirmed
    assert "open an account" in browser.sign_in().text
    link = link_in(mails_to(EMAIL)[0])
    assert "Confirm the address" in browser.get(link).text
    assert not db.session.scalars(sa.select(User)).one().is_confirmed
    assert browser.post(link).location == "/auth/login"
    assert db.session.scalars(sa.select(User)).one().is_confirmed
    assert browser.sign_in(password=PASSWORD).location == "/"
    assert browser.is_signed_in
