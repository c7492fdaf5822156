"""A provider that repaints more than it was asked to: what it was not asked for stays the person's own."""

from __future__ import annotations

import io

import numpy as np
import pytest
from apiflask import APIFlask
from PIL import Image
from werkzeug.datastructures import FileStorage

from app.extensions import storage
from app.library import uploads
from app.library.models import Asset
from app.providers.catalogue import Catalogue
from app.providers.contract import Operation, Output, Outputs
from app.workspaces.models import Workspace
from tests.app.imaging.files import encoded, photo
from tests.support.engine import Engine
from tests.support.scripted import Scripted

SOURCE = photo(120, 80)


@pytest.fixture
def careless(app: APIFlask, free: Scripted) -> Scripted:
    """Answers with another picture altogether, at a size of its own, for a model whose row says so."""
    known: Catalogue = app.extensions["catalogue"]
    composited = {
        operation: doing.model_copy(update={"composite": operation in {Operation.INPAINT, Operation.OUTPAINT}})
        for operation, doing in known.models[0].operations.items()
    }
    first = known.models[0].model_copy(update={"operations": composited})
    app.extensions["catalogue"] = Catalogue(providers=known.providers, models=(first, *known.models[1:]))
    answer = Outputs((Output(encoded(Image.new("RGB", (200, 160), "blue")), "image/png"),))
    free.submitting = lambda _: answer
    return free


def brought(workspace: Workspace, image: Image.Image, source: str = "uploaded") -> Asset:
    return uploads.add_file(workspace, FileStorage(io.BytesIO(encoded(image)), "fox.png"), source=source)


def result_of(engine: Engine, workspace: Workspace, **wishes: object) -> Image.Image:
    batch = engine.submit(workspace, **wishes)
    engine.turn()
    assert engine.states(batch) == ["succeeded"]
    (asset,) = (each for each in engine.assets() if each.source == "generated")
    return Image.open(storage().path(asset.key))


def test_outside_the_mask_every_pixel_is_the_sources(engine: Engine, workspace: Workspace, careless: Scripted) -> None:
    mask = Image.new("L", SOURCE.size)
    mask.paste(255, (30, 20, 90, 60))
    source, mask_asset = brought(workspace, SOURCE), brought(workspace, mask, "mask")
    made = result_of(engine, workspace, operation="inpaint", image=source.id, mask=mask_asset.id)
    assert made.size == SOURCE.size
    untouched = np.asarray(mask) == 0
    assert np.array_equal(np.asarray(made)[untouched], np.asarray(SOURCE)[untouched])
    assert made.getpixel((60, 40)) == (0, 0, 255)


def test_every_picture_of_a_batch_with_macros_keeps_what_the_mask_keeps(
    engine: Engine, workspace: Workspace, careless: Scripted
) -> None:
    mask = Image.new("L", SOURCE.size)
    mask.paste(255, (0, 0, 60, 80))
    source, mask_asset = brought(workspace, SOURCE), brought(workspace, mask, "mask")
    batch = engine.submit(
        workspace, "a {red|blue} owl", operation="inpaint", image=source.id, mask=mask_asset.id, batch_size=2
    )
    engine.turn()
    made = [each for each in engine.assets() if each.source == "generated"]
    assert engine.states(batch) == ["succeeded"] * 4 == ["succeeded"] * len(made)
    for asset in made:
        with Image.open(storage().path(asset.key)) as image:
            assert np.array_equal(np.asarray(image)[:, 60:], np.asarray(SOURCE)[:, 60:])


def test_an_extension_leaves_the_picture_in_its_place(engine: Engine, workspace: Workspace, careless: Scripted) -> None:
    source = brought(workspace, SOURCE)
    expand = {"left": 40, "top": 0, "right": 0, "bottom": 16}
    made = result_of(engine, workspace, operation="outpaint", image=source.id, params={"expand": expand})
    assert made.size == (160, 96)
    assert np.array_equal(np.asarray(made)[:80, 40:], np.asarray(SOURCE))
    assert made.getpixel((5, 90)) == (0, 0, 255)


def test_what_was_not_asked_to_stay_is_all_the_models(engine: Engine, workspace: Workspace, careless: Scripted) -> None:
    made = result_of(engine, workspace, operation="img2img", image=brought(workspace, SOURCE).id)
    assert made.size == (200, 160)


def test_a_result_that_cannot_be_put_back_is_kept_as_it_came(
    engine: Engine, workspace: Workspace, careless: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = brought(workspace, SOURCE)
    storage().path(source.key).write_bytes(b"a picture no more")
    expand = {"left": 40, "top": 0, "right": 0, "bottom": 16}
    made = result_of(engine, workspace, operation="outpaint", image=source.id, params={"expand": expand})
    assert made.size == (200, 160)
