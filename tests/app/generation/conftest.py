"""Everything here happens in the owner's first workspace."""

from __future__ import annotations

import pytest

from app.accounts.models import User
from app.workspaces import queries
from app.workspaces.models import Workspace


@pytest.fixture
def workspace(owner: User) -> Workspace:
    return queries.workspaces_of(owner.id)[0]
