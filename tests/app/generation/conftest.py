"""Everything here happens in the owner's first workspace."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from apiflask import APIFlask

from app import faults
from app.accounts.models import User
from app.generation import running
from app.workspaces import queries
from app.workspaces.models import Workspace
from tests.support.scripted import Scripted, stand_in

AtPoint = Callable[[str, Callable[[], None]], None]


@pytest.fixture
def workspace(owner: User) -> Workspace:
    return queries.workspaces_of(owner.id)[0]


@pytest.fixture
def their_workspace(stranger: User) -> Workspace:
    """Somebody else's."""
    return queries.workspaces_of(stranger.id)[0]


@pytest.fixture
def free(app: APIFlask, always_looking: None) -> Scripted:
    """A scripted provider that costs nothing, where Sketch would be."""
    return stand_in(app, paid=False)


@pytest.fixture
def paid(app: APIFlask, always_looking: None) -> Scripted:
    """A scripted provider that charges for every submission, where Sketch would be."""
    return stand_in(app, paid=True)


@pytest.fixture
def always_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A follower minds cancellations and limits at every step instead of twice a second."""
    monkeypatch.setattr(running, "LOOK_S", 0.0)


@pytest.fixture
def at_point(monkeypatch: pytest.MonkeyPatch) -> AtPoint:
    """Do something at a named point of the engine, once: `at_point("after_send", die)`."""
    plans: dict[str, Callable[[], None]] = {}

    def pass_by(name: str) -> None:
        if action := plans.pop(name, None):
            action()

    monkeypatch.setattr(faults, "point", pass_by)
    return plans.__setitem__
