"""Whatever is typed, the macro language answers at once, with prompts or with a MacroError."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.prompts.count import count
from app.prompts.errors import MacroError
from app.prompts.expand import How, sample
from app.prompts.highlight import highlight
from app.prompts.plan import plan
from app.prompts.wildcard_files import read_files
from app.prompts.wildcards import WildcardSet
from tests.app.prompts.reading import files

WILDCARDS = files(a="owl\n{red|blue} kite", b="2::__a__\n${x:fog}", c__d="lone")
PIECES = [
    *"{}|[]()<>$_#:=!\\,.- \n\t\"'*/01259ax🦊",
    *("${", "${x=", "${x}", "${x:", "2$$", "1-2$$ and $$", "-2$$", "$$", "2::", "__a__", "__b__", "__*__", "__c/d__"),
    *("{a|b}", "# x\n", "#fff", "\\{", "---\n", "{2$$__a__}", "__a(x=1)__", "\r\n", "\x00", "\ud800"),
]
HOSTILE = {
    "open braces": "{" * 2000,
    "open groups": "{|" * 1000,
    "underscores": "__" * 1000,
    "open defaults": "${a:" * 1000,
    "open assignments": "${a=" * 1000,
    "open variables": "${" * 2000,
    "open headers": "{2$$" * 1000,
    "nested groups": "{a|" * 1000 + "}" * 1000,
    "closing braces": "}" * 4000,
    "bars": "|" * 4000,
    "brackets": "[" * 2000 + "]" * 2000,
    "bracketed bars": "{" + "[a|b]" * 790 + "|c}",
    "backslashes": "\\" * 4000,
    "near wildcards": "-__a" * 1000,
    "far ends of arguments": "__a(" * 1000,
    "blank headers": "{ " * 2000,
    "digits": "{" + "9" * 3900 + "$$a|b}",
    "weights": "{" + "|".join(f"{i}::{i}" for i in range(400)) + "}",
    "comments": "\n#" * 2000,
    "dollars": "$" * 4000,
    "two options many times": "{a|b}" * 800,
    "empty options": "{a|}" * 1000,
    "nothing but commas": "{|}, " * 800,
    "picks": "{50$$" + "|".join(map(str, range(900))) + "}",
    "uneven picks": "{50$$" + "|".join("{" + "|".join("abcdefgh"[: i % 7 + 2]) + "}" for i in range(250)) + "}",
    "uneven sizes": "{40$$" + "|".join("{" + "|".join(map(str, range(i + 2))) + "}" for i in range(40)) + "}",
    "picks in picks": "{9$${9$${9$${9$$" + "|".join(map(str, range(300))) + "}" + "|a|b|c" * 3 + "}|d}|e}",
    "groups to write out": "{{a|b|c|d}{e|f|g|h}{1|2|3|4}|z}" * 120,
    "picks to write out": "{2$$a|b|c|d|{e|f}|g}" * 190,
    "variables in a row": "".join(f"${{v{i}={{a|b}}}}${{v{i}}}" for i in range(190)),
    "variables that double": "${a=x}" + "${a=${a}${a}}" * 300 + "${a}",
    "many wildcards": "__a__ __b__ " * 330,
    "many patterns": " ".join(f"__{'*' * i}__" for i in range(1, 80)),
    "unknown wildcards": "__zzz__ " * 490,
}  # fmt: skip


def refusal_of(template: str, wildcards: WildcardSet = WILDCARDS) -> MacroError | None:
    """Asks for everything a template can answer."""
    try:
        planned = plan(template, wildcards)
    except MacroError as error:
        return error
    assert count(planned).label
    for how in (How.EVEN, How.RANDOM, How.CYCLICAL):
        assert len(sample(planned, 3, how)) == (min(3, planned.total) if how is How.EVEN else 3)
    return None


def reading_refusal(path: str, text: str) -> MacroError | None:
    try:
        wildcards = read_files([(path, text)])
    except MacroError as error:
        return error
    return refusal_of("__x__", wildcards)


def assert_in_order(text: str) -> None:
    tokens = highlight(text)
    places = [place for token in tokens for place in (token.start, token.end)]
    assert places == sorted(places)
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)


def assert_kind(error: MacroError | None) -> None:
    assert error is None or (error.line >= 1 <= error.column and error.sentence.endswith((".", "?")))


@settings(deadline=None, max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
@example("{a|${x=}b}{2$$|}")
@example("${x={${y=a}|}}${x}{|}{,|}")
def test_no_text_of_macro_marks_ends_in_anything_but_prompts_or_a_refusal(text: str) -> None:
    assert_kind(refusal_of(text))
    assert_in_order(text)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=200))
def test_no_text_at_all_ends_in_anything_but_prompts_or_a_refusal(text: str) -> None:
    assert_kind(refusal_of(text))
    assert_in_order(text)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.sampled_from([*PIECES, "- ", "a: ", "  ", "[", "&x ", "*x", "!!str ", "? ", "|\n", "'"])).map("".join)
)
def test_no_wildcard_file_ends_in_anything_but_entries_or_a_refusal(text: str) -> None:
    for path in ("x.txt", "x.yaml"):
        assert_kind(reading_refusal(path, text))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_are_answered_at_once(text: str) -> None:
    started = time.process_time()
    with suppress(MacroError):
        count(plan(text, WILDCARDS))
    highlight(text)
    spent_s = time.process_time() - started

    # It takes under 0.05 s. What this is here to catch takes minutes; the rest is room for a busy machine.
    assert spent_s < 2
