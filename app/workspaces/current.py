"""Which workspace a page belongs to: the one in its address, else the one looked at last."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from flask import g, session
from flask_login import current_user

from app.errors import NotFound
from app.workspaces import queries, service
from app.workspaces.models import Workspace

_LAST = "workspace"


def enter(workspace_id: uuid.UUID) -> Workspace:
    """The person's workspace of this address, remembered as the last one. Raises NotFound."""
    workspace = service.workspace_for(current_user.id, workspace_id)
    g.workspace = workspace
    if session.get(_LAST) != str(workspace_id):
        session[_LAST] = str(workspace_id)
    return workspace


def current() -> Workspace | None:
    """The workspace to offer on a page that has none of its own."""
    if "workspace" not in g:
        g.workspace = _last() if current_user.is_authenticated else None
    found: Workspace | None = g.workspace
    return found


def mine() -> Sequence[Workspace]:
    """The signed-in person's workspaces, newest first."""
    if not current_user.is_authenticated:
        return []
    if "workspaces" not in g:
        g.workspaces = queries.workspaces_of(current_user.id)
    found: Sequence[Workspace] = g.workspaces
    return found


def _last() -> Workspace | None:
    try:
        return service.workspace_for(current_user.id, uuid.UUID(session.get(_LAST, "")))
    except (ValueError, NotFound):
        workspaces = mine()
        return workspaces[0] if workspaces else None
