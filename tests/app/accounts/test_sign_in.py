from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts.domain import ADMIN, REMEMBERED, VISITOR, SessionLife
from app.accounts.models import ThrottleCounter, User, UserSession
from app.db import db, utc_now
from tests.app.accounts.conftest import EMAIL, PASSWORD, Browser, MakeApp, mails_to, make_person, on_sqlite

pytestmark = on_sqlite

REFUSED = "do not open an account"


def age_session(**columns: timedelta) -> None:
    now = utc_now()
    db.session.execute(sa.update(UserSession).values({name: now - ago for name, ago in columns.items()}))
    db.session.commit()


def test_the_same_refusal_for_unknown_wrong_unconfirmed_and_disabled(app: Flask) -> None:
    make_person("right@example.org")
    make_person("unconfirmed@example.org", confirmed=False)
    make_person("disabled@example.org").active = False
    db.session.commit()
    answers = []
    for email, password in [
        ("nobody@example.org", PASSWORD),
        ("right@example.org", "another wrong password"),
        ("unconfirmed@example.org", PASSWORD),
        ("disabled@example.org", PASSWORD),
    ]:
        answer = Browser(app).sign_in(email, password)
        page = answer.text.replace(email, "X")
        # Tokens and ids differ from page to page by nature.
        visible = [line for line in page.splitlines() if "csrf" not in line and "request" not in line]
        answers.append((answer.status_code, visible))
        assert REFUSED in answer.text
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.usefixtures("anna")
def test_the_address_is_the_same_in_any_spelling(browser: Browser) -> None:
    assert browser.sign_in("  ANNA@example.ORG ").location == "/"


@pytest.mark.usefixtures("anna")
def test_five_failures_are_allowed_and_the_sixth_try_waits_even_with_the_right_password(browser: Browser) -> None:
    for _ in range(5):
        assert browser.sign_in(password="not this one").status_code == 200
    answer = browser.sign_in()
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 60
    db.session.execute(sa.update(ThrottleCounter).values(window_ends_at=utc_now() - timedelta(seconds=1)))
    db.session.commit()
    assert browser.sign_in().location == "/"


@pytest.mark.usefixtures("anna")
def test_four_failures_and_a_success_start_the_count_anew(browser: Browser) -> None:
    for _ in range(3):
        for _ in range(4):
            browser.sign_in(password="not this one")
        assert browser.sign_in().location == "/"
        browser.sign_out()


@pytest.mark.usefixtures("anna")
def test_strangers_cannot_lock_out_a_browser_that_was_here_before(app: Flask) -> None:
    home = Browser(app, address="198.51.100.7")
    home.sign_in()
    home.sign_out()
    stranger = Browser(app, address="203.0.113.4")
    for _ in range(6):
        stranger.sign_in(password="not this one")
    assert stranger.sign_in().status_code == 429
    assert home.sign_in().location == "/"


def test_an_address_that_tries_many_accounts_waits_after_twenty(app: Flask) -> None:
    browser = Browser(app)
    statuses = [browser.sign_in(f"person{number}@example.org").status_code for number in range(21)]
    assert statuses == [200] * 20 + [429]


@pytest.mark.usefixtures("anna")
def test_the_owner_is_told_once_of_ten_failures(browser: Browser) -> None:
    for _ in range(12):
        browser.sign_in(password="not this one")
    assert [row.kind for row in mails_to(EMAIL)] == ["sign_in_attempts"]


NEXT = [
    ("/w/1?tab=queue", "/w/1?tab=queue"),
    ("/settings", "/settings"),
    ("//evil.example", "/"),
    ("///evil.example", "/"),
    ("/\\evil.example", "/"),
    ("\\\\evil.example", "/"),
    ("https:evil.example", "/"),
    ("https://evil.example/", "/"),
    ("http://localhost/settings", "/"),
    ("/\t/evil.example", "/"),
    ("/\n/evil.example", "/"),
    (" //evil.example", "/"),
    ("javascript:alert(1)", "/"),
    ("evil", "/"),
    ("@evil.example", "/"),
]


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(("target", "location"), NEXT)
@pytest.mark.parametrize("where", ["form", "query"])
def test_signing_in_leads_only_to_this_site(browser: Browser, target: str, location: str, where: str) -> None:
    if where == "form":
        answer = browser.sign_in(next=target)
    else:
        answer = browser.post("/auth/login", {"email": EMAIL, "password": PASSWORD}, query_string={"next": target})
    assert (answer.status_code, answer.location) == (302, location)


@pytest.mark.usefixtures("anna")
def test_a_page_that_needs_a_person_leads_to_sign_in_and_back(browser: Browser) -> None:
    asked = browser.get("/probe/page?x=1")
    assert asked.location == "/auth/login?next=/probe/page?x%3D1"
    page = browser.get(asked.location).text
    assert 'value="/probe/page?x=1"' in page
    assert browser.sign_in(next="/probe/page?x=1").location == "/probe/page?x=1"


def test_programs_and_partials_get_an_answer_instead_of_a_page(browser: Browser) -> None:
    call = browser.api("/api/probe/read")
    assert (call.status_code, call.json["error"]["code"]) == (401, "not_signed_in")
    partial = browser.get("/probe/page", headers={"HX-Request": "true"})
    assert partial.status_code == 401
    assert partial.headers["HX-Redirect"].startswith("/auth/login")


