from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.limits import JSON_ARRAY_ITEMS, JSON_DEPTH, JSON_INTEGER, JSON_OBJECT_KEYS
from app.web.strict_json import BadJson, RefusedJson, loads

plain_text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-JSON_INTEGER, JSON_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | plain_text,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(plain_text, inner, max_size=5),
    max_leaves=20,
)


@given(values)
def test_ordinary_json_reads_as_python_would_read_it(value: Any) -> None:
    assert loads(json.dumps(value).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(BadJson, RefusedJson):
        loads(data)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"a": NaN}', "number_out_of_range"),
        ("[Infinity]", "number_out_of_range"),
        ("-Infinity", "number_out_of_range"),
        ("1e999", "number_out_of_range"),
        ("-1e999", "number_out_of_range"),
        ("9" * 5000, "number_out_of_range"),
        (str(JSON_INTEGER + 1), "number_out_of_range"),
        (str(-JSON_INTEGER - 1), "number_out_of_range"),
        ('{"a": 1, "a": 2}', "duplicate_key"),
        ('{"x": {"a": 1, "b": 2, "a": 1}}', "duplicate_key"),
        (r'{"a": "\u0000"}', "invalid_character"),
        (r'{"\u0000": 1}', "invalid_character"),
        (r'["deep", ["\ud800"]]', "invalid_character"),
        (r'"\udfff tail"', "invalid_character"),
        ("[" * 100_000, "json_too_deep"),
        ("[" * 3_000 + "]" * 3_000, "json_too_deep"),
        ('{"a":' * 3_000 + "1" + "}" * 3_000, "json_too_deep"),
    ],
)
def test_what_python_accepts_and_nothing_below_can_take_is_refused(text: str, code: str) -> None:
    with pytest.raises(RefusedJson) as refused:
        loads(text.encode())
    assert (refused.value.status, refused.value.code) == (422, code)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"{'a': 1}", b"[1,]", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf{}", b"nul", b'"a\nb"']
)
def test_what_is_no_json_is_a_bad_request(data: bytes) -> None:
    with pytest.raises(BadJson):
        loads(data)


def nested(depth: int, inner: str) -> str:
    return "[" * depth + inner + "]" * depth


@pytest.mark.parametrize("inner", ["", "1", '"x"', "{}"])
def test_depth_is_met_and_not_passed(inner: str) -> None:
    own = 1 if inner == "{}" else 0
    loads(nested(JSON_DEPTH - own, inner))
    with pytest.raises(RefusedJson, match="32 levels"):
        loads(nested(JSON_DEPTH - own + 1, inner))


def test_lists_and_objects_may_be_full_and_not_fuller() -> None:
    assert len(loads(json.dumps([0] * JSON_ARRAY_ITEMS))) == JSON_ARRAY_ITEMS
    with pytest.raises(RefusedJson, match="1,000 items"):
        loads(json.dumps([0] * (JSON_ARRAY_ITEMS + 1)))
    assert len(loads(json.dumps({str(n): n for n in range(JSON_OBJECT_KEYS)}))) == JSON_OBJECT_KEYS
    with pytest.raises(RefusedJson, match="500 keys"):
        loads(json.dumps({str(n): n for n in range(JSON_OBJECT_KEYS + 1)}))


def test_the_largest_number_a_database_can_store_passes() -> None:
    assert loads(str(JSON_INTEGER)) == JSON_INTEGER
    assert loads(str(-JSON_INTEGER)) == -JSON_INTEGER


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert loads(r'"\ud83d\ude00"') == "😀"
