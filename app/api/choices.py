"""What a call means when it leaves something open, and what it names when it does not."""

from __future__ import annotations

import uuid

from app.api import queries
from app.errors import NotFound
from app.generation.errors import UnknownModel
from app.providers.catalogue import ModelRow
from app.providers.registry import catalogue
from app.workspaces import service
from app.workspaces.models import Workspace


def workspace_or_newest(owner_id: uuid.UUID, workspace_id: uuid.UUID | None) -> Workspace:
    """The person's workspace of this id, or the one they made last. Raises NotFound."""
    if workspace_id is not None:
        return service.workspace_for(owner_id, workspace_id)
    newest = queries.newest_workspace(owner_id)
    if newest is None:
        raise NotFound("workspace")
    return newest


def model_named(name: str) -> ModelRow:
    """A model of the catalogue by its id or one of its other names. Raises UnknownModel."""
    model = catalogue().find(name)
    if model is None:
        raise UnknownModel(name, [row.id for row in catalogue().models])
    return model
