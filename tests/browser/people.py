"""Accounts of a running product, made behind its back: signing up and in are tested once, not before every test."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from itertools import count

import sqlalchemy as sa
from apiflask import APIFlask
from flask import session
from flask_security.utils import login_user
from playwright.sync_api import BrowserContext

from app.accounts import commands
from app.accounts.models import User
from app.db import db
from app.workspaces import service as workspaces
from app.workspaces.forms import StyleBody
from app.workspaces.models import Workspace

PASSWORD = "a quite long pass phrase"
SMALL_PX = (192, 128)
_numbers = count(1)


@dataclass(frozen=True)
class Person:
    """style_id: of a style whose pictures are small, and so painted in a moment."""

    id: uuid.UUID
    email: str
    workspace_id: uuid.UUID
    style_id: uuid.UUID

    @property
    def canvas(self) -> str:
        return f"/w/{self.workspace_id}"

    @property
    def quick_canvas(self) -> str:
        """The canvas with the form set to small pictures."""
        return f"{self.canvas}?style_id={self.style_id}"


def make_person(app: APIFlask) -> Person:
    """A confirmed person with a first workspace."""
    with app.app_context():
        user = commands.create_user(f"person{next(_numbers)}@example.com", PASSWORD)
        workspace = db.session.scalars(sa.select(Workspace).where(Workspace.owner_id == user.id)).one()
        width_px, height_px = SMALL_PX
        style = workspaces.create_style(workspace, StyleBody(name="Small", width_px=width_px, height_px=height_px))
        return Person(user.id, user.email, workspace.id, style.id)


def sign_in(context: BrowserContext, app: APIFlask, person: Person) -> None:
    """Give a browser the cookie that signing in a moment ago would have given it."""
    origin = app.extensions["settings"].public_url
    with app.test_request_context(base_url=origin):
        login_user(db.session.get_one(User, person.id), authn_via=["password"])
        db.session.commit()
        serializer = app.session_interface.get_signing_serializer(app)
        value = serializer.dumps(dict(session))
    context.add_cookies([{"name": app.config["SESSION_COOKIE_NAME"], "value": value, "url": origin, "httpOnly": True}])
