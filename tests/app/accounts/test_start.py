from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import commands, service
from app.accounts.domain import Plan
from app.accounts.errors import TooManyApiKeys
from app.accounts.models import OneTimeToken, User
from app.db import db
from app.errors import Conflict, Invalid, NotFound
from app.extensions import settings
from tests.app.accounts.conftest import EMAIL, PASSWORD, Browser, make_person, on_sqlite

pytestmark = [on_sqlite, pytest.mark.usefixtures("app")]


def start_path() -> str:
    link = service.start_link(settings())
    assert link is not None
    assert link.startswith("http://127.0.0.1:8000/start/")
    return link.removeprefix("http://127.0.0.1:8000")


def test_the_start_link_makes_the_owner_and_signs_them_in(browser: Browser) -> None:
    path = start_path()
    assert "owner" in browser.get(path).text
    assert browser.post(path, {"email": EMAIL, "password": PASSWORD}).location == "/"
    owner = db.session.scalars(sa.select(User)).one()
    assert (owner.is_admin, owner.is_confirmed, owner.plan) == (True, True, Plan.ALL_INCLUSIVE)
    assert browser.is_signed_in
    assert service.start_link(settings()) is None
    assert browser.get(path).status_code == 404
    assert browser.post(path, {"email": "berta@example.org", "password": PASSWORD}).status_code == 404


def test_each_start_makes_a_new_link_and_ends_the_old(browser: Browser) -> None:
    old, new = start_path(), start_path()
    assert old != new
    assert browser.get(old).status_code == 404
    assert browser.get(new).status_code == 200
    token = db.session.scalars(sa.select(OneTimeToken)).one()
    assert token.token_hash not in new
    assert token.expires_at is None


def test_an_admin_made_by_command_ends_the_link(browser: Browser) -> None:
    path = start_path()
    make_person("boss@example.org", is_admin=True)
    assert browser.post(path, {"email": EMAIL, "password": PASSWORD}).status_code == 404
    assert db.session.scalars(sa.select(User.email)).all() == ["boss@example.org"]


@pytest.mark.parametrize("password", ["fourteen chars", "password12345678", ""])
def test_the_owner_needs_a_long_password(browser: Browser, password: str) -> None:
    path = start_path()
    assert browser.post(path, {"email": EMAIL, "password": password}).status_code == 200
    assert browser.get(path).status_code == 200


def test_guessing_start_links_is_slowed_down(browser: Browser) -> None:
    statuses = [browser.get(f"/start/{number}").status_code for number in range(21)]
    assert statuses == [404] * 20 + [429]


def test_no_admin_by_the_web_otherwise(app: Flask, browser: Browser) -> None:
    paths = {str(rule) for rule in app.url_map.iter_rules()}
    assert "/start/<secret>" in paths
    browser.post("/auth/register", {"email": EMAIL, "password": PASSWORD, "is_admin": "1"})
    assert not db.session.scalars(sa.select(User.is_admin)).one()


def test_the_operator_makes_accounts_and_keys(browser: Browser) -> None:
    user = commands.create_user(" Anna@Example.org", PASSWORD, admin=True, plan="all_inclusive")
    assert (user.email, user.is_admin, user.is_confirmed, user.plan) == (EMAIL, True, True, Plan.ALL_INCLUSIVE)
    key = commands.make_api_key(EMAIL, "render farm")
    assert browser.api("/api/probe/generate", key).json == {"email": EMAIL}


@pytest.mark.parametrize(
    ("email", "password", "plan", "field"),
    [
        ("anna", PASSWORD, "free", "email"),
        (EMAIL, "password1234", "free", "password"),
        (EMAIL, PASSWORD, "gold", "plan"),
    ],
)
def test_the_operator_is_told_what_is_wrong(email: str, password: str, plan: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        commands.create_user(email, password, plan=plan)
    assert list(refused.value.fields) == [field]


def test_the_operator_cannot_make_an_account_twice_nor_keys_without_end() -> None:
    commands.create_user(EMAIL, PASSWORD)
    with pytest.raises(Conflict):
        commands.create_user("ANNA@example.org", PASSWORD)
    with pytest.raises(NotFound):
        commands.make_api_key("berta@example.org", "x")
    with pytest.raises(Invalid):
        commands.make_api_key(EMAIL, " \u200b ")
    for number in range(10):
        commands.make_api_key(EMAIL, f"key {number}")
    with pytest.raises(TooManyApiKeys):
        commands.make_api_key(EMAIL, "one too many")
