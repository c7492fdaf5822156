"""The canvas, the queue and the picture page, as a browser without scripts uses them."""

from __future__ import annotations

import io
import re

import pytest
from apiflask import APIFlask
from PIL import Image

from app import limits
from app.accounts.models import User
from app.workspaces import queries
from app.workspaces.models import Workspace
from tests.support.engine import Engine
from tests.support.visitor import Visitor


@pytest.fixture
def workspace(owner: User) -> Workspace:
    return queries.workspaces_of(owner.id)[0]


@pytest.fixture
def visitor(app: APIFlask, owner: User, workspace: Workspace) -> Visitor:
    visitor = Visitor(app, owner.email)
    visitor.get(f"/w/{workspace.id}")
    return visitor


def form(prompt: str = "a red fox", **more: object) -> dict[str, object]:
    return {"prompt": prompt, "model": "sketch", "aspect": "1:1", "batch_size": "1", "idempotency_key": "k1", **more}


def test_a_prompt_becomes_pictures_without_a_script(visitor: Visitor, engine: Engine, workspace: Workspace) -> None:
    canvas = f"/w/{workspace.id}"
    asked = visitor.post(f"{canvas}/batches", form("a {red|green|blue} fox, {dawn|dusk} light"))
    text = asked.get_data(as_text=True)
    assert asked.status_code == 200
    assert "Generate batch of 6 images?" in text
    assert "a green fox, dusk light" in text
    sent = visitor.post(
        f"{canvas}/batches", form("a {red|green|blue} fox, {dawn|dusk} light", confirmed="1", pick="all")
    )
    assert sent.headers["Location"] == canvas
    assert "Generating 6 images..." in visitor.get(canvas).get_data(as_text=True)
    engine.turn()
    page = visitor.get(canvas).get_data(as_text=True)
    assert page.count("data-picture data-id=") == 6


def test_two_combinations_are_made_without_asking(visitor: Visitor, engine: Engine, workspace: Workspace) -> None:
    assert visitor.post(f"/w/{workspace.id}/batches", form("a {red|green} fox")).status_code == 302


def test_the_same_form_sent_twice_makes_one_batch(visitor: Visitor, engine: Engine, workspace: Workspace) -> None:
    for _ in range(2):
        assert visitor.post(f"/w/{workspace.id}/batches", form()).status_code == 302
    engine.turn()
    assert len(engine.assets()) == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"prompt": ""}, "Write what the picture should show."),
        ({"prompt": "a {red|green fox"}, "column 3"),
        ({"prompt": "x" * 4001}, "4,000 characters"),
        ({"model": "midjourney"}, "There is no model called"),
        ({"seed": "many"}, "Seeds are whole numbers"),
        ({"batch_size": "0"}, "from 1 on"),
        ({"style_id": "not-an-id"}, "Use the id"),
    ],
)
def test_a_refused_form_comes_back_with_a_sentence_and_what_was_typed(
    visitor: Visitor, engine: Engine, workspace: Workspace, fields: dict[str, str], sentence: str
) -> None:
    answer = visitor.post(f"/w/{workspace.id}/batches", {**form("a fox nobody may lose"), **fields})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in text
    if "prompt" not in fields:
        assert "a fox nobody may lose" in text


def test_the_form_clamps_a_seed(visitor: Visitor, engine: Engine, workspace: Workspace) -> None:
    visitor.post(f"/w/{workspace.id}/batches", form(seed="99999999999"))
    engine.turn()
    assert engine.assets()[0].recipe["seed"] == 2**32 - 1


def test_an_uploaded_picture_is_redrawn_and_kept_as_the_parent(
    visitor: Visitor, engine: Engine, workspace: Workspace
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (96, 64), "teal").save(picture, "PNG")
    picture.seek(0)
    fields = form("a lake", aspect="Auto", operation="img2img", strength="0.4", image=(picture, "lake.png"))
    assert visitor.post(f"/w/{workspace.id}/batches", fields, content_type="multipart/form-data").status_code == 302
    engine.turn()
    uploaded, made = engine.assets()
    assert (uploaded.source, uploaded.shown_name, made.width_px, made.height_px) == ("uploaded", "lake.png", 96, 64)
    assert made.recipe["parents"] == {"image": str(uploaded.id)}
    page = visitor.get(f"/images/{made.id}").get_data(as_text=True)
    assert f"/images/{uploaded.id}" in page


