"""Which models can be a column: what begins from words, can be refined, and runs for this person now."""

from __future__ import annotations

import uuid

from app.generation.choosing import model_called, offered_to
from app.providers.catalogue import ModelRow
from app.providers.contract import Operation
from app.providers.registry import catalogue
from app.studio import queries
from app.studio.domain import Candidate, default_columns
from app.workspaces.models import Workspace

# How a change by words is asked for, by what a model can: edited as told, else redrawn.
_REFINING = (Operation.ITERATE, Operation.IMG2IMG)


def refining(model: ModelRow) -> Operation | None:
    """What an iteration is to this model."""
    return next((each for each in _REFINING if each in model.operations), None)


def model_for(owner_id: uuid.UUID, name: str) -> ModelRow:
    """The model a name stands for, for this person. Raises UnknownModel, SwitchedOff and NeedsKey."""
    return model_called(name, offered_to(owner_id))[0]


def names_of(owner_id: uuid.UUID, operation: Operation) -> list[str]:
    """Of the models that can do something for this person."""
    return [model.name for model in offered_to(owner_id).doing(operation)]


def can_be_columns(owner_id: uuid.UUID) -> list[ModelRow]:
    """In the catalogue's order."""
    return [model for model in offered_to(owner_id).doing(Operation.TXT2IMG) if refining(model)]


def columns_to_begin_with(workspace: Workspace) -> list[str]:
    """The columns of the workspace's last session, or the first choice of what there is."""
    last = queries.newest_session(workspace.id, even_deleted=True)
    remembered = [column.model for column in queries.columns_of([last.id])] if last is not None else []
    candidates = [
        Candidate(model.id, model.provider, catalogue().provider_of(model).free)
        for model in can_be_columns(workspace.owner_id)
    ]
    return default_columns(candidates, remembered)


def heading(model_id: str) -> tuple[str, str]:
    """How a column is headed: the product and which of its models; a model that is gone by its id."""
    model = catalogue().find(model_id)
    if model is None:
        return model_id, ""
    product = catalogue().provider_of(model).called
    if model.name == product:
        return product, ""
    return product, model.name.removeprefix(f"{product} ")
