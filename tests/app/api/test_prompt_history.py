from __future__ import annotations

from typing import Any

import pytest

from app.history import service
from app.wildcards import service as wildcards
from app.wildcards.forms import WildcardBody
from app.workspaces import service as workspaces
from app.workspaces.forms import StyleBody
from app.workspaces.models import Workspace
from tests.app.api.conftest import Caller
from tests.support.engine import Engine


def suggested(call: Caller, **query: str) -> list[tuple[str, str]]:
    items = call.get("/api/prompts/suggest", query_string=query)["items"]
    return [(item["kind"], item["text"]) for item in items]


def test_a_prompt_is_listed_pinned_forgotten_and_brought_back(
    call: Caller, engine: Engine, workspace: Workspace
) -> None:
    engine.submit(workspace, "a {red|blue} fox", negative_prompt="text")
    engine.submit(workspace, "an owl")

    def listed(**query: Any) -> list[str]:
        return [item["prompt"] for item in call.get("/api/prompts/history", query_string=query)["items"]]

    page = call.get(f"/api/prompts/history?workspace_id={workspace.id}&q=FOX")
    (fox,) = page["items"]
    assert (fox["negative_prompt"], fox["times_used"], fox["pinned"], page["next"]) == ("text", 1, False, None)
    path = f"/api/prompts/history/{fox['id']}"
    assert call.post(f"{path}/pin")["pinned"] is True
    assert listed() == ["a {red|blue} fox", "an owl"]
    assert call.post(f"{path}/unpin")["pinned"] is False
    assert call("DELETE", path).status_code == 204
    assert listed() == ["an owl"]
    assert call.refused("POST", f"{path}/pin") == (404, "not_found")
    assert call.post(f"{path}/restore")["prompt"] == "a {red|blue} fox"
    assert len(listed()) == 2
    first = call.get("/api/prompts/history?limit=1")
    assert first["items"][0]["prompt"] == "an owl"
    assert listed(cursor=first["next"]) == ["a {red|blue} fox"]


def test_suggestions_come_from_history_styles_and_wildcards(call: Caller, workspace: Workspace) -> None:
    for prompt in ("a snowy owl", "snow on a fox"):
        service.remember(workspace.id, prompt, "")
    workspaces.create_style(workspace, StyleBody(name="Deep Snow", positive="snow"))
    wildcards.add_files(
        workspace,
        [WildcardBody(path="weather.txt", text="snow\nrain\nfog"), WildcardBody(path="a/we.txt", text="x")],
        replace=False,
    )
    assert suggested(call, text="snow") == [
        ("prompt", "snow on a fox"),
        ("prompt", "a snowy owl"),
        ("style", "Deep Snow"),
    ]
    assert suggested(call, wildcard="we") == [("wildcard", "__weather__"), ("wildcard", "__a/we__")]
    assert len(suggested(call, wildcard="")) == 2
    (weather,) = call.get("/api/prompts/suggest?wildcard=wea")["items"]
    assert weather["hint"] == "snow, rain, fog"
    for nothing in ("", "s", "   ", "nowhere to be found"):
        assert suggested(call, text=nothing) == []
    assert call.refused("GET", "/api/prompts/suggest?text=" + "x" * 201)[0] == 422


@pytest.mark.parametrize("settings_more", [{"DARKROOM_RATE_LIMITS": "true"}], indirect=True)
def test_suggesting_has_the_allowance_of_typing(call: Caller) -> None:
    answers = [call("GET", "/api/prompts/suggest?text=fox").status_code for _ in range(20)]
    assert answers.count(200) >= 10
    assert 429 in answers
