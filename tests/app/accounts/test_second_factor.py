from __future__ import annotations

import re
import time
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask
from passlib.totp import TOTP

from app.accounts import service
from app.accounts.models import AuditEvent, RecoveryCode, ThrottleCounter, User
from app.db import db
from tests.app.accounts.conftest import EMAIL, PASSWORD, Browser, MakeApp, mails_to, make_person, on_sqlite

pytestmark = [on_sqlite, pytest.mark.usefixtures("anna")]


def code_of(key: str, steps_later: int = 0) -> str:
    """The six digits an authenticator app shows for a key, now or some 30-second steps later."""
    return str(TOTP(key=key, format="base32").generate(time.time() + 30 * steps_later).token)


def set_up(browser: Browser) -> str:
    """Switch the second step on as a person would; returns the key the page showed."""
    page = browser.post("/auth/tf-setup", {"setup": "authenticator"}).text
    shown = re.search(r'<code class="secret">([^<]+)</code>', page)
    action = re.search(r'action="(/auth/tf-setup/[^"]+)"', page)
    assert shown, page
    assert action, page
    assert "data:image/svg+xml;base64," in page
    key = shown.group(1)
    answer = browser.post(unescape(action.group(1)), {"code": code_of(key)})
    assert answer.location == "/auth/mf-recovery-codes"
    # The code just used may not serve again; tests go on with the clock's next one.
    return key


def allow_this_code_again() -> None:
    db.session.execute(sa.update(User).values(tf_last_counter=None))
    db.session.commit()


def test_signing_in_asks_for_a_code_once_the_second_step_is_on(browser: Browser) -> None:
    browser.sign_in()
    key = set_up(browser)
    browser.sign_out()
    answer = browser.sign_in(next="/probe/page")
    assert answer.location.startswith("/auth/tf-validate")
    assert not browser.is_signed_in
    browser.sign_in(next="/probe/page")
    assert browser.post(answer.location, {"code": "000000"}).status_code == 200
    assert not browser.is_signed_in
    allow_this_code_again()
    browser.sign_in(next="/probe/page")
    assert browser.post(answer.location, {"code": code_of(key)}).location == "/probe/page"
    assert browser.is_signed_in
    assert [row.subject for row in mails_to(EMAIL)] == ["The second step at sign-in was set up"]


def test_a_code_fits_once(browser: Browser, other_browser: Browser) -> None:
    browser.sign_in()
    key = set_up(browser)
    allow_this_code_again()
    code = code_of(key)
    browser.sign_out()
    browser.sign_in()
    other_browser.sign_in()
    assert browser.post("/auth/tf-validate", {"code": code}).location == "/"
    assert other_browser.post("/auth/tf-validate", {"code": code}).status_code == 200
    assert not other_browser.is_signed_in


@pytest.mark.parametrize(("steps", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_fits_one_step_early_and_late(browser: Browser, steps: int, fits: bool) -> None:
    browser.sign_in()
    key = set_up(browser)
    allow_this_code_again()
    browser.sign_out()
    browser.sign_in()
    assert (browser.post("/auth/tf-validate", {"code": code_of(key, steps)}).status_code == 302) == fits


def test_five_wrong_codes_are_allowed_and_the_sixth_waits(browser: Browser) -> None:
    browser.sign_in()
    key = set_up(browser)
    browser.sign_out()
    browser.sign_in()
    db.session.execute(sa.delete(ThrottleCounter))
    db.session.commit()
    allow_this_code_again()
    assert [browser.post("/auth/tf-validate", {"code": "000000"}).status_code for _ in range(5)] == [200] * 5
    assert browser.post("/auth/tf-validate", {"code": code_of(key)}).status_code == 429


def test_a_recovery_code_lets_in_once(browser: Browser) -> None:
    browser.sign_in()
    set_up(browser)
    page = browser.post("/auth/mf-recovery-codes").text
    codes = re.findall(r"<li><code>([0-9a-f-]+)</code></li>", page)
    assert len(set(codes)) == 10
    assert "<li><code>" not in browser.get("/auth/mf-recovery-codes?show_codes=1").text
    stored = db.session.scalars(sa.select(RecoveryCode.code_hash)).all()
    assert not set(codes) & set(stored)
    browser.sign_out()
    browser.sign_in()
    assert browser.post("/auth/mf-recovery", {"code": codes[3].upper().replace("-", " ")}).location == "/"
    assert browser.is_signed_in
    browser.sign_out()
    browser.sign_in()
    assert browser.post("/auth/mf-recovery", {"code": codes[3]}).status_code == 200
    assert not browser.is_signed_in
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RecoveryCode)) == 9


