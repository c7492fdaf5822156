"""Workspaces, themes and styles."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.accounts.models import User
from app.api.idempotency import REPLAYED
from app.api.models import Receipt
from app.db import db, utc_now
from app.workspaces.models import Workspace
from tests.app.api.conftest import Caller

DEEP = "[" * 3000 + "]" * 3000


def test_a_workspace_is_made_renamed_and_deleted(call: Caller) -> None:
    made = call("POST", "/api/workspaces", {"name": "  Owls\u202e  at night "})
    assert made.status_code == 201
    workspace = made.json
    assert workspace["name"] == "Owls at night"
    path = f"/api/workspaces/{workspace['id']}"
    theme_id = call.get("/api/themes")["items"][0]["id"]
    assert call.done("PATCH", path, {"theme_id": theme_id})["theme_id"] == theme_id
    changed = call.done("PATCH", path, {"name": "Owls"})
    assert (changed["name"], changed["theme_id"]) == ("Owls", theme_id)
    assert call.done("PATCH", path, {"theme_id": None})["theme_id"] is None
    assert call.get(path)["name"] == "Owls"
    assert call.refused("DELETE", path) == (422, "invalid")
    assert call.refused("DELETE", f"{path}?typed_name=owls") == (422, "name_mismatch")
    assert call("DELETE", f"{path}?typed_name=Owls").status_code == 204
    assert call.refused("GET", path) == (404, "not_found")
    last = call.get("/api/workspaces")["items"]
    assert len(last) == 1
    assert call.refused("DELETE", f"/api/workspaces/{last[0]['id']}?typed_name=Untitled") == (409, "last_workspace")


def test_the_newest_workspace_is_meant_when_none_is_named(call: Caller) -> None:
    newest = call.post("/api/workspaces", {"name": "New"})["id"]
    assert call.post("/api/styles", {"name": "Etching"})["workspace_id"] == newest


@pytest.mark.parametrize(
    ("path", "body", "change"),
    [
        ("/api/themes", {"name": "Snow", "base_prompt": "deep winter"}, {"description": "Everything outdoors."}),
        ("/api/styles", {"name": "Etching", "positive": "ink", "seed": 7, "cfg_scale": 4.5}, {"seed": None}),
    ],
)
def test_words_are_made_changed_copied_and_deleted(
    call: Caller, path: str, body: dict[str, Any], change: dict[str, Any]
) -> None:
    made = call.post(path, body)
    assert {name: made[name] for name in body} == body
    changed = call.done("PATCH", f"{path}/{made['id']}", change)
    assert changed == made | change
    copy = call.post(f"{path}/{made['id']}/duplicate")
    assert copy["name"] == f"{body['name']} copy"
    assert {**changed, **{name: copy[name] for name in ("id", "name", "created_at")}} == copy
    assert [row["id"] for row in call.get(f"{path}?limit=2")["items"]] == [copy["id"], made["id"]]
    assert call("DELETE", f"{path}/{made['id']}").status_code == 204
    assert call.refused("GET", f"{path}/{made['id']}") == (404, "not_found")
    assert call.get(f"{path}/{copy['id']}") == copy


def test_lists_of_themes_go_on_where_they_stopped(call: Caller) -> None:
    everything = [theme["id"] for theme in call.get("/api/themes")["items"]]
    first = call.get("/api/themes?limit=5")
    rest = call.get(f"/api/themes?cursor={first['next']}")
    assert [theme["id"] for theme in first["items"] + rest["items"]] == everything
    assert rest["next"] is None


def test_what_cannot_be_kept_is_refused(call: Caller) -> None:
    theme = f"/api/themes/{call.get('/api/themes?limit=1')['items'][0]['id']}"
    before = [call.get(f"/api/{kind}") for kind in ("workspaces", "themes", "styles")]
    for method, path, body in (
        ("POST", "/api/workspaces", {}),
        ("POST", "/api/workspaces", {"name": " \u200b "}),
        ("POST", "/api/workspaces", {"name": "x" * 81}),
        ("POST", "/api/workspaces", {"name": "x", "owner_id": str(uuid.uuid4())}),
        ("POST", "/api/workspaces", {"name": "x", "plan": "all_inclusive"}),
        ("POST", "/api/themes", {"name": "x", "base_prompt": "x" * 4001}),
        ("POST", "/api/themes", {"name": 7}),
        ("POST", "/api/styles", {"name": "x", "cfg_scale": 31}),
        ("POST", "/api/styles", {"name": "x", "width_px": 15}),
        ("POST", "/api/styles", {"name": "x", "sampler": "<script>"}),
        ("POST", "/api/styles", {"name": "x", "id": str(uuid.uuid4())}),
        ("PATCH", theme, {}),
        ("PATCH", theme, {"name": ""}),
        ("PATCH", theme, {"name": None}),
    ):
        answer = call(method, path, body)
        assert answer.status_code == 422, (path, body)
        assert answer.json["error"]["fields"], (path, body)
    assert [call.get(f"/api/{kind}") for kind in ("workspaces", "themes", "styles")] == before


def test_bodies_that_are_no_honest_json_are_refused(call: Caller) -> None:
    for text, kind, status in (
        (DEEP, "application/json", 422),
        ('{"name": "a", "name": "b"}', "application/json", 422),
        ('{"name": "a\\u0000"}', "application/json", 422),
        ('{"name": "\\ud800"}', "application/json", 422),
        ('{"seed": NaN}', "application/json", 422),
        ('{"seed": 1e999}', "application/json", 422),
        ('{"name": ', "application/json", 400),
        ("[]", "application/json", 422),
        ('{"name": "a"}', "text/plain", 415),
        ("name=a", "application/x-www-form-urlencoded", 415),
        (json.dumps({"name": "x" * 300_000}), "application/json", 413),
    ):
        for path in ("/api/workspaces", "/api/themes", "/api/styles", "/api/generate", "/api/prompts/expand"):
            answer = call("POST", path, data=text.encode(), content_type=kind)
            assert answer.status_code == status, (path, text[:40])
            assert answer.json["error"]["code"], (path, text[:40])


def test_another_method_is_told_which_there_are(call: Caller) -> None:
    answer = call("PUT", "/api/themes", {"name": "x"})
    assert (answer.status_code, answer.json["error"]["code"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


class TestAKeyForWhatIsCreated:
    def test_gives_the_first_answer_again(self, call: Caller) -> None:
        headers = {"Idempotency-Key": "one"}
        first = call("POST", "/api/workspaces", {"name": "Owls"}, headers=headers)
        again = call("POST", "/api/workspaces", {"name": "Owls"}, headers=headers)
        assert (again.status_code, again.json) == (201, first.json)
        assert (first.headers.get(REPLAYED), again.headers[REPLAYED]) == (None, "true")
        assert len(call.get("/api/workspaces")["items"]) == 2

    def test_belongs_to_one_request(self, call: Caller) -> None:
        headers = {"Idempotency-Key": "one"}
        call.post("/api/workspaces", {"name": "Owls"}, headers=headers)
        reused = (409, "idempotency_key_reused")
        assert call.refused("POST", "/api/workspaces", {"name": "Foxes"}, headers=headers) == reused
        assert call.refused("POST", "/api/themes", {"name": "Owls"}, headers=headers) == reused

    def test_is_free_again_after_a_refusal(self, call: Caller) -> None:
        headers = {"Idempotency-Key": "one"}
        assert call.refused("POST", "/api/workspaces", {"name": ""}, headers=headers)[0] == 422
        assert call.post("/api/workspaces", {"name": "Owls"}, headers=headers)["name"] == "Owls"

    def test_never_does_twice_what_was_interrupted(self, call: Caller, owner: User) -> None:
        headers = {"Idempotency-Key": "one"}
        call.post("/api/workspaces", {"name": "Owls"}, headers=headers)
        db.session.execute(sa.update(Receipt).values(status=None, answer=None))
        db.session.commit()
        refused = call.refused("POST", "/api/workspaces", {"name": "Owls"}, headers=headers)
        assert refused == (409, "idempotency_key_in_use")
        assert len(call.get("/api/workspaces")["items"]) == 2

    def test_is_forgotten_after_a_day(self, call: Caller) -> None:
        headers = {"Idempotency-Key": "one"}
        first = call.post("/api/workspaces", {"name": "Owls"}, headers=headers)
        db.session.execute(sa.update(Receipt).values(created_at=utc_now() - timedelta(days=1, minutes=1)))
        db.session.commit()
        assert call.post("/api/workspaces", {"name": "Owls"}, headers=headers)["id"] != first["id"]

    def test_makes_one_of_many_at_once(self, call: Caller) -> None:
        headers = {"Idempotency-Key": "one"}

        def make(_: int) -> int:
            with call.app.app_context():
                return call("POST", "/api/workspaces", {"name": "Owls"}, headers=headers).status_code

        with ThreadPoolExecutor(8) as pool:
            statuses = set(pool.map(make, range(24)))
        # Whoever comes while the first is at work is asked to wait; whoever comes later gets its answer.
        assert statuses <= {201, 409}
        assert 201 in statuses
        assert len(call.get("/api/workspaces")["items"]) == 2

    def test_is_ones_own(self, call: Caller, stranger: User, caller_for: Any) -> None:
        headers = {"Idempotency-Key": "one"}
        mine = call.post("/api/workspaces", {"name": "Owls"}, headers=headers)
        theirs = caller_for(stranger).post("/api/workspaces", {"name": "Owls"}, headers=headers)
        assert mine["id"] != theirs["id"]
        assert db.session.get_one(Workspace, uuid.UUID(theirs["id"])).owner_id == stranger.id
