"""What a step asks of a model: which operation a change by words is to it, and how far a frame grows."""

from __future__ import annotations

import uuid

from pydantic import JsonValue

from app.imaging.framing import Sides, sides_for
from app.library.models import Asset
from app.providers.catalogue import ModelRow
from app.providers.contract import Operation
from app.studio.errors import CannotOutpaint, CannotRefine, SameShape
from app.studio.models_on_offer import names_of, refining


def change_by(model: ModelRow, owner_id: uuid.UUID) -> Operation:
    """Raises CannotRefine, naming models that this person could use instead."""
    operation = refining(model)
    if operation is None:
        raise CannotRefine(model.name, names_of(owner_id, Operation.ITERATE))
    return operation


def extension_by(model: ModelRow, picture: Asset, preset: str, sides: Sides | None) -> dict[str, JsonValue]:
    """The parameters of an outpaint: to a preset's shape, or by so many pixels. Raises CannotOutpaint and SameShape."""
    if Operation.OUTPAINT not in model.operations:
        raise CannotOutpaint(model.name, names_of(picture.owner_id, Operation.OUTPAINT))
    wanted = sides if sides is not None else sides_for(picture.width_px, picture.height_px, preset)
    if not wanted:
        raise SameShape
    return {"expand": {**wanted.as_params()}}