def test_a_file_that_is_no_picture_is_refused_at_its_field(
    visitor: Visitor, engine: Engine, workspace: Workspace
) -> None:
    fields = form("a lake", image=(io.BytesIO(b"<svg onload=alert(1)>"), "x.png"))
    answer = visitor.post(f"/w/{workspace.id}/batches", fields, content_type="multipart/form-data")
    assert answer.status_code == 415
    assert "not a picture we take" in answer.get_data(as_text=True)


def test_the_picture_page_shows_the_prompt_as_typed_and_as_sent(
    visitor: Visitor, engine: Engine, workspace: Workspace
) -> None:
    engine.submit(workspace, "a {red|blue} fox <b>", seed=3)
    engine.turn()
    page = visitor.get(f"/images/{engine.assets()[0].id}").get_data(as_text=True)
    assert "a {red|blue} fox &lt;b&gt;" in page
    assert "a red fox &lt;b&gt;" in page
    filled = re.search(r'href="(/w/[^"]*use=seed)"', page)
    assert filled is not None
    assert 'value="3"' in visitor.get(filled.group(1).replace("&amp;", "&")).get_data(as_text=True)


def test_a_pictures_page_is_its_owners_alone(
    app: APIFlask, engine: Engine, workspace: Workspace, stranger: User
) -> None:
    engine.submit(workspace)
    engine.turn()
    visitor = Visitor(app, stranger.email, "another long pass phrase")
    assert visitor.get(f"/images/{engine.assets()[0].id}").status_code == 404
    assert visitor.get(f"/w/{workspace.id}").status_code == 404
    assert visitor.post(f"/w/{workspace.id}/batches", form()).status_code == 404


def test_the_queue_says_why_and_lets_its_owner_act(visitor: Visitor, engine: Engine, workspace: Workspace) -> None:
    batch = engine.submit(workspace, batch_size=4)
    engine.place()
    page = visitor.get("/queue").get_data(as_text=True)
    assert "2 running, 2 waiting" in page
    visitor.post("/queue/pause")
    assert "Paused by you" in visitor.get("/queue").get_data(as_text=True)
    visitor.post("/queue/resumption")
    last = engine.jobs(batch)[3]
    visitor.post(f"/jobs/{last.id}/moves", {"to": "top"})
    assert min(engine.jobs(batch)[2:], key=lambda job: job.position).id == last.id
    visitor.post("/queue/cancellation")
    engine.run_placed()
    assert engine.states(batch) == ["cancelled"] * 4


def test_a_paused_queue_promises_nothing(visitor: Visitor, engine: Engine, workspace: Workspace) -> None:
    engine.submit(workspace, batch_size=2)
    visitor.post("/queue/pause")
    page = visitor.get(f"/w/{workspace.id}").get_data(as_text=True)
    assert "paused by you" in page
    assert " left</p>" not in page
    assert "waits for its turn" not in page


def test_pages_of_many_pictures_go_on_where_the_last_one_ended(
    visitor: Visitor, engine: Engine, workspace: Workspace
) -> None:
    engine.submit(workspace, batch_size=63)
    engine.turn()
    first = visitor.get(f"/w/{workspace.id}").get_data(as_text=True)
    further = re.search(rf'href="(/w/{workspace.id}\?after=[^"]+)"', first)
    assert further is not None
    second = visitor.get(further.group(1)).get_data(as_text=True)
    images = [re.findall(r'data-picture data-id="([^"]+)"', page) for page in (first, second)]
    assert [len(page) for page in images] == [60, 3]
    assert not set(images[0]) & set(images[1])


