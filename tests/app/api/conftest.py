"""People who call the API as programs do: with a key, over the whole app."""

from __future__ import annotations

import contextvars
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from app.accounts import service
from app.accounts.domain import Scope
from app.accounts.models import User
from app.chat import service as chat
from app.db import db
from app.enhancing.domain import State
from app.enhancing.models import EnhanceRequest
from app.history import queries as history
from app.studio import sessions
from app.wildcards import service as wildcards
from app.wildcards.forms import WildcardBody
from app.workspaces import queries
from app.workspaces.models import Workspace
from tests.support.engine import Engine


class Caller:
    """A program with an API key, or with none."""

    def __init__(self, app: APIFlask, key: str | None) -> None:
        self.app = app
        self.key = key

    def __call__(self, method: str, path: str, body: Any = None, **further: Any) -> TestResponse:
        """One call; `body` goes as JSON."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        headers |= further.pop("headers", {})
        if body is not None:
            further["json"] = body
        # In a context of its own: the test holds an application context, whose `g` requests would share.
        response: TestResponse = contextvars.Context().run(
            self.app.test_client().open, path, method=method, headers=headers, **further
        )
        # The test's session outlives the request; what it has loaded must not be taken for what is stored.
        db.session.rollback()
        db.session.expire_all()
        return response

    def get(self, path: str, **further: Any) -> Any:
        """The JSON of a call that succeeds."""
        return self.done("GET", path, **further)

    def post(self, path: str, body: Any = None, **further: Any) -> Any:
        return self.done("POST", path, body, **further)

    def done(self, method: str, path: str, body: Any = None, **further: Any) -> Any:
        answer = self(method, path, body, **further)
        assert answer.status_code < 300, answer.text
        return answer.get_json() if answer.data else None

    def refused(self, method: str, path: str, body: Any = None, **further: Any) -> tuple[int, str]:
        """Status and code of a call that is refused."""
        answer = self(method, path, body, **further)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.get_json()["error"]["code"]


class Browser(Caller):
    """A person's browser, signed in: a cookie instead of a key, and the form's token with every change."""

    def __init__(self, app: APIFlask, email: str, password: str) -> None:
        super().__init__(app, None)
        self.client = app.test_client()
        self.token = self._token_on("/auth/login")
        form = {"email": email, "password": password, "csrf_token": self.token}
        signed_in = self._open("/auth/login", method="POST", data=form)
        assert signed_in.status_code == 302, signed_in.text
        self.token = self._token_on("/workspaces")

    def __call__(self, method: str, path: str, body: Any = None, **further: Any) -> TestResponse:
        headers = {"X-CSRFToken": self.token} | further.pop("headers", {})
        if body is not None:
            further["json"] = body
        response = self._open(path, method=method, headers=headers, **further)
        db.session.rollback()
        db.session.expire_all()
        return response

    def _open(self, path: str, **further: Any) -> TestResponse:
        response: TestResponse = contextvars.Context().run(self.client.open, path, **further)
        return response

    def _token_on(self, path: str) -> str:
        found = re.search(r'name="csrf[-_]token"[^>]*(?:value|content)="([^"]+)"', self._open(path).text)
        assert found
        return unescape(found.group(1))


def make_key(user: User, *scopes: Scope) -> str:
    _, text = service.make_api_key(user, "a program", scopes or tuple(Scope))
    db.session.commit()
    return text


CallerFor = Callable[..., Caller]


@pytest.fixture
def caller_for(app: APIFlask) -> CallerFor:
    """A caller with a key of these scopes, by default of all."""
    return lambda user, *scopes: Caller(app, make_key(user, *scopes))


@pytest.fixture
def call(owner: User, caller_for: CallerFor) -> Caller:
    """The owner's program."""
    return caller_for(owner)


@pytest.fixture
def browser(app: APIFlask, owner: User) -> Browser:
    """The owner's browser."""
    return Browser(app, owner.email, "a quite long pass phrase")


@pytest.fixture
def workspace(owner: User) -> Workspace:
    return queries.workspaces_of(owner.id)[0]


@pytest.fixture
def owned(engine: Engine, owner: User, workspace: Workspace) -> dict[str, str]:
    """One of everything a person can have, by the name it has in addresses."""
    batch = engine.submit(workspace)
    engine.turn()
    file = wildcards.create(workspace, WildcardBody(path="beasts.txt", text="fox"))
    db.session.commit()
    message = chat.send(workspace, "a fox").message
    request = EnhanceRequest(owner_id=owner.id, wishes=[], state=State.DONE)
    db.session.add(request)
    db.session.commit()
    return {
        "session_id": str(sessions.create(workspace, ["sketch"], name="Lamps").id),
        "message_id": str(message.id),
        "request_id": str(request.id),
        "file_id": str(file.id),
        "job_id": str(engine.jobs(batch)[0].id),
        "batch_id": str(batch.id),
        "image_id": str(engine.assets()[0].id),
        "workspace_id": str(workspace.id),
        "past_prompt_id": str(history.past_prompts(workspace.id).prompts[0].id),
        "theme_id": str(queries.themes_of(owner.id)[0].id),
        "style_id": str(queries.styles_of(workspace.id)[0].id),
    }
