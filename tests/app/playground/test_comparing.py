"""Compare as pages and forms: with a script and without one."""

from __future__ import annotations

import html
import re
import uuid
from typing import Any

import pytest
from apiflask import APIFlask

from app.accounts.models import User
from app.db import db, new_id
from app.studio import queries, sessions
from app.studio.models import Session, Take
from app.workspaces import queries as workspaces
from app.workspaces.models import Workspace
from tests.support.engine import Engine
from tests.support.visitor import Visitor

HTMX = {"HX-Request": "true"}
MODELS = ["sketch", "sketch-pastel", "sketch-neon"]


@pytest.fixture
def workspace(owner: User) -> Workspace:
    return workspaces.workspaces_of(owner.id)[0]


@pytest.fixture
def visitor(app: APIFlask, owner: User) -> Visitor:
    return Visitor(app, owner.email)


def _start(visitor: Visitor, workspace: Workspace, **more: Any) -> Any:
    visitor.get(f"/w/{workspace.id}/compare")
    fields = {
        "prompt": "a lighthouse", "models": MODELS, "aspect": "Custom", "width": 96, "height": 64,
        "idempotency_key": str(new_id()),
    }  # fmt: skip
    return visitor.post(f"/w/{workspace.id}/compare", fields | more)


@pytest.fixture
def session(engine: Engine, visitor: Visitor, workspace: Workspace) -> Session:
    """Three columns with their originals."""
    address = _start(visitor, workspace).headers["Location"]
    engine.turn()
    return db.session.get_one(Session, uuid.UUID(address.rsplit("/", 1)[1]))


def _takes(session: Session) -> list[Take]:
    db.session.expire_all()
    return [take for take, _ in queries.takes_of([column.id for column in queries.columns_of([session.id])])]


def _step(visitor: Visitor, session: Session, headers: dict[str, str] | None = None, **fields: Any) -> Any:
    sent = {"idempotency_key": str(new_id()), **fields}
    return visitor.post(f"/compare/{session.id}/steps", sent, headers=headers or {})


def test_the_first_columns_without_any_key_are_the_moods_of_sketch(visitor: Visitor, workspace: Workspace) -> None:
    page = visitor.get(f"/w/{workspace.id}/compare").text
    assert re.findall(r'<option value="([^"]+)"[^>]* selected', page)[:4] == [*MODELS, "sketch-sepia"]
    assert "Generate 4 · free" in page


def test_a_prompt_opens_a_session_that_the_tab_leads_back_to(visitor: Visitor, session: Session) -> None:
    page = visitor.get(f"/compare/{session.id}").text
    assert "3 originals, 0 iterations" in page
    assert len(re.findall(r"<section class=\"column\"", page)) == 3
    assert visitor.get(f"/w/{session.workspace_id}/compare").headers["Location"].endswith(str(session.id))
    assert "One prompt, several models" in visitor.get(f"/w/{session.workspace_id}/compare?new=1").text


def test_the_library_reopens_what_was_made_in_columns_there(
    visitor: Visitor, engine: Engine, session: Session, workspace: Workspace
) -> None:
    def leads_to(address: str) -> str:
        while address.startswith(("/images/", f"/w/{workspace.id}/reopen")):
            address = visitor.get(address).headers["Location"]
        return address

    columns, in_columns = f"/compare/{session.id}", engine.assets()[0]
    for grouping in ("session", "batch", "prompt"):
        [address] = re.findall(r'href="([^"]+)" aria-label="Reopen', visitor.get(f"/library?group={grouping}").text)
        assert leads_to(address) == columns
    [address] = re.findall(r'href="([^"]+)" aria-label="Reopen', visitor.get("/library/sessions").text)
    assert leads_to(html.unescape(address)) == columns
    assert f'href="{columns}"' in visitor.get(f"/images/{in_columns.id}/inspector").text

    # A picture of the canvas, or of columns that were deleted, goes back to the canvas.
    engine.submit(workspace, "a fox on its own")
    engine.turn()
    alone = engine.assets()[-1]
    assert leads_to(f"/images/{alone.id}/reopen") == f"/w/{workspace.id}?recipe={alone.id}&use=prompt"
    visitor.post(f"/compare/{session.id}/deletion", {})
    assert leads_to(f"/images/{in_columns.id}/reopen").startswith(f"/w/{workspace.id}?")


def test_the_next_session_begins_with_the_columns_of_the_last_in_their_order(
    engine: Engine, visitor: Visitor, workspace: Workspace
) -> None:
    _start(visitor, workspace, models=["sketch-sepia", "", "sketch"])
    page = visitor.get(f"/w/{workspace.id}/compare?new=1").text
    assert re.findall(r'<option value="([^"]+)"[^>]* selected', page) == ["sketch-sepia", "sketch"]


def test_the_button_learns_what_the_form_would_cost(visitor: Visitor, workspace: Workspace) -> None:
    visitor.get(f"/w/{workspace.id}/compare")
    fields = {"prompt": "a {red|blue} fox", "models": ["sketch", "", "sketch-sepia"], "aspect": "3:2"}
    told = visitor.post(f"/w/{workspace.id}/compare/estimate", fields).get_json()
    assert (told["count"], told["price_text"]) == ("2", "free")


