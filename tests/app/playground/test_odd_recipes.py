"""A file from outside may carry a recipe of any shape: its picture is shown all the same."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from app.imaging.recipe import with_recipe
from app.library import uploads
from app.library.recipe_reading import readable
from app.workspaces.models import Workspace
from tests.app.playground.test_model_choices import visitor, workspace  # noqa: F401 - fixtures
from tests.support.visitor import Visitor

TEXTS = ("template", "prompt", "negative_prompt", "model", "operation")
ODD: list[Any] = [{}, [], "words", -1, 1e308, True, {"image": [1]}, "\u0000", 10**30]


def a_png(recipe: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "PNG")
    return with_recipe(file.getvalue(), "image/png", recipe)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_a_picture_with_an_odd_recipe_is_shown(
    visitor: Visitor,  # noqa: F811
    workspace: Workspace,  # noqa: F811
    odd: Any,
) -> None:
    parts = [*TEXTS, "seed", "width_px", "height_px", "choices", "params", "style", "parents"]
    whole = dict.fromkeys(parts, odd)
    inner = {"params": {"steps": odd, "strength": odd}, "parents": {"image": odd}, "style": {"style": odd}}
    fox = {"prompt": "a fox", "width_px": 64, "height_px": 64}
    for recipe in (whole, fox | {"operation": odd}, fox | inner | {"choices": [odd, {"text": odd}]}):
        image = uploads.add_bytes(workspace, a_png(recipe), shown_name="odd.png")
        for path in ("", "/inspector", "/lineage"):
            assert visitor.get(f"/images/{image.id}{path}").status_code == 200


def test_only_what_has_its_kind_is_read() -> None:
    recipe = {"prompt": "a fox", "seed": True, "width_px": 64, "params": [], "style": {}, "made_by": "somebody"}
    assert readable(recipe) == {"prompt": "a fox", "width_px": 64, "style": {}}
