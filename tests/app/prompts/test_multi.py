from __future__ import annotations

import pytest

from app.prompts.errors import MacroError
from app.prompts.grammar import parse
from app.prompts.multi import Pasted, split_prompts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a fox", [Pasted("a fox", 1)]),
        ("a fox\n---\nan owl", [Pasted("a fox", 1), Pasted("an owl", 3)]),
        ("a fox\r\n---\r\nan owl\r\n", [Pasted("a fox", 1), Pasted("an owl", 3)]),
        ("---\n\n\na\nb\n  -----  \n\n---\n c \n---", [Pasted("a\nb", 4), Pasted("c", 9)]),
        ("a --- b", [Pasted("a --- b", 1)]),
        ("--- a\n--", [Pasted("--- a\n--", 1)]),
        ("", []),
        ("---\n---", []),
    ],
)
def test_prompts_are_parted_by_lines_of_dashes(text: str, expected: list[Pasted]) -> None:
    assert split_prompts(text) == expected


def test_a_mistake_in_a_later_prompt_names_the_line_in_the_whole_text() -> None:
    first, second = split_prompts("a {b|c}\n---\n\nok\n  {d|e")
    parse(first.text, first_line=first.first_line)
    with pytest.raises(MacroError) as caught:
        parse(second.text, first_line=second.first_line)
    assert (caught.value.line, caught.value.column) == (5, 3)
