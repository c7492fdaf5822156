from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import service
from app.accounts.domain import Plan
from app.accounts.models import AuditEvent, User
from app.db import db
from tests.app.accounts.conftest import EMAIL, PASSWORD, Browser, MakeApp, link_in, mails_to, make_person, on_sqlite

pytestmark = on_sqlite


def only_user() -> User:
    return db.session.scalars(sa.select(User)).one()


def test_a_stranger_registers_confirms_by_mail_and_signs_in(browser: Browser) -> None:
    assert browser.register().location == "/auth/login"
    assert not only_user().is_confirmed
    assert "do not open an account" in browser.sign_in().text
    link = link_in(mails_to(EMAIL)[0])
    assert "Confirm the address" in browser.get(link).text
    assert not only_user().is_confirmed, "opening the link must not be enough: mail scanners do"
    assert browser.post(link).location == "/auth/login"
    assert only_user().is_confirmed
    assert browser.sign_in().location == "/"
    assert browser.is_signed_in
    actions = list(db.session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.id)))
    assert actions == ["registered", "sign_in_failed", "confirmed", "signed_in"]


def test_the_mailed_link_is_built_on_the_configured_address(make_app: MakeApp) -> None:
    browser = Browser(make_app(public_url="https://darkroom.example", extra_hosts="evil.example"))
    browser.base_url = "https://evil.example"
    browser.register()
    assert "https://darkroom.example/auth/confirm/" in mails_to(EMAIL)[0].body
    assert "evil.example" not in mails_to(EMAIL)[0].body


def test_an_address_that_has_an_account_gets_the_same_answer_and_another_mail(
    browser: Browser, other_browser: Browser, anna: User
) -> None:
    known, unknown = browser.register("Anna@Example.org"), other_browser.register("berta@example.org")
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    told = [page.get("/auth/login").text.replace("berta", "anna") for page in (browser, other_browser)]
    assert "Look into your mail" in told[0]
    assert ("Look into your mail" in told[0]) == ("Look into your mail" in told[1])
    assert "already have an account" in mails_to(EMAIL)[0].body
    assert "/auth/confirm/" not in mails_to(EMAIL)[0].body
    assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 2


def test_a_form_cannot_give_itself_rank_or_plan(browser: Browser) -> None:
    browser.post(
        "/auth/register",
        {
            "email": EMAIL,
            "password": PASSWORD,
            "is_admin": "y",
            "plan": "all_inclusive",
            "confirmed_at": "2026-01-01",
            "fs_uniquifier": "x",
            "active": "",
        },
    )
    user = only_user()
    assert (user.is_admin, user.plan, user.confirmed_at, user.active) == (False, Plan.FREE, None, True)
    assert user.fs_uniquifier != "x"


@pytest.mark.parametrize("password", ["short", "password1234", "anna@example.org", "x" * 129])
def test_weak_passwords_are_refused_with_a_sentence(browser: Browser, password: str) -> None:
    answer = browser.register(password=password)
    assert answer.status_code == 200
    assert "field__error" in answer.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 0


@pytest.mark.parametrize("email", ["", "anna", "anna@", "@example.org", "a b@example.org", f"{'a' * 250}@example.org"])
def test_what_is_no_address_is_refused(browser: Browser, email: str) -> None:
    assert browser.register(email=email).status_code == 200
    assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 0


def test_the_sixth_sign_up_from_an_address_has_to_wait(browser: Browser, app: Flask) -> None:
    for number in range(5):
        assert browser.register(f"person{number}@example.org").status_code == 302
    assert browser.register("person9@example.org").status_code == 429
    assert browser.register("person1@example.org").status_code == 429, "a known address must not be told by this"
    assert Browser(app, address="203.0.113.4").register("person9@example.org").status_code == 302


def test_a_closed_darkroom_has_no_sign_up(make_app: MakeApp) -> None:
    browser = Browser(make_app(registration="false"))
    answer = browser.get("/auth/register")
    assert answer.status_code == 404
    assert "takes no new accounts" in answer.text
    assert browser.register().status_code == 404
    assert "Create an account" not in browser.get("/auth/login").text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 0


@pytest.fixture
def greeted() -> Iterator[list[str]]:
    emails: list[str] = []

    def greet(user: User) -> None:
        assert user.id is not None
        emails.append(user.email)

    service.on_new_account(greet)
    service.on_new_account(greet)
    yield emails
    service._new_account_hooks.remove(greet)


def test_other_features_greet_every_new_account_once(browser: Browser, greeted: list[str]) -> None:
    browser.register()
    make_person("berta@example.org")
    assert greeted == [EMAIL, "berta@example.org"]


def test_the_confirmation_can_be_asked_for_again_without_telling_who_has_an_account(
    browser: Browser, other_browser: Browser
) -> None:
    browser.register()
    known = browser.post("/auth/confirm", {"email": EMAIL})
    unknown = other_browser.post("/auth/confirm", {"email": "nobody@example.org"})
    assert known.status_code == unknown.status_code == 200
    assert "a new link is on its way" in known.text
    assert "a new link is on its way" in unknown.text
    assert [row.kind for row in mails_to(EMAIL)] == ["welcome", "confirmation_instructions"]
    assert mails_to("nobody@example.org") == []
    assert browser.post(link_in(mails_to(EMAIL)[1])).location == "/auth/login"
    assert only_user().is_confirmed


def test_confirmations_to_one_address_stop_after_three_an_hour(browser: Browser) -> None:
    browser.register()
    answers = {browser.post("/auth/confirm", {"email": EMAIL}).status_code for _ in range(5)}
    assert answers == {200}
    assert len(mails_to(EMAIL)) == 1 + 3


def test_a_made_up_confirmation_link_leads_nowhere(browser: Browser) -> None:
    browser.register()
    assert browser.post("/auth/confirm/" + "x" * 40).location == "/auth/confirm"
    assert not only_user().is_confirmed
