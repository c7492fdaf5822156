from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.prompts.tidy import join, join_with_spans
from tests.app.prompts.reading import prompts

GAP = ""


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["a ", GAP, " fox"], "a fox"),
        (["a", GAP, " fox"], "a fox"),
        (["a ", GAP, "fox"], "a fox"),
        (["a", GAP, "b"], "ab"),
        ([GAP, " fox"], "fox"),
        (["fox ", GAP], "fox"),
        (["a fox, ", GAP, ", light"], "a fox, light"),
        (["a fox,", GAP, ",light"], "a fox,light"),
        ([GAP, ", light"], "light"),
        (["a fox, ", GAP], "a fox"),
        (["a, ", GAP, ", ", GAP, ", b"], "a, b"),
        ([GAP, ", ", GAP, ", b"], "b"),
        (["a, ", GAP, ", ", GAP], "a"),
        ([GAP, " ", GAP, " fox"], "fox"),
        (["a ", GAP, ", b"], "a, b"),
        (["a ", GAP, "."], "a."),
        (["a ", GAP, " :)"], "a :)"),
        (["(a, ", GAP, ")"], "(a)"),
        (["(", GAP, ", a)"], "(a)"),
        (["one\n", GAP, "\ntwo"], "one\ntwo"),
        ([GAP, "\n", "fox"], "fox"),
        (["fox\n", GAP], "fox"),
        (["one,\n", GAP, ", two"], "one,\ntwo"),
        (["one, ", GAP, "\ntwo"], "one,\ntwo"),
        ([GAP], ""),
        ([GAP, ", ", GAP], ""),
        ([], ""),
    ],
)
def test_a_gap_takes_its_blanks_and_orphaned_comma_with_it(pieces: list[str], text: str) -> None:
    assert join(pieces) == text


@pytest.mark.parametrize("template", ["a,, {b|c}", "a  {b|c} ,d", " {b|c}  ", "{b|c},", "a\n\n{b|c}\n"])
def test_what_no_empty_choice_touches_stays_as_typed(template: str) -> None:
    assert prompts(template) == [template.replace("{b|c}", "b"), template.replace("{b|c}", "c")]


@given(st.lists(st.text(alphabet="ab ,\n()", max_size=4), max_size=8))
def test_tidying_removes_only_blanks_and_commas_and_places_every_piece(pieces: list[str]) -> None:
    text, spans = join_with_spans(pieces)

    assert [c for c in text if c in "ab()"] == [c for c in "".join(pieces) if c in "ab()"]
    assert len(spans) == len(pieces)
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    for piece, (start, end) in zip(pieces, spans, strict=True):
        assert text[start:end] in piece
