from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from app.accounts import service, tokens
from app.accounts.domain import TokenPurpose
from app.accounts.models import OneTimeToken, ThrottleCounter, User, UserSession
from app.db import db, utc_now
from tests.app.accounts.conftest import PASSWORD, Browser


def count(model: type[UserSession | OneTimeToken | ThrottleCounter]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_tidying_drops_what_is_dead_and_nothing_else(browser: Browser, anna: User) -> None:
    browser.sign_in()
    browser.post("/auth/reset", {"email": "nobody@example.org"})
    tokens.issue(TokenPurpose.START)
    tokens.issue(TokenPurpose.RESET_PASSWORD, anna)
    db.session.commit()
    before = [count(model) for model in (UserSession, OneTimeToken, ThrottleCounter)]
    service.tidy()
    assert [count(model) for model in (UserSession, OneTimeToken, ThrottleCounter)] == before
    assert browser.is_signed_in

    long_ago = utc_now() - timedelta(days=90)
    db.session.execute(sa.update(UserSession).values(last_seen_at=long_ago))
    db.session.execute(sa.update(ThrottleCounter).values(window_ends_at=long_ago))
    db.session.execute(sa.update(OneTimeToken).where(OneTimeToken.expires_at.is_not(None)).values(expires_at=long_ago))
    db.session.commit()
    service.tidy()
    assert [count(model) for model in (UserSession, OneTimeToken, ThrottleCounter)] == [0, 1, 0]
    assert browser.sign_in(password=PASSWORD).location == "/"
