from __future__ import annotations

import uuid
from typing import Any

import pytest

from app.accounts.models import User
from app.db import db
from app.library import marks, queries
from app.library.marks import Marks
from app.library.models import AssetTag
from app.live.stream import current_cursor, missed
from app.workspaces.models import Workspace
from tests.app.api.conftest import Caller, CallerFor
from tests.support.engine import Engine

UNMARKED = {"favourite": False, "rejected": False, "rating": 0, "tags": []}


@pytest.fixture
def ids(engine: Engine, workspace: Workspace) -> list[str]:
    """Three pictures, newest first."""
    engine.submit(workspace, batch_size=2)
    engine.submit(workspace)
    engine.turn()
    return sorted((str(asset.id) for asset in engine.assets()), reverse=True)


def marks_of(call: Caller, image_id: str) -> dict[str, Any]:
    image = call.get(f"/api/images/{image_id}")
    return {name: image[name] for name in UNMARKED}


def test_many_are_marked_at_once_and_what_was_before_comes_back(call: Caller, ids: list[str]) -> None:
    call.post("/api/images/marks", {"ids": ids[:1], "rating": 2})
    answer = call.post("/api/images/marks", {"ids": ids, "favourite": True, "add_tags": ["#Keepers", "  deep   sea "]})
    assert answer["changed"] == 3
    assert [each["id"] for each in answer["before"]] == ids
    assert answer["before"][0] == {**UNMARKED, "id": ids[0], "rating": 2}
    assert marks_of(call, ids[0]) == {
        "favourite": True, "rejected": False, "rating": 2, "tags": ["deep sea", "keepers"]
    }  # fmt: skip


def test_undoing_is_writing_back_what_was_before(call: Caller, ids: list[str]) -> None:
    tagged = call.post("/api/images/marks", {"ids": ids[:1], "rejected": True, "add_tags": ["dusk"]})["before"][0]
    undo = {name: tagged[name] for name in ("favourite", "rejected", "rating")}
    call.post("/api/images/marks", {"ids": ids[:1], **undo, "remove_tags": ["dusk"]})
    assert marks_of(call, ids[0]) == UNMARKED


def test_the_same_mark_twice_is_no_error(call: Caller, ids: list[str]) -> None:
    for _ in range(2):
        call.post("/api/images/marks", {"ids": ids, "add_tags": ["dusk", "dusk"], "remove_tags": ["dawn"]})
    assert marks_of(call, ids[0])["tags"] == ["dusk"]


def test_two_who_add_the_same_tag_at_once_both_succeed(
    call: Caller, ids: list[str], owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = uuid.UUID(ids[0])
    read = queries.tags_of

    def read_and_be_overtaken(image_ids: list[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
        found = read(image_ids)
        db.session.add(AssetTag(asset_id=image_id, name="dusk"))
        db.session.flush()
        db.session.expunge_all()
        return found

    monkeypatch.setattr(queries, "tags_of", read_and_be_overtaken)
    marks.set_marks(owner.id, [image_id], Marks(add_tags=["dusk"]))
    monkeypatch.undo()
    assert marks_of(call, ids[0])["tags"] == ["dusk"]


def test_one_picture_is_marked_by_its_own_address(call: Caller, ids: list[str]) -> None:
    assert call.done("PATCH", f"/api/images/{ids[0]}", {"rating": 5})["rating"] == 5
    assert call.done("PATCH", f"/api/images/{ids[0]}", {"rejected": True})["rating"] == 5


def test_what_is_put_aside_is_gone_from_lists_until_it_is_restored(call: Caller, ids: list[str]) -> None:
    assert call.post("/api/images/trash", {"ids": ids[:2]}) == {"trashed": 2}
    assert call.post("/api/images/trash", {"ids": ids[:2]}) == {"trashed": 0}
    assert [image["id"] for image in call.get("/api/images")["items"]] == ids[2:]
    assert call.post("/api/images/marks", {"ids": ids[:1], "rating": 1})["changed"] == 0
    assert call.post("/api/images/restore", {"ids": ids}) == {"restored": 2}
    assert [image["id"] for image in call.get("/api/images")["items"]] == ids


def test_somebody_elses_pictures_are_passed_over(
    call: Caller, ids: list[str], stranger: User, caller_for: CallerFor
) -> None:
    other = caller_for(stranger)
    assert other.post("/api/images/marks", {"ids": ids, "favourite": True}) == {"changed": 0, "before": []}
    assert other.post("/api/images/trash", {"ids": ids}) == {"trashed": 0}
    call.post("/api/images/trash", {"ids": ids})
    assert other.post("/api/images/restore", {"ids": ids}) == {"restored": 0}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "body"),
        ({"rating": 6}, "rating"),
        ({"rating": True}, "rating"),
        ({"favourite": "yes"}, "favourite"),
        ({"add_tags": ["x" * 41]}, "add_tags.0"),
        ({"add_tags": ["# "]}, "add_tags.0"),
        ({"add_tags": ["x"] * 31}, "add_tags"),
        ({"ids": []}, "ids"),
        ({"ids": [str(uuid.uuid4())] * 501}, "ids"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(call: Caller, wrong: dict[str, Any], field: str) -> None:
    answer = call("POST", "/api/images/marks", {"ids": [str(uuid.uuid4())], **wrong})
    assert answer.status_code == 422
    assert field in answer.get_json()["error"]["fields"]


def test_a_picture_takes_thirty_tags_and_not_one_more(call: Caller, ids: list[str]) -> None:
    call.post("/api/images/marks", {"ids": ids[:1], "add_tags": [f"tag {n:02}" for n in range(30)]})
    assert call.refused("POST", "/api/images/marks", {"ids": ids, "add_tags": ["one more"]}) == (409, "conflict")
    assert marks_of(call, ids[1])["tags"] == []
    call.post("/api/images/marks", {"ids": ids, "add_tags": ["one more"], "remove_tags": ["tag 00"]})
    assert len(marks_of(call, ids[0])["tags"]) == 30


def test_other_pages_of_the_person_are_told(call: Caller, ids: list[str], owner: User) -> None:
    cursor = current_cursor(owner.id)
    call.post("/api/images/marks", {"ids": ids[:1], "rating": 4, "add_tags": ["dusk"]})
    call.post("/api/images/trash", {"ids": ids})
    call.post("/api/images/trash", {"ids": ids})  # there already
    events, _ = missed(owner.id, cursor)
    assert [(event.type, event.data["changes"]) for event in events] == [
        ("marks", {"rating": 4, "add_tags": ["dusk"]}), ("marks", {"trashed": True})
    ]  # fmt: skip
    assert sorted(events[1].data["ids"], reverse=True) == ids