def test_what_cannot_begin_is_said_at_its_field_and_keeps_the_form(visitor: Visitor, workspace: Workspace) -> None:
    page = _start(visitor, workspace, prompt="", negative_prompt="collars", models=["sketch-neon"])
    assert page.status_code == 422
    assert "Write what the picture should show" in page.text
    assert "collars" in page.text
    assert re.findall(r'<option value="([^"]+)"[^>]* selected', page.text) == ["sketch-neon"]
    none = _start(visitor, workspace, models=[""])
    assert (none.status_code, "Choose at least one model" in none.text) == (422, True)


def test_a_step_without_a_script_leads_back_to_the_session(engine: Engine, visitor: Visitor, session: Session) -> None:
    first = _takes(session)[0]
    answer = _step(visitor, session, take_id=first.id, prompt="make it darker")
    assert answer.status_code == 302
    engine.turn()
    page = visitor.get(f"/compare/{session.id}").text
    assert "make it darker" in page
    assert "1 of 7" in page


def test_one_prompt_drives_selected_pictures_and_answers_with_their_columns(
    engine: Engine, visitor: Visitor, session: Session
) -> None:
    images = ",".join(str(asset.id) for asset in engine.assets()[:2])
    answer = _step(visitor, session, HTMX, image_ids=images, prompt="light the lamp")
    assert answer.status_code == 200
    assert answer.text.count('class="column__takes"') == 2
    assert answer.text.count('class="column__figures"') == 3
    assert sorted(take.number for take in _takes(session)) == [0, 0, 0, 1, 1]


def test_every_preset_extends_the_chosen_picture(engine: Engine, visitor: Visitor, session: Session) -> None:
    take = _takes(session)[0]
    for preset in ("16:9", "9:16", "1:1", "4:3", "all"):
        assert _step(visitor, session, HTMX, take_id=take.id, preset=preset).status_code == 200
    engine.turn()
    assert [each.request for each in _takes(session) if each.column_id == take.column_id][1:] == [
        "Outpaint 16:9", "Outpaint 9:16", "Outpaint 1:1", "Outpaint 4:3", "Outpaint all sides",
    ]  # fmt: skip


def test_the_eighth_is_refused_in_its_own_column(engine: Engine, visitor: Visitor, session: Session) -> None:
    take = _takes(session)[0]
    for each in range(7):
        _step(visitor, session, HTMX, take_id=take.id, prompt=f"variation {each}")
    answer = _step(visitor, session, HTMX, take_id=take.id, prompt="one too many")
    assert answer.status_code == 409
    assert re.search(rf'id="refused-{take.column_id}".*7 iterations', answer.text)


def test_an_empty_step_and_an_unknown_shape_are_refused_with_a_sentence(visitor: Visitor, session: Session) -> None:
    take = _takes(session)[0]
    assert "Say what to change" in _step(visitor, session, HTMX, take_id=take.id, prompt=" ").text
    assert _step(visitor, session, HTMX, take_id=take.id, preset="2:1").status_code == 422
    assert _step(visitor, session, HTMX, take_id=uuid.uuid4(), prompt="x").status_code == 404


def test_figures_bring_columns_only_when_something_new_stands_in_them(
    engine: Engine, visitor: Visitor, session: Session
) -> None:
    known = ",".join(take.id.hex[-12:] for take in _takes(session))
    figures = f"/compare/{session.id}/figures?known="
    assert 'class="column__takes"' not in visitor.get(figures + known, headers=HTMX).text
    _step(visitor, session, take_id=_takes(session)[1].id, prompt="darker")
    assert visitor.get(figures + known, headers=HTMX).text.count('class="column__takes"') == 1


def test_a_picture_in_the_trash_leaves_its_place(engine: Engine, visitor: Visitor, session: Session) -> None:
    from app.library import marks

    marks.trash(session.owner_id, [engine.assets()[0].id])
    assert "In the trash" in visitor.get(f"/compare/{session.id}").text


def test_the_gallery_nests_iterations_and_takes_a_deletion_back(
    engine: Engine, visitor: Visitor, session: Session
) -> None:
    _step(visitor, session, take_id=_takes(session)[0].id, prompt="darker")
    engine.turn()
    visitor.post(f"/compare/{session.id}/name", {"name": "Lamps"})
    page = visitor.get("/gallery").text
    assert "Lamps" in page
    assert page.count('class="shelf__original"') == 3
    assert page.count('class="shelf__iterations"') == 1
    gone = visitor.post(f"/compare/{session.id}/deletion", {}).headers["Location"]
    assert "Deleted “Lamps”" in visitor.get(gone).text
    assert visitor.get(f"/compare/{session.id}").status_code == 404
    visitor.post(f"/compare/{session.id}/restoration", {})
    assert visitor.get(f"/compare/{session.id}").status_code == 200


def test_somebody_elses_session_is_missing_everywhere(app: APIFlask, owner: User, stranger: User) -> None:
    workspace = workspaces.workspaces_of(owner.id)[0]
    session = sessions.create(workspace, ["sketch"], name="Secret lamps")
    other = Visitor(app, stranger.email, "another long pass phrase")
    other.get("/gallery")
    assert other.get(f"/compare/{session.id}").status_code == 404
    assert other.get(f"/compare/{session.id}/figures").status_code == 404
    for act in ("steps", "name", "deletion", "restoration"):
        assert other.post(f"/compare/{session.id}/{act}", {"prompt": "x"}).status_code == 404
    assert other.get(f"/w/{workspace.id}/compare").status_code == 404
    assert "Secret lamps" not in other.get("/gallery").text
