"""An app of its own database for tests of accounts, and people who use it as a browser would."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from app.accounts import mail, service
from app.accounts.models import Mail, User
from app.config import Settings
from app.db import db

PASSWORD = "seven quiet herons wade"
EMAIL = "anna@example.org"
MakeApp = Callable[..., Flask]


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """What workers were told. There are none here, nor a broker that could be waited for."""
    calls: list[tuple[object, ...]] = []
    monkeypatch.setattr(mail, "ring", lambda *call: calls.append(call))
    return calls


@pytest.fixture
def make_app(tmp_path: Path, rung: list[tuple[object, ...]]) -> Iterator[MakeApp]:
    """Build an app with further settings, such as registration="false"."""
    contexts = []

    def make(**further: str) -> Flask:
        environ = {"DARKROOM_ENV": "test", "DARKROOM_HOME": str(tmp_path / "home"), "DARKROOM_RATE_LIMITS": "false"}
        environ |= {f"DARKROOM_{name.upper()}": value for name, value in further.items()}
        app = create_app(Settings.from_environ(environ))
        _stand_in_for_other_features(app)
        context = app.app_context()
        context.push()
        contexts.append(context)
        db.create_all()
        return app

    yield make
    for context in reversed(contexts):
        db.session.remove()
        db.engine.dispose()
        context.pop()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app()


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def other_browser(app: Flask) -> Browser:
    return Browser(app)


class Browser:
    """A client that takes the form token from the page it is on, as people's browsers do."""

    def __init__(self, app: Flask, address: str = "198.51.100.7", base_url: str = "http://localhost") -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()
        self.environ = {"REMOTE_ADDR": address}
        self.base_url = base_url

    def get(self, path: str, **further: object) -> TestResponse:
        return self._forget_rows(self.client.get(path, environ_base=self.environ, base_url=self.base_url, **further))

    def post(self, path: str, data: dict[str, object] | None = None, **further: object) -> TestResponse:
        sent = {"csrf_token": self.token(), **(data or {})}
        return self._forget_rows(
            self.client.post(path, data=sent, environ_base=self.environ, base_url=self.base_url, **further)
        )

    def token(self) -> str:
        page = self.client.get("/auth/reset", environ_base=self.environ, base_url=self.base_url).text
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found, page
        return unescape(found.group(1))

    def register(self, email: str = EMAIL, password: str = PASSWORD) -> TestResponse:
        return self.post("/auth/register", {"email": email, "password": password})

    def sign_in(self, email: str = EMAIL, password: str = PASSWORD, **further: object) -> TestResponse:
        return self.post("/auth/login", {"email": email, "password": password, **further})

    def sign_out(self) -> TestResponse:
        return self.post("/auth/logout")

    @property
    def is_signed_in(self) -> bool:
        return self.get("/settings").status_code == 200

    @staticmethod
    def _forget_rows(response: TestResponse) -> TestResponse:
        # The test's session outlives the request; what it has loaded must not be taken for what is stored.
        db.session.rollback()
        db.session.expire_all()
        return response


@pytest.fixture
def anna(app: Flask) -> User:
    return make_person()


def make_person(email: str = EMAIL, *, is_admin: bool = False, confirmed: bool = True) -> User:
    user = service.create_account(email, PASSWORD, is_admin=is_admin, confirmed=confirmed)
    db.session.commit()
    return user


def mails_to(email: str) -> list[Mail]:
    return list(db.session.scalars(sa.select(Mail).where(Mail.recipient == email).order_by(Mail.created_at, Mail.id)))


def link_in(row: Mail) -> str:
    """The path of the first link in a mail."""
    found = re.search(r"https?://[^/\s]+(/\S+)", row.body)
    assert found, row.body
    return found.group(1)


def _stand_in_for_other_features(app: Flask) -> None:
    # The frame of every page links to features that these tests are not about.
    for endpoint, path in (("generation.queue", "/queue"), ("workspaces.index", "/workspaces"), ("pages.home", "/")):
        if endpoint not in app.view_functions:
            app.add_url_rule(path, endpoint, lambda: "elsewhere")
