"""Staff, and somebody whose rows they look at."""

from __future__ import annotations

from typing import Any

import pytest
from apiflask import APIFlask

from app.accounts import commands
from app.accounts.models import User
from app.generation.models import Batch
from app.workspaces import queries
from tests.app.api.conftest import Browser
from tests.support.engine import Engine

PASSWORD = "a quite long pass phrase"


class Staff(Browser):
    """An admin's browser."""

    def page(self, path: str) -> str:
        """The text of a page that opens."""
        answer: Any = self("GET", path)
        assert answer.status_code == 200, (path, answer.status_code)
        return str(answer.text)


@pytest.fixture
def admin(app: APIFlask) -> User:
    return commands.create_user("boss@example.com", PASSWORD, admin=True)


@pytest.fixture
def staff(app: APIFlask, admin: User) -> Staff:
    return Staff(app, admin.email, PASSWORD)


@pytest.fixture
def batch(engine: Engine, owner: User) -> Batch:
    """Three jobs of somebody, waiting."""
    return engine.submit(queries.workspaces_of(owner.id)[0], "a red fox at dusk", batch_size=3)
