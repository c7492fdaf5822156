from __future__ import annotations

import json
import re
from typing import Any

import pytest

from app.accounts.models import User
from app.workspaces import queries
from tests.app.api.conftest import Caller

FOX = "a {red|green|blue} fox, {dawn|dusk} light"


def expand(call: Caller, prompt: str, **wishes: Any) -> Any:
    return call.post("/api/prompts/expand", {"prompt": prompt, **wishes})


def test_a_prompt_is_counted_and_its_first_prompts_are_shown(call: Caller) -> None:
    answer = expand(call, FOX, limit=2)
    assert (answer["count"], answer["count_text"], answer["label"]) == (6, "6", "3 × 2 = 6")
    assert answer["factors"] == [3, 2]
    assert [shown["prompt"] for shown in answer["prompts"]] == ["a red fox, dawn light", "a red fox, dusk light"]
    assert [shown["index"] for shown in answer["prompts"]] == [0, 1]
    assert (answer["price_estimate"], answer["price_text"], answer["errors"]) == ("0.00", "free", [])


def test_every_choice_says_where_its_text_stands(call: Caller) -> None:
    (shown,) = expand(call, FOX, limit=1)["prompts"]
    assert [choice["label"] for choice in shown["choices"]] == ["{red|green|blue}", "{dawn|dusk}"]
    for choice in shown["choices"]:
        assert shown["prompt"][choice["start"] : choice["end"]] == choice["text"]


def test_some_stand_for_the_rest(call: Caller) -> None:
    for pick in ("even", "random"):
        prompts = expand(call, FOX, limit=3, pick=pick, seed=5)["prompts"]
        assert len({shown["prompt"] for shown in prompts}) == 3
        assert prompts == expand(call, FOX, limit=3, pick=pick, seed=5)["prompts"]


def test_cyclical_goes_one_option_on_each_time(call: Caller) -> None:
    prompts = expand(call, FOX, limit=3, mode="cyclical")["prompts"]
    assert [shown["prompt"] for shown in prompts] == [
        "a red fox, dawn light",
        "a green fox, dusk light",
        "a blue fox, dawn light",
    ]


def test_a_count_beyond_all_numbers_is_exact_and_has_no_price(call: Caller) -> None:
    prompt = "{a|b|c|d|e|f|g|h|i|j}" * 40
    text = call("POST", "/api/prompts/expand", {"prompt": prompt, "limit": 1}).text
    assert re.search(r'"count":\s*(\d+)', text).group(1) == "1" + "0" * 40
    answer = json.loads(text)
    assert answer["count_text"] == "1" + "0" * 40
    assert answer["price_estimate"] is None


def test_several_templates_are_added_up(call: Caller) -> None:
    answer = expand(call, f"{FOX}\n---\nan owl")
    assert (answer["count"], answer["label"], answer["factors"]) == (7, "6 + 1 = 7", [])
    assert len(answer["prompts"]) == 7


def test_an_empty_prompt_makes_nothing(call: Caller) -> None:
    answer = expand(call, "  ")
    assert (answer["count"], answer["label"], answer["prompts"], answer["errors"]) == (0, "0", [], [])


def test_a_mistake_while_typing_is_told_with_its_place(call: Caller) -> None:
    answer = expand(call, "a\nfox {red|green")
    assert answer["count"] is None
    (error,) = answer["errors"]
    assert (error["code"], error["line"], error["column"]) == ("unclosed_group", 2, 5)
    assert error["message"]


def test_what_works_but_may_not_be_meant_is_noticed(call: Caller) -> None:
    (notice,) = expand(call, "a fox in ${place}")["notices"]
    assert (notice["line"], notice["column"]) == (1, 10)


def test_colours_are_told_when_asked_for(call: Caller) -> None:
    assert expand(call, FOX)["tokens"] == []
    tokens = expand(call, FOX, highlight=True)["tokens"]
    assert [FOX[token["start"] : token["end"]] for token in tokens][:3] == ["{", "red", "|"]
    assert tokens[0]["kind"] == "brace"


def test_a_workspace_of_somebody_else_is_missing(call: Caller, stranger: User) -> None:
    theirs = queries.workspaces_of(stranger.id)[0].id
    body = {"prompt": FOX, "workspace_id": str(theirs)}
    assert call.refused("POST", "/api/prompts/expand", body) == (404, "not_found")


def test_wrong_wishes_are_named(call: Caller) -> None:
    wishes: list[tuple[dict[str, Any], str]] = [
        ({"limit": 101}, "invalid"),
        ({"limit": -1}, "invalid"),
        ({"mode": "sideways"}, "invalid"),
        ({"seed": 2**32}, "invalid"),
        ({"model": "no-such-model"}, "unknown_model"),
        ({"user_id": "x"}, "unknown_field"),
        ({"prompt": "x" * 4001}, "too_long"),
        ({"workspace_id": "{0198f2a0-c7d3-7e5f-8000-000000000000}"}, "invalid"),
    ]
    for wish, code in wishes:
        answer = call("POST", "/api/prompts/expand", {"prompt": FOX, **wish})
        assert (answer.status_code, answer.json["error"]["code"]) == (422, code), wish
        assert set(answer.json["error"]["fields"]) == set(wish)


@pytest.mark.parametrize(
    "settings_more", [{"DARKROOM_RATE_LIMITS": "true", "DARKROOM_RATE_API": "3 per minute"}], indirect=True
)
def test_typing_has_an_allowance_of_its_own(call: Caller) -> None:
    for _ in range(8):
        assert expand(call, FOX)["count"] == 6
    answers = {call("POST", "/api/prompts/expand", {"prompt": FOX}).status_code for _ in range(12)}
    assert answers == {200, 429}
    assert call("GET", "/api/live").status_code == 200
