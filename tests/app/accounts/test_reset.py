from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts.models import OneTimeToken, User
from app.db import db
from tests.app.accounts.conftest import EMAIL, PASSWORD, Browser, MakeApp, link_in, mails_to, make_person, on_sqlite

pytestmark = on_sqlite

NEW = "eight loud geese march on"


def ask(browser: Browser, email: str = EMAIL) -> str:
    """Ask for a link; returns the newest one mailed."""
    assert browser.post("/auth/reset", {"email": email}).status_code == 200
    return link_in(mails_to(email)[-1])


def use(browser: Browser, link: str, password: str = NEW) -> int:
    browser.get(link)
    return browser.post("/auth/new-password", {"password": password}).status_code


def test_a_forgotten_password_is_set_anew_by_a_mailed_link(app: Flask, browser: Browser, anna: User) -> None:
    signed_in_elsewhere = Browser(app)
    signed_in_elsewhere.sign_in()
    link = ask(browser)
    opened = browser.get(link)
    assert opened.location == "/auth/new-password"
    assert opened.headers["Referrer-Policy"] == "no-referrer"
    assert EMAIL in browser.get("/auth/new-password").text
    assert browser.post("/auth/new-password", {"password": NEW}).location == "/auth/login"
    assert not signed_in_elsewhere.is_signed_in
    assert "do not open" in browser.sign_in(password=PASSWORD).text
    assert not browser.is_signed_in, "who resets a password still signs in, with the second step if there is one"
    assert browser.sign_in(password=NEW).location == "/"
    assert [row.kind for row in mails_to(EMAIL)] == ["reset_password", "password_reset"]


def test_the_answer_does_not_tell_who_has_an_account(browser: Browser, other_browser: Browser, anna: User) -> None:
    known = browser.post("/auth/reset", {"email": EMAIL})
    unknown = other_browser.post("/auth/reset", {"email": "nina@example.org"})

    def visible(text: str) -> list[str]:
        return [line for line in text.replace("nina", "anna").splitlines() if "csrf" not in line]

    assert known.status_code == unknown.status_code == 200
    assert visible(known.text) == visible(unknown.text)
    assert mails_to("nina@example.org") == []


@pytest.mark.usefixtures("anna")
def test_a_link_works_once(browser: Browser, other_browser: Browser) -> None:
    link = ask(browser)
    assert use(browser, link) == 303
    assert use(other_browser, link, "nine grey swans drift by") == 404


@pytest.mark.usefixtures("anna")
def test_a_newer_link_ends_the_older(browser: Browser) -> None:
    old = ask(browser)
    new = ask(browser)
    assert use(browser, old) == 404
    assert use(browser, new) == 303


@pytest.mark.usefixtures("anna")
def test_a_change_of_password_ends_the_link(browser: Browser, other_browser: Browser) -> None:
    link = ask(browser)
    other_browser.sign_in()
    other_browser.post("/auth/change", {"password": PASSWORD, "new_password": NEW, "new_password_confirm": NEW})
    assert use(browser, link) == 404


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(("age", "status"), [(timedelta(minutes=29), 303), (timedelta(minutes=31), 404)])
def test_a_link_works_for_half_an_hour(browser: Browser, age: timedelta, status: int) -> None:
    link = ask(browser)
    token = db.session.scalars(sa.select(OneTimeToken)).one()
    assert token.expires_at is not None
    token.expires_at -= age
    db.session.commit()
    assert use(browser, link) == status


@pytest.mark.usefixtures("anna")
def test_only_a_digest_of_the_link_is_kept(browser: Browser) -> None:
    secret = ask(browser).rpartition("/")[2]
    token = db.session.scalars(sa.select(OneTimeToken)).one()
    assert len(secret) == 43
    assert secret not in token.token_hash


@pytest.mark.usefixtures("anna")
def test_a_weak_password_is_refused_and_the_link_stays_good(browser: Browser) -> None:
    link = ask(browser)
    assert use(browser, link, "password1234") == 200
    assert use(browser, link) == 303


def test_a_reset_opens_an_account_that_was_never_confirmed(browser: Browser) -> None:
    make_person(confirmed=False)
    assert use(browser, ask(browser)) == 303
    assert browser.sign_in(password=NEW).location == "/"


@pytest.mark.usefixtures("anna")
def test_three_mails_an_hour_to_one_address_and_the_page_stays_the_same(app: Flask) -> None:
    answers = []
    for number in range(5):
        answer = Browser(app, address=f"198.51.100.{number}").post("/auth/reset", {"email": EMAIL})
        answers.append((answer.status_code, "is on its way" in answer.text))
    assert answers == [(200, True)] * 5
    assert len(mails_to(EMAIL)) == 3


def test_ten_mails_an_hour_from_one_address(browser: Browser) -> None:
    for number in range(11):
        make_person(f"person{number}@example.org")
        browser.post("/auth/reset", {"email": f"person{number}@example.org"})
    sent = [len(mails_to(f"person{number}@example.org")) for number in range(11)]
    assert sent == [1] * 10 + [0]


def test_the_link_is_built_on_the_configured_address(make_app: MakeApp) -> None:
    browser = Browser(make_app(public_url="https://darkroom.example", extra_hosts="other.example"))
    browser.base_url = "https://other.example"
    make_person()
    browser.post("/auth/reset", {"email": EMAIL})
    assert "https://darkroom.example/auth/reset/" in mails_to(EMAIL)[0].body


def test_a_disabled_account_gets_no_link(browser: Browser, anna: User) -> None:
    anna.active = False
    db.session.commit()
    browser.post("/auth/reset", {"email": EMAIL})
    assert mails_to(EMAIL) == []


def test_the_new_password_page_is_nothing_without_a_link(browser: Browser) -> None:
    assert browser.get("/auth/new-password").status_code == 404
