from __future__ import annotations

import json

import pytest

from app import limits
from app.accounts.domain import Scope
from app.accounts.models import User
from app.workspaces import queries
from tests.app.api.conftest import Caller, CallerFor

PATH = "/api/wildcards"


def test_a_file_is_added_read_changed_and_deleted(call: Caller) -> None:
    made = call.post(PATH, {"path": "animals/forest", "text": "fox\n2::owl\n"})
    assert (made["path"], made["entries"]) == ("animals/forest.txt", 2)
    assert made["references"] == ["__animals/forest__"]
    address = f"{PATH}/{made['id']}"
    assert call.get(address) == {**made, "text": "fox\n2::owl"}
    changed = call.done("PUT", address, {"path": "forest.yaml", "text": "day: [fox]\nnight: [owl, bat]"})
    assert (changed["id"], changed["entries"]) == (made["id"], 3)
    assert changed["references"] == ["__forest/day__", "__forest/night__"]
    assert call.get(PATH)["items"] == [changed]
    call.done("DELETE", address)
    assert call.refused("GET", address) == (404, "not_found")
    assert call.get(PATH) == {"items": [], "next": None}


def test_what_is_added_counts_in_the_next_prompt(call: Caller) -> None:
    prompt = {"prompt": "a {red|green} __animals__"}
    (error,) = call.post("/api/prompts/expand", prompt)["errors"]
    assert error["code"] == "missing_wildcard"
    made = call.post(PATH, {"path": "animals.txt", "text": "fox\nowl\nbat"})
    assert call.post("/api/prompts/expand", prompt)["count"] == 6
    call.done("PUT", f"{PATH}/{made['id']}", {"path": "animals.txt", "text": "fox"})
    assert call.post("/api/prompts/expand", prompt)["count"] == 2


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"path": "a.txt", "text": "x __b__"}, "missing_wildcard", "text"),
        ({"path": "a.txt", "text": "x __a__"}, "cyclic_wildcard", "text"),
        ({"path": "a.yaml", "text": "a: ["}, "bad_yaml", "text"),
        ({"path": "../a.txt", "text": "x"}, "bad_name", "path"),
        ({"path": "a" * 201, "text": "x"}, "too_long", "path"),
        ({"path": "a.txt", "text": ""}, "empty_wildcard", "text"),
        ({"path": "a.txt", "text": "x" * (limits.WILDCARD_FILE_BYTES + 1)}, "too_long", "text"),
        ({"path": "a.txt"}, "invalid", "text"),
        ({"path": "a.txt", "text": "x", "entries": 7}, "unknown_field", "entries"),
    ],
)
def test_what_cannot_be_used_says_which_field_and_why(
    call: Caller, body: dict[str, str], code: str, field: str
) -> None:
    error = call("POST", PATH, body).get_json()["error"]
    assert error["code"] == code
    assert list(error["fields"]) == [field]
    assert call.get(PATH)["items"] == []


def test_a_file_as_large_as_may_be_fits_however_json_writes_it(call: Caller) -> None:
    text = "ä" * 3_999 + "\n"
    text *= limits.WILDCARD_FILE_BYTES // len(text.encode())
    assert len(json.dumps(text)) > 3 * limits.MIB - 9_000
    made = call.post(PATH, {"path": "a.txt", "text": text})
    assert call.get(f"{PATH}/{made['id']}")["text"] == text.rstrip("\n")
    vast = {"path": "b.txt", "text": "x" * limits.WILDCARD_BODY_BYTES}
    assert call.refused("POST", PATH, vast) == (413, "body_too_large")


def test_what_others_need_stays(call: Caller) -> None:
    made = call.post(PATH, {"path": "a.txt", "text": "x"})
    call.post(PATH, {"path": "b.txt", "text": "__a__"})
    assert call.refused("DELETE", f"{PATH}/{made['id']}") == (409, "wildcard_in_use")
    moved = {"path": "c.txt", "text": "x"}
    assert call.refused("PUT", f"{PATH}/{made['id']}", moved) == (409, "wildcard_in_use")
    assert call.refused("POST", PATH, {"path": "a.txt", "text": "y"}) == (409, "path_taken")


def test_a_list_is_read_page_by_page_without_texts(call: Caller) -> None:
    for number in range(3):
        call.post(PATH, {"path": f"{number}.txt", "text": "x"})
    first = call.get(f"{PATH}?limit=2")
    rest = call.get(f"{PATH}?limit=2&cursor={first['next']}")
    assert [item["path"] for item in first["items"] + rest["items"]] == ["2.txt", "1.txt", "0.txt"]
    assert rest["next"] is None
    assert "text" not in first["items"][0]


def test_sent_twice_is_added_once(call: Caller) -> None:
    key = {"Idempotency-Key": "wildcards 1"}
    body = {"path": "a.txt", "text": "x"}
    assert call.post(PATH, body, headers=key) == call.post(PATH, body, headers=key)
    assert len(call.get(PATH)["items"]) == 1


def test_a_stranger_finds_nothing(call: Caller, stranger: User, owner: User, caller_for: CallerFor) -> None:
    made = call.post(PATH, {"path": "a.txt", "text": "x"})
    address, workspace_id = f"{PATH}/{made['id']}", queries.workspaces_of(owner.id)[0].id
    theirs = caller_for(stranger)
    body = {"path": "a.txt", "text": "y"}
    assert theirs.refused("GET", address) == (404, "not_found")
    assert theirs.refused("PUT", address, body) == (404, "not_found")
    assert theirs.refused("DELETE", address) == (404, "not_found")
    assert theirs.refused("GET", f"{PATH}?workspace_id={workspace_id}") == (404, "not_found")
    assert theirs.refused("POST", PATH, {**body, "workspace_id": str(workspace_id)}) == (404, "not_found")
    assert theirs.get(PATH)["items"] == []
    assert call.get(address)["text"] == "x"


def test_a_key_that_only_reads_changes_nothing(call: Caller, owner: User, caller_for: CallerFor) -> None:
    made = call.post(PATH, {"path": "a.txt", "text": "x"})
    reader = caller_for(owner, Scope.READ)
    assert reader.get(f"{PATH}/{made['id']}")["text"] == "x"
    for method, address in (("POST", PATH), ("PUT", f"{PATH}/{made['id']}"), ("DELETE", f"{PATH}/{made['id']}")):
        assert reader.refused(method, address, {"path": "b.txt", "text": "y"})[0] == 403