def test_new_recovery_codes_replace_the_old(browser: Browser) -> None:
    browser.sign_in()
    set_up(browser)
    old = re.findall(r"<li><code>([0-9a-f-]+)</code></li>", browser.post("/auth/mf-recovery-codes").text)
    browser.post("/auth/mf-recovery-codes")
    browser.sign_out()
    browser.sign_in()
    assert browser.post("/auth/mf-recovery", {"code": old[0]}).status_code == 200
    assert not browser.is_signed_in


def test_switching_it_off_takes_a_fresh_password_and_the_recovery_codes_with_it(browser: Browser) -> None:
    browser.sign_in()
    set_up(browser)
    browser.post("/auth/mf-recovery-codes")
    with browser.client.session_transaction(base_url=browser.base_url) as cookie:
        cookie["fs_paa"] -= 6 * 60
    assert browser.post("/auth/tf-setup", {"setup": "disable"}).location.startswith("/auth/verify")
    assert browser.post("/auth/verify", {"password": PASSWORD}).status_code == 302
    browser.post("/auth/tf-setup", {"setup": "disable"})
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RecoveryCode)) == 0
    browser.sign_out()
    assert browser.sign_in().location == "/"
    changes = db.session.scalars(
        sa.select(AuditEvent.changes).where(AuditEvent.action == "second_factor_changed").order_by(AuditEvent.id)
    )
    assert list(changes) == [{"on": True}, {"on": False}]


def test_the_code_page_is_nothing_without_the_password_before(browser: Browser) -> None:
    for path in ("/auth/tf-validate", "/auth/mf-recovery"):
        assert browser.get(path).location == "/auth/login"


@pytest.mark.parametrize("path", ["/auth/tf-rescue", "/auth/tf-select"])
def test_ways_round_the_second_step_are_closed(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 404
    assert browser.post(path, {"help_setup": "help"}).status_code == 404


def test_staff_pages_hide_from_others_and_want_a_second_step_where_signing_in_does(
    browser: Browser, other_browser: Browser
) -> None:
    boss = make_person("boss@example.org", is_admin=True)
    _, key = service.make_api_key(boss, "a program")
    db.session.commit()
    browser.sign_in("boss@example.org")
    assert browser.get("/probe/staff").json == {"email": "boss@example.org"}
    browser.app.config["ADMINS_NEED_SECOND_FACTOR"] = True
    assert browser.get("/probe/staff").location == "/auth/tf-setup"
    set_up(browser)
    assert browser.get("/probe/staff").json == {"email": "boss@example.org"}
    other_browser.sign_in()
    assert other_browser.get("/probe/staff").status_code == 404
    by_key = browser.app.test_client().get("/probe/staff", headers={"Authorization": f"Bearer {key}"})
    assert by_key.status_code == 403


def test_a_rotation_of_the_secret_key_locks_nobody_out(make_app: MakeApp) -> None:
    old, new = "o" * 40, "n" * 40
    browser = Browser(make_app(secret_key=old))
    browser.sign_in()
    key = set_up(browser)

    def signs_in(app: Flask) -> bool:
        allow_this_code_again()
        browser = Browser(app)
        browser.sign_in()
        return bool(browser.post("/auth/tf-validate", {"code": code_of(key)}).location == "/")

    during = make_app(secret_key=new, secret_key_fallbacks=old)
    assert signs_in(during)
    service.tidy()
    assert signs_in(during)
    assert signs_in(make_app(secret_key=new))


def test_in_production_an_admin_sets_it_up_before_getting_in(make_app: MakeApp) -> None:
    app = make_app(
        env="production",
        secret_key="k" * 40,
        key_ring="k" * 43 + "=",
        redis_url="redis://127.0.0.1:1/0",
        public_url="https://darkroom.example",
    )
    browser = Browser(app)
    browser.base_url = "https://darkroom.example"
    make_person("boss@example.org", is_admin=True)
    assert browser.sign_in("boss@example.org").location == "/auth/tf-setup"
    assert not browser.is_signed_in
    page = browser.post("/auth/tf-setup", {"setup": "authenticator"}).text
    shown = re.search(r'<code class="secret">([^<]+)</code>', page)
    assert shown
    assert browser.post("/auth/tf-validate", {"code": code_of(shown.group(1))}).location == "/"
    assert browser.is_signed_in
    assert "needs its second step" in browser.post("/auth/tf-setup", {"setup": "disable"}).text