@pytest.mark.usefixtures("anna")
def test_the_cookie_over_plain_http_is_as_safe_as_it_can_be(browser: Browser) -> None:
    cookie = browser.sign_in().headers["Set-Cookie"]
    assert cookie.startswith("session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie
    assert "Domain" not in cookie
    assert "Expires" not in cookie, "a session that is not to be remembered ends with the browser"


def test_the_cookie_over_tls_is_bound_to_the_host(make_app: MakeApp) -> None:
    browser = Browser(make_app(public_url="https://darkroom.example"))
    browser.base_url = "https://darkroom.example"
    make_person()
    answer = browser.sign_in(remember="y")
    assert answer.location == "/"
    cookies = answer.headers.getlist("Set-Cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == ["__Host-session"]
    assert "Secure" in cookies[0]
    assert "Expires" in cookies[0]


@pytest.mark.usefixtures("anna")
def test_a_session_stolen_before_signing_in_is_worth_nothing_after(browser: Browser) -> None:
    browser.get("/auth/login")
    before = browser.cookie()
    token_before = browser.token()
    browser.sign_in()
    assert browser.cookie() != before
    thief = Browser(browser.app)
    thief.client.set_cookie("session", before)
    assert not thief.is_signed_in
    assert browser.token() != token_before


@pytest.mark.usefixtures("anna")
def test_signing_out_ends_a_copied_cookie_too(browser: Browser) -> None:
    browser.sign_in()
    thief = Browser(browser.app)
    thief.client.set_cookie("session", browser.cookie())
    assert thief.is_signed_in
    assert browser.sign_out().location == "/"
    assert not browser.is_signed_in
    assert not thief.is_signed_in


@pytest.mark.usefixtures("anna")
def test_signing_out_takes_a_form_of_ours(browser: Browser) -> None:
    browser.sign_in()
    assert browser.get("/auth/logout").status_code == 405
    assert browser.open("/auth/logout", method="POST").status_code == 400
    assert browser.is_signed_in


@pytest.mark.parametrize(
    ("is_admin", "remember", "life"),
    [(False, "", VISITOR), (False, "y", REMEMBERED), (True, "y", ADMIN)],
    ids=["visitor", "remembered", "admin"],
)
def test_a_session_ends_by_idleness_and_by_age(
    browser: Browser, is_admin: bool, remember: str, life: SessionLife
) -> None:
    make_person(is_admin=is_admin)
    a_minute = timedelta(minutes=1)
    browser.sign_in(remember=remember)
    age_session(last_seen_at=life.idle - a_minute)
    assert browser.is_signed_in
    age_session(last_seen_at=life.idle + a_minute)
    assert not browser.is_signed_in
    browser.sign_in(remember=remember)
    age_session(last_seen_at=timedelta(0), created_at=life.absolute + a_minute)
    assert not browser.is_signed_in


@pytest.mark.usefixtures("anna")
def test_use_is_noted_at_most_every_five_minutes(browser: Browser) -> None:
    browser.sign_in()
    for ago, moved in [(timedelta(minutes=4), False), (timedelta(minutes=6), True)]:
        age_session(last_seen_at=ago)
        browser.get("/settings")
        seen = db.session.scalars(sa.select(UserSession.last_seen_at)).one()
        assert (utc_now() - seen < timedelta(minutes=1)) == moved


def test_a_disabled_account_is_out_at_once(browser: Browser, anna: User) -> None:
    browser.sign_in()
    anna.active = False
    db.session.commit()
    assert not browser.is_signed_in


@pytest.mark.usefixtures("anna")
def test_every_browser_is_listed_and_can_be_signed_out(browser: Browser, other_browser: Browser) -> None:
    browser.sign_in()
    other_browser.post(
        "/auth/login", {"email": EMAIL, "password": PASSWORD}, headers={"User-Agent": "Mozilla/5.0 (Windows) Firefox/1"}
    )
    page = browser.get("/settings").text
    assert "Firefox on Windows" in page
    other = db.session.scalars(sa.select(UserSession).order_by(UserSession.id.desc())).first()
    assert other is not None
    assert browser.post(f"/settings/sessions/{other.id}/revocation").status_code == 303
    assert not other_browser.is_signed_in
    assert browser.is_signed_in


@pytest.mark.usefixtures("anna")
def test_someone_elses_session_looks_like_a_missing_one(browser: Browser, other_browser: Browser) -> None:
    make_person("berta@example.org")
    browser.sign_in()
    other_browser.sign_in("berta@example.org")
    theirs = db.session.scalars(sa.select(UserSession).order_by(UserSession.id.desc())).first()
    assert theirs is not None
    assert browser.post(f"/settings/sessions/{theirs.id}/revocation").status_code == 404
    assert other_browser.is_signed_in


@pytest.mark.usefixtures("anna")
def test_signing_out_everywhere_keeps_only_this_browser(app: Flask, browser: Browser) -> None:
    others = [Browser(app) for _ in range(3)]
    for one in [*others, browser]:
        one.sign_in()
    assert browser.post("/settings/sessions/revocation").status_code == 303
    assert [one.is_signed_in for one in others] == [False] * 3
    assert browser.is_signed_in


@pytest.mark.usefixtures("anna")
def test_signed_in_pages_are_not_kept_by_caches(browser: Browser) -> None:
    browser.sign_in()
    assert "no-store" in browser.get("/settings").headers["Cache-Control"]


def test_json_is_not_what_these_forms_take(browser: Browser) -> None:
    answer = browser.open(
        "/auth/login",
        method="POST",
        json={"email": EMAIL, "password": PASSWORD},
        headers={"X-CSRFToken": browser.token()},
    )
    assert answer.status_code == 415
