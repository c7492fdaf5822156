from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import service
from app.accounts.domain import Scope
from app.accounts.errors import TooManyApiKeys
from app.accounts.models import ApiKey, AuditEvent, User
from app.db import db, utc_now
from tests.app.accounts.conftest import EMAIL, Browser, make_person


@pytest.fixture
def key(anna: User) -> str:
    return make_key(anna)


def make_key(user: User, *scopes: Scope) -> str:
    _, text = service.make_api_key(user, "a program", scopes or tuple(Scope))
    db.session.commit()
    return text


def only_key() -> ApiKey:
    return db.session.scalars(sa.select(ApiKey)).one()


def answer_of(browser: Browser, key: str, path: str = "/api/probe/read", **further: str) -> tuple[int, str | None]:
    answer = browser.api(path, key, **further)
    body = answer.json or {}
    return answer.status_code, body.get("error", {}).get("code")


@pytest.mark.usefixtures("anna")
def test_a_key_is_made_shown_once_used_and_revoked(browser: Browser) -> None:
    browser.sign_in()
    made = browser.post("/settings/api-keys/new", {"name": "render farm", "scopes": ["read", "generate"]})
    assert made.status_code == 201
    assert "no-store" in made.headers["Cache-Control"]
    found = re.search(r"darkroom_live_[0-9A-Za-z]{49}", made.text)
    assert found
    text = found.group(0)
    listed = browser.get("/settings/api-keys").text
    assert "render farm" in listed
    assert text not in listed
    row = only_key()
    assert text not in (row.key_hash, row.prefix)
    assert text.startswith(row.prefix)
    assert row.expires_at - row.created_at > timedelta(days=364)
    assert answer_of(browser, text) == (200, None)
    assert only_key().last_used_at is not None
    assert browser.post(f"/settings/api-keys/{row.id}/revocation").location == "/settings/api-keys"
    assert answer_of(browser, text) == (401, "invalid_api_key")
    assert "render farm" not in browser.get("/settings/api-keys").text.replace("The key “render farm”", "")


def test_unknown_expired_revoked_and_disabled_look_the_same(browser: Browser, anna: User, key: str) -> None:
    def refusal(text: str) -> tuple[int, str, str]:
        answer = browser.api("/api/probe/read", text)
        error = answer.json["error"]
        return answer.status_code, error["code"], error["message"]

    refusals = [refusal("nonsense"), refusal(key[:-1] + ("0" if key[-1] != "0" else "1"))]
    only_key().expires_at = utc_now()
    db.session.commit()
    refusals.append(refusal(key))
    other = make_key(anna)
    service.revoke_api_key(db.session.scalars(sa.select(ApiKey).order_by(ApiKey.id.desc())).first())
    db.session.commit()
    refusals.append(refusal(other))
    third = make_key(anna)
    anna.active = False
    db.session.commit()
    refusals.append(refusal(third))
    assert refusals[0][:2] == (401, "invalid_api_key")
    assert len(set(refusals)) == 1


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic YW5uYTp4", "token", "Bearer a b", ""])
def test_any_authorization_header_is_judged_alone(browser: Browser, anna: User, header: str) -> None:
    browser.sign_in()
    answer = browser.get("/api/probe/read", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_key_wins_over_the_session_and_needs_no_form_token(browser: Browser, key: str) -> None:
    make_person("berta@example.org")
    browser.sign_in("berta@example.org")
    assert browser.api("/api/probe/read").json == {"email": "berta@example.org"}
    assert browser.api("/api/probe/read", key).json == {"email": EMAIL}
    assert browser.api("/api/probe/read", key, method="POST", json={}).json == {"email": EMAIL}


def test_a_key_opens_no_pages_of_the_account(browser: Browser, key: str) -> None:
    for path in ("/settings", "/settings/api-keys", "/settings/api-keys/new", "/auth/change", "/auth/login"):
        assert browser.api(path, key).status_code == 403


@pytest.mark.parametrize(("scopes", "status"), [([Scope.READ], 403), ([Scope.GENERATE], 200), (list(Scope), 200)])
def test_a_key_may_do_what_its_scopes_say(browser: Browser, anna: User, scopes: list[Scope], status: int) -> None:
    text = make_key(anna, *scopes)
    got, code = answer_of(browser, text, "/api/probe/generate")
    assert got == status
    assert code == (None if status == 200 else "missing_scope")


def test_a_key_of_an_unconfirmed_account_is_dead(browser: Browser) -> None:
    text = make_key(make_person("new@example.org", confirmed=False))
    assert answer_of(browser, text) == (401, "invalid_api_key")


@pytest.mark.parametrize("name", ["api_key", "token", "q", "access_token"])
def test_a_key_in_an_address_is_refused_and_revoked(browser: Browser, key: str, name: str) -> None:
    answer = browser.get(f"/api/probe/read?{name}={key}")
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "api_key_in_url")
    assert only_key().revoked_at is not None
    assert answer_of(browser, key) == (401, "invalid_api_key")
    assert key not in answer.text


def test_a_parameter_named_for_keys_is_refused_whatever_it_holds(browser: Browser) -> None:
    assert browser.get("/api/probe/read?api_key=x").status_code == 400


@pytest.mark.usefixtures("key")
def test_someone_elses_key_looks_like_a_missing_one(browser: Browser) -> None:
    make_person("berta@example.org")
    browser.sign_in("berta@example.org")
    assert browser.post(f"/settings/api-keys/{only_key().id}/revocation").status_code == 404
    assert only_key().revoked_at is None


def test_ten_keys_are_the_most_and_expired_ones_do_not_count(anna: User) -> None:
    for _ in range(10):
        make_key(anna)
    with pytest.raises(TooManyApiKeys):
        make_key(anna)
    db.session.execute(sa.update(ApiKey).values(expires_at=utc_now()))
    db.session.commit()
    make_key(anna)


def test_parallel_requests_cannot_make_an_eleventh(app: Flask, anna: User) -> None:
    for _ in range(9):
        make_key(anna)
    user_id = anna.id
    made: list[bool] = []

    def make_one() -> None:
        with app.app_context():
            try:
                make_key(db.session.get_one(User, user_id))
                made.append(True)
            except TooManyApiKeys:
                made.append(False)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=make_one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False] * 5 + [True]


def test_use_is_noted_and_a_new_address_is_written_down(app: Flask, key: str) -> None:
    for address in ("198.51.100.7", "198.51.100.7", "203.0.113.4"):
        assert answer_of(Browser(app, address=address), key) == (200, None)
    assert only_key().addresses == ["198.51.100.7", "203.0.113.4"]
    events = db.session.scalars(sa.select(AuditEvent.address).where(AuditEvent.action == "api_key_new_address")).all()
    assert sorted(events) == ["198.51.100.7", "203.0.113.4"]


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(
    "fields", [{"name": "", "scopes": ["read"]}, {"name": "x" * 81, "scopes": ["read"]}, {"name": "x", "scopes": []}]
)
def test_a_key_needs_a_name_and_something_it_may_do(browser: Browser, fields: dict[str, object]) -> None:
    browser.sign_in()
    assert browser.post("/settings/api-keys/new", fields).status_code == 200
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ApiKey)) == 0


def test_the_confirmed_guard_takes_both_kinds_of_people(browser: Browser, key: str) -> None:
    assert browser.api("/api/probe/confirmed").json["error"]["code"] == "not_signed_in"
    assert browser.api("/api/probe/confirmed", key).json == {"email": EMAIL}
