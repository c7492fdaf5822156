"""Going on from a picture outside of any session: the same steps, by the model that made it or another."""

from __future__ import annotations

from dataclasses import dataclass

from app.db import db
from app.generation import submission
from app.generation.choosing import offered_to
from app.generation.models import Batch
from app.generation.specs import GenerationSpec
from app.imaging.framing import Sides
from app.library.models import Asset
from app.providers.catalogue import ModelRow
from app.providers.contract import Operation
from app.providers.registry import catalogue
from app.studio.asking import change_by, extension_by
from app.studio.errors import NoWords
from app.studio.models_on_offer import model_for, refining
from app.workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class Made:
    batch: Batch
    created: bool


def iterate(asset: Asset, prompt: str, *, model: str | None, key: str) -> Made:
    """Raises NoWords and CannotRefine, and what submitting refuses."""
    if not prompt.strip():
        raise NoWords
    row = _model(asset, model, Operation.ITERATE)
    spec = GenerationSpec(prompt=prompt, model=row.id, operation=change_by(row, asset.owner_id), image=asset.id)
    return _submitted(asset, spec, key)


def outpaint(asset: Asset, *, preset: str, sides: Sides | None, prompt: str, model: str | None, key: str) -> Made:
    """Raises CannotOutpaint and SameShape, and what submitting refuses."""
    row = _model(asset, model, Operation.OUTPAINT)
    spec = GenerationSpec(
        prompt=prompt.strip() or _scene(asset),
        model=row.id,
        operation=Operation.OUTPAINT,
        image=asset.id,
        params=extension_by(row, asset, preset, sides),
    )
    return _submitted(asset, spec, key)


def _submitted(asset: Asset, spec: GenerationSpec, key: str) -> Made:
    workspace = db.session.get_one(Workspace, asset.workspace_id)
    one = spec.model_copy(update={"pick": "random", "pick_count": 1})
    submitted = submission.submit(workspace, one, key=key)
    return Made(submitted.batch, submitted.created)


def _model(asset: Asset, name: str | None, operation: Operation) -> ModelRow:
    """The one that was named; else the one that made the picture, where it can; else the first that can."""
    if name is not None:
        return model_for(asset.owner_id, name)
    made_by = catalogue().find(str(asset.recipe.get("model", "")))
    if made_by is not None and offered_to(asset.owner_id).can_run(made_by):
        can = refining(made_by) is not None if operation is Operation.ITERATE else operation in made_by.operations
        if can:
            return made_by
    return next(iter(offered_to(asset.owner_id).doing(operation)), catalogue().offering(operation)[0])


def _scene(asset: Asset) -> str:
    words = asset.recipe.get("prompt")
    return words if isinstance(words, str) else ""
