"""The conversation, as a program leads it."""

from __future__ import annotations

import uuid

import pytest
from apiflask import APIFlask

from app.chat import queries, writing
from app.workspaces.models import Workspace
from tests.app.api.conftest import Caller
from tests.support.engine import Engine
from tests.support.talking import ScriptedTalker, stand_in


@pytest.fixture
def talker(app: APIFlask) -> ScriptedTalker:
    return stand_in(app)


@pytest.fixture
def chat(engine: Engine, workspace: Workspace) -> str:
    """Where it is; rings are written down, and nobody comes unless the test answers."""
    return f"/api/workspaces/{workspace.id}/chat"


def answer(sent: dict[str, dict[str, str]]) -> None:
    writing.write(uuid.UUID(sent["answer"]["id"]))


def test_a_program_sends_reads_and_searches(call: Caller, chat: str, talker: ScriptedTalker) -> None:
    sent = call.post(chat, {"text": "a fox"})
    assert (sent["message"]["text"], sent["answer"]["state"], sent["deletion_id"]) == ("a fox", "waiting", None)
    answer(sent)
    found = call.get(f"{chat}/{sent['answer']['id']}")
    assert (found["state"], found["cost"], found["model"]) == ("done", "0.0021", "Scripted Talker")
    assert found["prompts"] == [{"prompt": "a red fox", "negative_prompt": ""}]
    assert [each["role"] for each in call.get(chat)["items"]] == ["assistant", "user"]
    page = call.get(f"{chat}?limit=1")
    assert [each["role"] for each in call.get(f"{chat}?limit=1&cursor={page['next']}")["items"]] == ["user"]
    assert len(call.get(f"{chat}?q=RED+fox")["items"]) == 1


def test_what_is_sent_twice_under_one_key_is_said_once(call: Caller, chat: str, talker: ScriptedTalker) -> None:
    first, second = (call.post(chat, {"text": "a fox"}, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert first == second
    assert len(call.get(chat)["items"]) == 2


def test_a_program_edits_stops_deletes_and_takes_back(
    call: Caller, chat: str, talker: ScriptedTalker, workspace: Workspace
) -> None:
    sent = call.post(chat, {"text": "a fox"})
    assert call.refused("POST", chat, {"text": "an owl"}) == (409, "still_writing")
    assert call.post(f"{chat}/{sent['answer']['id']}/stop")["state"] == "stopped"
    edited = call.done("PATCH", f"{chat}/{sent['message']['id']}", {"text": "an owl"})
    assert call.refused("PATCH", f"{chat}/{edited['answer']['id']}", {"text": "x"}) == (409, "not_yours_to_edit")
    assert call.post(f"{chat}/restore", {"deletion_id": edited["deletion_id"]}) == {"restored": 2}
    assert [each["text"] for each in call.get(chat)["items"]] == ["", "a fox"]
    again = call.post(f"{chat}/{sent['answer']['id']}/resend")
    answer(again)
    assert call.done("DELETE", f"{chat}/{again['answer']['id']}")["deleted"] == 1
    gone = call.done("DELETE", chat)
    assert (gone["deleted"], call.get(chat)["items"]) == (1, [])
    assert call.post(f"{chat}/restore", {"deletion_id": gone["deletion_id"]}) == {"restored": 1}
    assert len(queries.stretch(workspace.id).messages) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": " "}, "text"),
        ({}, "text"),
        ({"text": "x" * 16_001}, "text"),
        ({"text": "x", "image_ids": ["no id"]}, "image_ids.0"),
        ({"text": "x", "image_ids": [str(uuid.uuid4()) for _ in range(5)]}, "image_ids"),
        ({"text": "x", "role": "assistant"}, "role"),
    ],
)
def test_what_cannot_be_said_is_told_by_field(call: Caller, chat: str, body: dict[str, object], field: str) -> None:
    refused = call("POST", chat, body)
    assert refused.status_code == 422
    assert field in refused.get_json()["error"]["fields"]
    assert call.get(chat)["items"] == []


def test_a_picture_that_is_not_there_is_missing(call: Caller, chat: str) -> None:
    assert call.refused("POST", chat, {"text": "x", "image_ids": [str(uuid.uuid4())]}) == (404, "not_found")
