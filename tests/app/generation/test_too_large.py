"""What a model cannot hold is refused before anything is sent or paid, with what would do instead."""

from __future__ import annotations

import io
import random
import uuid
from collections.abc import Iterator

import pytest
from apiflask import APIFlask
from PIL import Image
from werkzeug.datastructures import FileStorage

from app.accounts.models import User
from app.billing import service as billing
from app.db import db
from app.generation import planning
from app.generation.errors import TooLargeForModel
from app.generation.specs import GenerationSpec
from app.imaging.framing import sides_for
from app.library import uploads
from app.library.models import Asset
from app.providers.catalogue import Catalogue
from app.providers.contract import Operation
from app.workspaces.models import Workspace
from tests.support.engine import Engine
from tests.support.statements import counted_queries


@pytest.fixture
def roomy(app: APIFlask) -> Iterator[None]:
    """One model of its kind whose adapter scales what it is given, as those of the cloud do."""
    real: Catalogue = app.extensions["catalogue"]
    rows = [row for row in real.models if row.provider == "sketch"]
    larger = rows[0].model_copy(
        update={
            "id": "roomy",
            "name": "Roomy",
            "aliases": (),
            "size": rows[0].size.model_copy(update={"frame_px": 16_384}),
        }
    )
    app.extensions["catalogue"] = Catalogue(providers=real.providers, models=(*rows, larger))
    yield
    app.extensions["catalogue"] = real


def picture(workspace: Workspace, width_px: int, height_px: int, source: str = "uploaded") -> uuid.UUID:
    """A stored picture that says it is that large; nothing here looks at its pixels."""
    file = io.BytesIO()
    Image.new("RGB", (16, 16)).save(file, "PNG")
    file.seek(0)
    asset = uploads.add_file(workspace, FileStorage(file, "fox.png"), source=source)
    asset.width_px, asset.height_px = width_px, height_px
    db.session.commit()
    return asset.id


def outpaint(workspace: Workspace, size: tuple[int, int], preset: str, **wishes: object) -> GenerationSpec:
    sides = sides_for(*size, preset).as_params()
    return GenerationSpec.model_validate(
        {
            "prompt": "a fox",
            "operation": "outpaint",
            "image": picture(workspace, *size),
            "params": {"expand": sides},
            **wishes,
        }
    )


@pytest.mark.usefixtures("roomy")
def test_a_frame_beyond_the_model_names_its_largest_and_every_way_out(workspace: Workspace) -> None:
    with pytest.raises(TooLargeForModel) as refusal:
        planning.count(workspace, outpaint(workspace, (2400, 1800), "all"))
    assert refusal.value.message == (
        "The new frame would be 4800 × 3600, and Sketch extends to 4096 × 3072 at most in this shape. "
        "Choose 16:9 (3200 × 1800), begin with a picture of at most 2048 × 1536 or use Roomy."
    )
    assert set(refusal.value.fields) == {"params.expand"}


def test_nothing_is_reserved_or_sent(engine: Engine, workspace: Workspace, owner: User) -> None:
    with pytest.raises(TooLargeForModel):
        engine.submit(workspace, **outpaint(workspace, (4096, 4096), "16:9").model_dump(exclude_defaults=True))
    assert billing.usage_today(owner.id).used == 0
    assert engine.rung == []


@pytest.mark.usefixtures("roomy")
def test_what_the_adapter_scales_is_held_up_to_what_can_be_stored(workspace: Workspace) -> None:
    planning.plan(workspace, outpaint(workspace, (3000, 3000), "all", model="roomy"), rng=random.Random(1))
    with pytest.raises(TooLargeForModel) as refusal:
        planning.count(workspace, outpaint(workspace, (5000, 5000), "all", model="roomy"))
    assert "Roomy extends to 6324 × 6324" in refusal.value.message
    assert "use " not in refusal.value.message


@pytest.mark.parametrize(("operation", "verb"), [(Operation.INPAINT, "repaints"), (Operation.ITERATE, "changes")])
def test_a_picture_beyond_the_model_is_refused_the_same_way(
    workspace: Workspace, operation: Operation, verb: str
) -> None:
    wishes: dict[str, object] = {"image": picture(workspace, 6000, 4000)}
    if operation is Operation.INPAINT:
        wishes["mask"] = picture(workspace, 6000, 4000, "mask")
    spec = GenerationSpec.model_validate({"prompt": "a hat", "operation": operation, **wishes})
    with pytest.raises(TooLargeForModel, match=f"The picture is 6000 × 4000, and Sketch {verb} 4096 × 2730") as refusal:
        planning.plan(workspace, spec, rng=random.Random(1))
    assert set(refusal.value.fields) == {"image"}


def test_a_redrawn_picture_may_be_larger_for_it_is_scaled_to_the_models_size(workspace: Workspace) -> None:
    spec = GenerationSpec(prompt="a fox", operation=Operation.IMG2IMG, image=picture(workspace, 6000, 4000))
    assert planning.count(workspace, spec).pictures == 1


def test_several_models_read_their_one_source_once(workspace: Workspace) -> None:
    models = ("sketch", "sketch-pastel", "sketch-neon", "sketch-sepia")
    spec = GenerationSpec(prompt="snow", models=models, operation=Operation.ITERATE, image=picture(workspace, 90, 60))
    db.session.expire_all()
    with counted_queries() as statements:
        planning.count(workspace, spec)
    assert sum(f"FROM {Asset.__tablename__}" in each for each in statements) == 1
