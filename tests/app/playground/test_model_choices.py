"""The form asks what the models have, each setting where it has a meaning."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from PIL import Image
from werkzeug.datastructures import FileStorage

from app import provider_heads
from app.accounts.models import User
from app.library import uploads
from app.playground import create_form, model_choices
from app.providers.catalogue import Catalogue, reading
from app.providers.contract import Operation
from app.providers.registry import catalogue
from app.workspaces import queries
from app.workspaces.models import Workspace
from tests.app.playground.test_pages import form
from tests.support.engine import Engine
from tests.support.scripted import stand_in
from tests.support.visitor import Visitor


@pytest.fixture
def workspace(owner: User) -> Workspace:
    return queries.workspaces_of(owner.id)[0]


@pytest.fixture
def visitor(app: APIFlask, owner: User, workspace: Workspace) -> Visitor:
    visitor = Visitor(app, owner.email)
    visitor.get(f"/w/{workspace.id}")
    return visitor


def places_of(models: Catalogue) -> dict[str, tuple[str, ...]]:
    settings = model_choices.settings(models.offering(Operation.TXT2IMG))
    return {setting.id: setting.places for setting in settings}


def test_a_setting_is_asked_only_where_its_model_takes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = reading.load()
    for module in (model_choices, create_form):
        monkeypatch.setattr(module, "catalogue", lambda: ours)
    places = places_of(ours)
    painters = ("sketch", "sketch-pastel", "sketch-neon", "sketch-sepia")
    assert places["strength"] == tuple(f"{painter}/img2img" for painter in painters)
    assert "sketch/txt2img" in places["format"]
    # Enlarging and animating are done by siblings of the chosen model, with settings of their own.
    assert places["factor"] == tuple(f"{painter}/upscale" for painter in painters)
    assert places["duration_s"] == places["fps"] == tuple(f"{painter}/img2vid" for painter in painters)


def test_two_ranges_of_one_name_are_two_fields_and_equal_ones_are_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = (provider_heads.CATALOGUE / "sketch.yaml").read_text(encoding="utf-8")
    row = text[text.index("  - id: sketch\n") : text.index("  - id: sketch-upscale")]
    other = row.replace("id: sketch", "id: other").replace("endpoint: sketch", "endpoint: other")
    other = other.replace("default: 0.6", "default: 0.3").replace("&painting", "")
    (tmp_path / "sketch.yaml").write_text(text + other, encoding="utf-8")
    more = reading.load(tmp_path)
    for module in (model_choices, create_form):
        monkeypatch.setattr(module, "catalogue", lambda: more)
    places = places_of(more)
    painters = ("sketch", "sketch-pastel", "sketch-neon", "sketch-sepia")
    assert places["strength"] == tuple(f"{painter}/img2img" for painter in painters)
    assert places["strength-2"] == ("other/img2img",)
    assert {"sketch/txt2img", "other/txt2img"} <= set(places["format"])


def test_what_is_asked_reaches_the_file(visitor: Visitor, engine: Engine, workspace: Workspace) -> None:
    page = visitor.get(f"/w/{workspace.id}?format=webp").get_data(as_text=True)
    assert re.search(r'<option value="webp"\s+selected', page)
    assert "cfg_scale" not in page
    visitor.post(f"/w/{workspace.id}/batches", form(format="webp", factor="4"))
    engine.turn()
    assert engine.assets()[0].mime == "image/webp"


def test_a_picture_is_extended_to_four_by_three(visitor: Visitor, engine: Engine, workspace: Workspace) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(picture, "PNG")
    picture.seek(0)
    fields = form("a lake", frame="4:3", operation="outpaint", image=(picture, "lake.png"))
    assert visitor.post(f"/w/{workspace.id}/batches", fields, content_type="multipart/form-data").status_code == 302
    engine.turn()
    _, made = engine.assets()
    assert made.height_px == 64
    assert made.width_px / made.height_px == pytest.approx(4 / 3, abs=0.02)


def test_the_button_is_told_what_the_form_would_cost(
    app: APIFlask, visitor: Visitor, workspace: Workspace, engine: Engine
) -> None:
    stand_in(app, paid=True)
    address = f"/w/{workspace.id}/estimate"
    told = visitor.post(address, form(prompt="a {red|blue} fox", batch_size="2", idempotency_key="k"))
    assert told.status_code == 200
    assert told.json is not None
    assert (told.json["count"], told.json["price_text"], told.json["notes"]) == ("4", "$0.16", [])
    refused = visitor.post(address, form(prompt="a fox", model="of-nobody"), headers={"Accept": "application/json"})
    assert refused.status_code == 422
    assert "of-nobody" in refused.get_data(as_text=True)
    assert engine.assets() == []


def test_a_frame_that_the_model_cannot_hold_is_told_at_the_button_and_refused_at_the_frame(
    visitor: Visitor, engine: Engine, workspace: Workspace
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (2400, 100), "teal").save(picture, "PNG")
    picture.seek(0)
    image_id = str(uploads.add_file(workspace, FileStorage(picture, "lake.png")).id)
    fields = form("a lake", frame="all", operation="outpaint", image_id=image_id)
    told = visitor.post(f"/w/{workspace.id}/estimate", fields).get_json()
    assert "Sketch extends to 4096 × 170" in told["refused"]
    page = visitor.post(f"/w/{workspace.id}/batches", fields)
    assert page.status_code == 422
    at_the_frame = page.get_data(as_text=True).partition('id="frame-error"')[2]
    assert at_the_frame.partition("</p>")[0].strip().endswith(f"{told['refused']}</span>")
    assert len(engine.assets()) == 1


def test_without_a_script_one_slider_of_a_name_is_shown(app: APIFlask) -> None:
    strength = catalogue().models[0].parameters["strength"]
    macros: Any = app.jinja_env.get_template("components/setting.html").module
    fields = [model_choices.Setting(each, "strength", strength, ()) for each in ("strength", "strength-2")]
    with app.test_request_context():
        assert ["needs-script" in macros.setting_field(field, {}, {}) for field in fields] == [False, True]


def test_of_several_fields_of_one_name_the_one_that_was_filled_in_counts(
    visitor: Visitor, engine: Engine, workspace: Workspace
) -> None:
    visitor.post(f"/w/{workspace.id}/batches", {**form("a lake"), "format": ["", "webp"]})
    engine.turn()
    assert engine.assets()[0].mime == "image/webp"
