from __future__ import annotations

import pytest

from app.accounts.models import User
from tests.app.accounts.conftest import EMAIL, PASSWORD, Browser, MakeApp, make_person, on_sqlite

pytestmark = [on_sqlite, pytest.mark.usefixtures("anna")]
FORM = {"email": EMAIL, "password": PASSWORD}


def test_a_change_without_the_token_of_our_form_is_refused(browser: Browser) -> None:
    for sent in (FORM, {**FORM, "csrf_token": "made up"}):
        answer = browser.open("/auth/login", method="POST", data=sent)
        assert answer.status_code == 400
    assert not browser.is_signed_in


def test_the_token_of_another_session_is_refused(browser: Browser, other_browser: Browser) -> None:
    assert browser.post("/auth/login", {**FORM, "csrf_token": other_browser.token()}).status_code == 400


def test_json_calls_by_the_session_carry_the_token_in_a_header(browser: Browser) -> None:
    browser.sign_in()
    refused = browser.api("/api/probe/read", method="POST", json={})
    assert (refused.status_code, refused.json["error"]["code"]) == (400, "csrf_failed")
    given = browser.api("/api/probe/read", method="POST", json={}, headers={"X-CSRFToken": browser.token()})
    assert given.json == {"email": EMAIL}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:99999"},
        {"Origin": "http://[::1"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    ],
)
def test_other_origins_are_refused_even_with_the_token(browser: Browser, headers: dict[str, str]) -> None:
    assert browser.post("/auth/login", dict(FORM), headers=headers).status_code == 400
    assert not browser.is_signed_in


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://localhost"}, {"Origin": "http://LOCALHOST", "Sec-Fetch-Site": "same-origin"}]
)
def test_our_own_pages_may(browser: Browser, headers: dict[str, str]) -> None:
    assert browser.post("/auth/login", dict(FORM), headers=headers).location == "/"


def test_behind_a_proxy_the_public_address_is_ours(make_app: MakeApp) -> None:
    browser = Browser(make_app(public_url="https://darkroom.example"))
    browser.base_url = "https://darkroom.example"
    make_person("berta@example.org")
    form = {"email": "berta@example.org", "password": PASSWORD}
    assert browser.post("/auth/login", form, headers={"Origin": "https://darkroom.example"}).location == "/"


def test_reading_needs_no_token(browser: Browser, anna: User) -> None:
    browser.sign_in()
    assert browser.get("/settings", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200
