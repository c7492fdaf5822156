"""Changing the password and the e-mail address."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts.models import AuditEvent, User
from app.db import db
from tests.app.accounts.conftest import EMAIL, PASSWORD, Browser, link_in, mails_to, make_person, on_sqlite

NEW = "eight loud geese march on"
NEW_EMAIL = "anna@elsewhere.example.org"

pytestmark = [on_sqlite, pytest.mark.usefixtures("anna")]


def let_password_age(browser: Browser, minutes: float) -> None:
    with browser.client.session_transaction(base_url=browser.base_url) as cookie:
        cookie["fs_paa"] -= minutes * 60


def change_password(browser: Browser, old: str = PASSWORD, new: str = NEW, again: str = NEW) -> str | None:
    sent = {"password": old, "new_password": new, "new_password_confirm": again}
    return browser.post("/auth/change", sent).location


def test_a_new_password_signs_out_the_other_browsers_and_tells_the_owner(app: Flask, browser: Browser) -> None:
    other = Browser(app)
    other.sign_in()
    browser.sign_in()
    assert change_password(browser) == "/settings"
    assert browser.is_signed_in
    assert not other.is_signed_in
    assert [row.kind for row in mails_to(EMAIL)] == ["change_notice"]
    browser.sign_out()
    assert browser.sign_in(password=NEW).location == "/"


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("not this one", NEW, NEW),
        (PASSWORD, NEW, "something else"),
        (PASSWORD, PASSWORD, PASSWORD),
        (PASSWORD, "password1234", "password1234"),
        (PASSWORD, EMAIL, EMAIL),
    ],
)
def test_a_change_of_password_is_refused_with_a_reason(browser: Browser, old: str, new: str, again: str) -> None:
    browser.sign_in()
    assert change_password(browser, old, new, again) is None
    browser.sign_out()
    assert browser.sign_in().location == "/"


def test_guessing_the_password_from_a_stolen_session_stops_after_five(browser: Browser) -> None:
    browser.sign_in()
    statuses = [browser.post("/auth/verify", {"password": "not this one"}).status_code for _ in range(5)]
    assert statuses == [200] * 5
    assert browser.post("/auth/verify", {"password": PASSWORD}).status_code == 429


@pytest.mark.parametrize(
    "path", ["/settings/email", "/settings/api-keys/new", "/auth/tf-setup", "/auth/wan-register", "/probe/fresh"]
)
def test_sensitive_pages_want_the_password_of_the_last_five_minutes(browser: Browser, path: str) -> None:
    browser.sign_in()
    let_password_age(browser, 4.5)
    assert browser.get(path).status_code == 200
    let_password_age(browser, 1)
    asked = browser.get(path)
    assert asked.location == f"/auth/verify?next={path}"
    assert browser.post("/auth/verify", {"password": PASSWORD, "next": path}).location == path
    assert browser.get(path).status_code == 200


def test_a_password_given_in_the_future_is_not_fresh(browser: Browser) -> None:
    browser.sign_in()
    let_password_age(browser, -6)
    assert browser.get("/probe/fresh").status_code == 302


def test_an_address_changes_when_the_new_one_is_confirmed(app: Flask, browser: Browser) -> None:
    browser.sign_in()
    assert browser.post("/settings/email", {"email": NEW_EMAIL.upper()}).location == "/settings"
    assert mails_to(EMAIL) == []
    link = link_in(mails_to(NEW_EMAIL)[0])
    assert NEW_EMAIL in Browser(app).get(link).text
    assert db.session.scalars(sa.select(User.email)).one() == EMAIL
    assert Browser(app).post(link).status_code == 303
    assert db.session.scalars(sa.select(User.email)).one() == NEW_EMAIL
    assert NEW_EMAIL in mails_to(EMAIL)[0].body
    assert Browser(app).post(link).status_code == 404
    assert Browser(app).sign_in(NEW_EMAIL).location == "/"
    changed = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "email_changed")).one()
    assert EMAIL not in str(changed.changes)


def test_a_reset_link_ends_with_the_address_it_was_sent_to(browser: Browser) -> None:
    browser.post("/auth/reset", {"email": EMAIL})
    reset = link_in(mails_to(EMAIL)[0])
    browser.sign_in()
    browser.post("/settings/email", {"email": NEW_EMAIL})
    browser.post(link_in(mails_to(NEW_EMAIL)[0]))
    browser.get(reset)
    assert browser.get("/auth/new-password").status_code == 404


def test_asking_for_a_taken_address_tells_only_its_owner(browser: Browser) -> None:
    make_person("berta@example.org")
    browser.sign_in()
    assert browser.post("/settings/email", {"email": "berta@example.org"}).location == "/settings"
    assert [row.kind for row in mails_to("berta@example.org")] == ["email_taken"]


def test_an_address_taken_in_the_meantime_is_refused(browser: Browser) -> None:
    browser.sign_in()
    browser.post("/settings/email", {"email": NEW_EMAIL})
    make_person(NEW_EMAIL)
    assert browser.post(link_in(mails_to(NEW_EMAIL)[0])).status_code == 409
    assert db.session.scalar(sa.select(sa.func.count()).select_from(User).where(User.email == EMAIL)) == 1
