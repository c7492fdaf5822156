"""An app of its own database for tests of accounts, and people who use it as a browser would."""

from __future__ import annotations

import contextvars
import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from werkzeug.test import TestResponse

from app import create_app
from app.accounts import access, mail, service
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


# Forms and pages are alike on both databases; what counts, locks or triggers is tried on each.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def make_app(
    tmp_path: Path,
    database_url: str,
    rung: list[tuple[object, ...]],
    compiled_templates: FileSystemBytecodeCache,
    cheap_hashes: None,
) -> Iterator[MakeApp]:
    """Build an app with further settings, such as registration="false"."""
    contexts = []

    def make(**further: str) -> Flask:
        environ = {
            "DARKROOM_ENV": "test",
            "DARKROOM_HOME": str(tmp_path / "home"),
            "DARKROOM_DATABASE_URL": database_url,
            "DARKROOM_RATE_LIMITS": "false",
        }
        environ |= {f"DARKROOM_{name.upper()}": value for name, value in further.items()}
        app = create_app(Settings.from_environ(environ))
        app.jinja_env.bytecode_cache = compiled_templates
        _add_probes(app)
        context = app.app_context()
        context.push()
        contexts.append(context)
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

    def get(self, path: str, **further: Any) -> TestResponse:
        return self.open(path, **further)

    def post(self, path: str, data: dict[str, Any] | None = None, **further: Any) -> TestResponse:
        return self.open(path, method="POST", data={"csrf_token": self.token(), **(data or {})}, **further)

    def api(self, path: str, key: str | None = None, **further: Any) -> TestResponse:
        """A call as programs make it; with this browser's cookies, so that ignoring them can be told."""
        headers = {"Authorization": f"Bearer {key}"} if key is not None else {}
        return self.open(path, headers=headers | further.pop("headers", {}), **further)

    def open(self, path: str, **further: Any) -> TestResponse:
        # In a context of its own: the test holds an application context, whose `g` requests would share.
        response: TestResponse = contextvars.Context().run(
            self.client.open, path, environ_base=self.environ, base_url=self.base_url, **further
        )
        # The test's session outlives the request; what it has loaded must not be taken for what is stored.
        db.session.rollback()
        db.session.expire_all()
        return response

    def cookie(self, name: str = "session") -> str:
        found = self.client.get_cookie(name)
        return found.value if found else ""

    def token(self) -> str:
        page = self.get("/auth/reset").text
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found, page
        return unescape(found.group(1))

    def register(self, email: str = EMAIL, password: str = PASSWORD) -> TestResponse:
        return self.post("/auth/register", {"email": email, "password": password})

    def sign_in(self, email: str = EMAIL, password: str = PASSWORD, **fields: Any) -> TestResponse:
        return self.post("/auth/login", {"email": email, "password": password, **fields})

    def sign_out(self) -> TestResponse:
        return self.post("/auth/logout")

    @property
    def is_signed_in(self) -> bool:
        return self.get("/settings").status_code == 200


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


def _add_probes(app: Flask) -> None:
    """Views guarded as those of other features are."""
    probes = {
        "/api/probe/read": access.require_scope("read"),
        "/api/probe/generate": access.require_scope("generate"),
        "/api/probe/confirmed": access.confirmed,
        "/probe/page": access.signed_in,
        "/probe/fresh": access.fresh,
        "/probe/staff": access.admin_only,
    }
    for path, guard in probes.items():
        view = guard(lambda: {"email": access.me().email})
        app.add_url_rule(path, f"probe_{path.replace('/', '_')}", view, methods=["GET", "POST"])
