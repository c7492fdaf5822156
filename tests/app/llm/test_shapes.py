from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.llm.shapes import faults, read

SCHEMA = {
    "type": "object",
    "properties": {
        "prompts": {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1, "maxItems": 3},
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "kind": {"type": "string", "enum": ["a", "b"]},
        "sure": {"type": "boolean"},
    },
    "required": ["prompts"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    "text",
    [
        '{"prompts": ["a fox"]}',
        '```json\n{"prompts": ["a fox"]}\n```',
        'Here you are: {"prompts": ["a fox"]} Enjoy!',
        '  {"prompts": ["a fox"], "score": 1, "kind": "b", "sure": true}',
    ],
)
def test_what_fits_is_read_however_it_is_wrapped(text: str) -> None:
    data, fault = read(text, SCHEMA)

    assert fault == ""
    assert data["prompts"] == ["a fox"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ([], "the answer must be of type object."),
        ({}, 'the answer lacks "prompts".'),
        ({"prompts": []}, '"prompts" must have at least 1 items; it has 0.'),
        ({"prompts": ["a"] * 4}, '"prompts" must have at most 3 items; it has 4.'),
        ({"prompts": ["a", 2]}, 'item 2 of "prompts" must be of type string.'),
        ({"prompts": [""]}, 'item 1 of "prompts" must have at least 1 characters; it has 0.'),
        ({"prompts": ["a"], "score": True}, '"score" must be of type number.'),
        ({"prompts": ["a"], "score": 2}, '"score" must have at most 1; it has 2.'),
        ({"prompts": ["a"], "kind": "c"}, '"kind" must be one of ["a", "b"].'),
        ({"prompts": ["a"], "more": 1}, 'the answer must not have "more".'),
    ],
)
def test_what_does_not_fit_is_said(data: object, sentence: str) -> None:
    assert list(faults(data, SCHEMA)) == [sentence]


@pytest.mark.parametrize("text", ["", "no", "{", '{"prompts": [}', "[" * 100_000, "{" * 100_000 + "}" * 100_000])
def test_what_is_no_json_is_said(text: str) -> None:
    assert read(text, SCHEMA)[1].startswith("It is not JSON")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=8))
def test_anything_is_judged_without_a_crash(data: object) -> None:
    _, fault = read(json.dumps({"prompts": data}), SCHEMA)

    assert bool(fault) is not (
        isinstance(data, list) and 1 <= len(data) <= 3 and all(isinstance(x, str) and x for x in data)
    )
