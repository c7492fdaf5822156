"""Which models can be a column: what begins from words, can be refined, and runs here now."""

from __future__ import annotations

import uuid

from app.generation import lanes
from app.generation.errors import UnknownModel
from app.providers.catalogue import ModelRow
from app.providers.contract import Operation
from app.providers.registry import catalogue
from app.studio import queries
from app.studio.domain import Candidate, default_columns

# How a change by words is asked for, by what a model can: edited as told, else redrawn.
_REFINING = (Operation.ITERATE, Operation.IMG2IMG)


def refining(model: ModelRow) -> Operation | None:
    """What an iteration is to this model."""
    return next((each for each in _REFINING if each in model.operations), None)


def model_named(name: str) -> ModelRow:
    """Raises UnknownModel."""
    model = catalogue().find(name)
    if model is None:
        raise UnknownModel(name, [row.id for row in catalogue().models])
    return model


def can_be_columns() -> list[ModelRow]:
    """In the catalogue's order."""
    there = {model_id for lane in lanes.configured() for model_id in lane.models}
    return [model for model in catalogue().offering(Operation.TXT2IMG) if model.id in there and refining(model)]


def columns_to_begin_with(workspace_id: uuid.UUID) -> list[str]:
    """The columns of the workspace's last session, or the first choice of what there is."""
    last = queries.newest_session(workspace_id, even_deleted=True)
    remembered = [column.model for column in queries.columns_of([last.id])] if last is not None else []
    candidates = [
        Candidate(model.id, model.provider, catalogue().provider_of(model).free) for model in can_be_columns()
    ]
    return default_columns(candidates, remembered)
