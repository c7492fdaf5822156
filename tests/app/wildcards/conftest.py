"""Files are kept in the owner's first workspace."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.accounts.models import User
from app.wildcards import service
from app.wildcards.forms import WildcardBody
from app.wildcards.models import WildcardFile
from app.workspaces import queries
from app.workspaces.models import Workspace

Put = Callable[..., WildcardFile]


@pytest.fixture
def workspace(owner: User) -> Workspace:
    return queries.workspaces_of(owner.id)[0]


@pytest.fixture
def their_workspace(stranger: User) -> Workspace:
    """Somebody else's."""
    return queries.workspaces_of(stranger.id)[0]


@pytest.fixture
def put(workspace: Workspace) -> Put:
    """Keep a new file: `put("birds.txt", "owl", "wren")`, an entry a line."""

    def keep(path: str, *lines: str, into: Workspace = workspace) -> WildcardFile:
        return service.create(into, body(path, *lines))

    return keep


def body(path: str, *lines: str) -> WildcardBody:
    return WildcardBody(path=path, text="\n".join(lines))
