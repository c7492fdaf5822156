"""Looking closely: one picture between its neighbours, several side by side, and a family; without scripts."""

from __future__ import annotations

import html
import re
import uuid

import pytest
from apiflask import APIFlask

from app.accounts.models import User
from app.db import db, utc_now
from app.library.models import Asset
from app.workspaces import queries
from app.workspaces.models import Workspace
from tests.support.engine import Engine
from tests.support.visitor import Visitor


@pytest.fixture
def workspace(owner: User) -> Workspace:
    return queries.workspaces_of(owner.id)[0]


@pytest.fixture
def visitor(app: APIFlask, owner: User) -> Visitor:
    return Visitor(app, owner.email)


@pytest.fixture
def pictures(engine: Engine, workspace: Workspace) -> list[Asset]:
    """A red and a blue fox of one batch, and the blue one redrawn with a hat."""
    engine.submit(workspace, "a {red|blue} fox", seed=7)
    engine.turn()
    blue = engine.assets()[1]
    engine.submit(workspace, "a blue fox with a hat", seed=7, image=blue.id, operation="img2img")
    engine.turn()
    return list(engine.assets())


def seen(text: str) -> str:
    """What a page says, without its markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", text)).split())


def page(visitor: Visitor, path: str) -> str:
    answer = visitor.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def test_a_picture_stands_between_its_neighbours_with_its_marks_as_forms(
    visitor: Visitor, pictures: list[Asset]
) -> None:
    red, blue, hat = pictures
    text = page(visitor, f"/images/{blue.id}")
    assert [re.search(rf'href="([^"]+)"[^>]*rel="{rel}"', text).group(1) for rel in ("prev", "next")] == [
        f"/images/{hat.id}",
        f"/images/{red.id}",
    ]  # fmt: skip
    assert "2 of 2" in seen(text)
    for fields in ({"favourite": "1"}, {"rating": "4"}, {"rejected": "1"}):
        assert visitor.post(f"/images/{blue.id}/marks", fields).headers["Location"] == f"/images/{blue.id}"
    db.session.expire_all()
    assert (blue.favourite, blue.rating, blue.rejected) == (True, 4, True)
    refused = visitor.post(f"/images/{blue.id}/marks", {"rating": "6"})
    assert refused.status_code == 422
    away = visitor.post(f"/images/{blue.id}/marks", {"rating": "0", "next": "https://elsewhere.example"})
    assert away.headers["Location"] == f"/images/{blue.id}"


def test_the_lightbox_gets_the_inside_of_the_same_page(visitor: Visitor, pictures: list[Asset]) -> None:
    inside = visitor.get(f"/images/{pictures[0].id}", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<html" not in inside
    assert "<h1" not in inside
    assert f'data-open-picture="{pictures[0].id}"' in inside


def test_compared_recipes_say_what_differs_and_that_the_rest_is_the_same(
    visitor: Visitor, pictures: list[Asset]
) -> None:
    red, blue, _ = pictures
    text = page(visitor, f"/compare?ids={red.id},{blue.id}")
    assert '<del class="words__out">red</del><ins class="words__in">blue</ins>' in text
    rows = {
        row[0]: row[1:]
        for row in (re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", each) for each in re.findall(r"<tr>.*?</tr>", text))
    }
    assert rows["Seed"] == ["7", "same"]
    assert rows["Size"] == ["64 × 64", "same"]


def test_four_pictures_can_be_compared_and_five_cannot(visitor: Visitor, engine: Engine, workspace: Workspace) -> None:
    engine.submit(workspace, batch_size=5)
    engine.turn()
    ids = [str(asset.id) for asset in engine.assets()]
    assert page(visitor, f"/compare?ids={','.join(ids[:4])}").count("data-window ") == 4
    for wrong in (ids, ids[:0]):
        refused = visitor.get(f"/compare?ids={','.join(wrong)}")
        assert refused.status_code == 422
        assert "Choose two to 4 pictures" in seen(refused.get_data(as_text=True))
    # One of a batch of five, named twice, is one picture, and compared with the one before it.
    there = visitor.get(f"/compare?ids={ids[2]},{ids[2]}").headers["Location"]
    assert re.findall(r"[0-9a-f-]{36}", there) == [ids[1], ids[2]]


def test_one_picture_is_compared_with_what_it_was_made_from_and_a_batch_with_itself(
    visitor: Visitor, pictures: list[Asset]
) -> None:
    red, blue, hat = pictures
    for asked, shown in (
        (f"ids={hat.id}", (blue, hat)),
        (f"ids={red.id}", (red, blue)),
        (f"batch_id={red.batch_id}", (red, blue)),
    ):
        there = visitor.get(f"/compare?{asked}").headers["Location"]
        assert re.findall(r"[0-9a-f-]{36}", there) == [str(each.id) for each in shown]


def test_one_is_kept_and_the_others_are_rejected(visitor: Visitor, pictures: list[Asset]) -> None:
    red, blue, hat = pictures
    visitor.get(f"/compare?ids={red.id},{blue.id},{hat.id}")
    ids = f"{red.id},{blue.id},{hat.id}"
    assert visitor.post("/compare/choice", {"ids": ids, "keep": str(uuid.uuid4())}).status_code == 422
    visitor.post("/compare/choice", {"ids": ids, "keep": str(blue.id)})
    db.session.expire_all()
    assert [(each.favourite, each.rejected) for each in pictures] == [(False, True), (True, False), (False, True)]


def test_a_lineage_tells_how_each_was_made_and_the_words_that_changed(visitor: Visitor, pictures: list[Asset]) -> None:
    _, blue, hat = pictures
    for asset, heading in ((blue, "What came of it"), (hat, "What made it")):
        text = page(visitor, f"/images/{asset.id}/lineage")
        assert heading in text
        assert 'fox<ins class="words__in"> with a hat</ins>' in text
        assert "From a picture" in text
    blue.deleted_at = utc_now()
    db.session.commit()
    text = page(visitor, f"/images/{hat.id}/lineage")
    assert "in the trash" in text
    assert f"/api/images/{blue.id}" not in text


def test_a_stranger_finds_nothing_to_look_at(app: APIFlask, stranger: User, pictures: list[Asset]) -> None:
    visitor = Visitor(app, stranger.email, "another long pass phrase")
    ids = ",".join(str(each.id) for each in pictures)
    for path in (
        f"/compare?ids={ids}",
        f"/compare?batch_id={pictures[0].batch_id}",
        f"/images/{pictures[0].id}/lineage",
    ):
        assert visitor.get(path).status_code == 404
    visitor.get("/workspaces")
    assert visitor.post("/compare/choice", {"ids": ids, "keep": str(pictures[0].id)}).status_code == 404
    assert visitor.post(f"/images/{pictures[0].id}/marks", {"favourite": "1"}).status_code == 404


def test_who_is_not_signed_in_is_asked_to(app: APIFlask, pictures: list[Asset]) -> None:
    for path in (f"/compare?ids={pictures[0].id}", f"/images/{pictures[0].id}/lineage"):
        assert "/auth/login" in Visitor(app).get(path).headers["Location"]
