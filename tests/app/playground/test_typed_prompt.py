"""A prompt as typed, cut for the colours of the inspector."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.playground.typed_prompt import stretches_of

TEMPLATE = "A {red|arctic} fox in {fresh snow|a wood}, __time__"


def kinds(template: str, *taken: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for stretch in stretches_of(template, [{"label": text, "text": text} for text in taken]):
        found.setdefault(stretch.kind, []).append(stretch.text)
    return found


def test_the_options_that_were_taken_differ_from_those_that_were_not() -> None:
    found = kinds(TEMPLATE, "arctic", "fresh snow")
    assert found["taken"] == ["arctic", "fresh snow"]
    assert found["option"] == ["red", "a wood"]
    assert found["wildcard"] == ["__time__"]


def test_an_option_that_stands_twice_is_taken_once() -> None:
    assert kinds("{red|blue} and {blue|red}", "red", "blue")["taken"] == ["red", "blue"]


def test_choices_of_a_foreign_recipe_colour_nothing() -> None:
    assert "taken" not in {stretch.kind for stretch in stretches_of(TEMPLATE, ["red", {"text": 3}, {}, None])}


@given(st.text(alphabet="ab {}|_$#\n[]2:"))
def test_the_stretches_of_any_text_give_it_again(text: str) -> None:
    assert "".join(stretch.text for stretch in stretches_of(text, [{"text": "a"}])) == text