@pytest.mark.parametrize(
    ("operation", "fields", "size", "kind"),
    [
        ("iterate", {"aspect": "16:9"}, (96, 64), "image"),
        ("outpaint", {"frame": "1:1"}, (96, 96), "image"),
        ("outpaint", {"frame": "all"}, (192, 128), "image"),
        ("outpaint", {"frame": "own", "expand_left": "4", "expand_bottom": "8"}, (100, 72), "image"),
        ("upscale", {"aspect": "1:1"}, (192, 128), "image"),
        ("img2vid", {"aspect": "Auto"}, (96, 64), "video"),
    ],
)
def test_a_picture_can_be_changed_extended_enlarged_and_animated(
    visitor: Visitor,
    engine: Engine,
    workspace: Workspace,
    operation: str,
    fields: dict[str, str],
    size: tuple[int, int],
    kind: str,
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (96, 64), "teal").save(picture, "PNG")
    picture.seek(0)
    sent = form("warmer", operation=operation, image=(picture, "lake.png"), **fields)
    answer = visitor.post(f"/w/{workspace.id}/batches", sent, content_type="multipart/form-data")
    assert answer.status_code == 302, answer.get_data(as_text=True)
    engine.turn()
    made = engine.assets()[1]
    assert (made.width_px, made.height_px, made.kind) == (*size, kind)
    job = made.recipe
    assert (job["width_px"], job["height_px"]) == size


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"frame": "own"}, "Say how many pixels to add, on one side at least."),
        ({"frame": "own", "expand_left": "-4"}, "Write the sides in whole pixels, 0 or more."),
        ({"frame": "own", "expand_left": "many"}, "Write the sides in whole pixels, 0 or more."),
        ({"frame": "1:1"}, "The picture has that shape already: choose another shape or Expand All."),
        ({"frame": "5:4"}, "Choose one of: 16:9, 9:16, 1:1, 4:3, all."),
        ({"frame": "16:9", "anchor": "corner"}, "Choose one of: middle, left, right, top, bottom."),
    ],
)
def test_a_frame_that_adds_nothing_is_refused_where_it_was_chosen(
    visitor: Visitor, workspace: Workspace, fields: dict[str, str], sentence: str
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(picture, "PNG")
    picture.seek(0)
    sent = form("a lake", operation="outpaint", image=(picture, "lake.png"), **fields)
    answer = visitor.post(f"/w/{workspace.id}/batches", sent, content_type="multipart/form-data")
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert sentence in page
    assert 'id="frame-error"' in page


def test_a_size_of_ones_own_is_made_and_comes_back_with_all_of_the_recipe(
    visitor: Visitor, engine: Engine, workspace: Workspace
) -> None:
    canvas = f"/w/{workspace.id}"
    refused = visitor.post(f"{canvas}/batches", form(aspect="Custom", width="9000", height="104"))
    assert refused.status_code == 422
    assert 'id="width-error"' in refused.get_data(as_text=True)
    visitor.post(f"{canvas}/batches", form(aspect="Custom", width="200", height="104", seed="3", format="webp"))
    engine.turn()
    made = engine.assets()[0]
    assert (made.width_px, made.height_px) == (200, 104)
    started = visitor.get(f"/images/{made.id}/start?use=all")
    page = visitor.get(started.headers["Location"]).get_data(as_text=True)
    assert re.search(r'value="Custom"[^>]* checked', page)
    assert re.search(r'name="width"[^>]* value="200"', page)
    assert re.search(r'<option value="webp"[^>]* selected', page)


def test_all_of_a_changed_pictures_recipe_starts_from_the_same_picture(
    visitor: Visitor, engine: Engine, workspace: Workspace
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (96, 64), "teal").save(picture, "PNG")
    picture.seek(0)
    fields = form("a lake", aspect="4:3", operation="img2img", strength="0.4", image=(picture, "lake.png"))
    visitor.post(f"/w/{workspace.id}/batches", fields, content_type="multipart/form-data")
    engine.turn()
    uploaded, made = engine.assets()
    place = visitor.get(f"/images/{made.id}/start?use=all").headers["Location"]
    page = visitor.get(place).get_data(as_text=True)
    assert str(uploaded.id) in page
    assert re.search(r'<option value="img2img"[^>]* selected', page)
    assert re.search(r'name="strength"[^>]* value="0.4"', page)
    assert re.search(r'value="4:3"[^>]* checked', page)
    # What a script puts back of an older draft leaves these alone.
    filled = re.search(r'data-filled="([^"]+)"', page)
    assert filled is not None
    assert {"prompt", "model", "image_id", "operation", "strength", "aspect"} <= set(filled.group(1).split())


def test_the_longest_prompt_goes_back_into_the_form(visitor: Visitor, engine: Engine, workspace: Workspace) -> None:
    prompt = ("Füchse im Schnee, " * 300)[: limits.PROMPT_CHARS].strip()
    engine.submit(workspace, prompt)
    engine.turn()
    made = engine.assets()[0]
    for way in ("start?use=all", "start?operation=upscale", "reopen"):
        answer = visitor.get(visitor.get(f"/images/{made.id}/{way}").headers["Location"])
        assert answer.status_code == 200, way
        assert prompt in answer.get_data(as_text=True), way
