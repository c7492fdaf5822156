from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.enhancing.domain import Wish, digest, family_of, joined, macros_in, parts_of, usable
from app.llm.builtin.enhancing import Wish as RulesWish
from app.llm.builtin.enhancing import variations
from app.prompts.errors import MacroError

MACROS = "a {red|{dark|light} green} fox, __animals/*__ beside it, ${x={a|b}} and ${x}"


def test_macros_are_found_as_typed_and_whole() -> None:
    assert dict(macros_in(MACROS)) == {
        "{red|{dark|light} green}": 1,
        "__animals/*__": 1,
        "${x={a|b}}": 1,
        "${x}": 1,
    }
    assert not macros_in("plain {braces} and a__b, $5")


def test_what_lost_or_gained_a_macro_is_not_used() -> None:
    wish = Wish("a {red|white} fox")
    written = [
        "a {red|white} fox in deep snow",
        "a {red|green} fox",
        "a red fox",
        "a {red|white} fox, a {red|white} hat",
        "a {red|white} fox {at dawn|at dusk}",
        "1. a {red|white} fox by the sea",
        "a {red|white} fox in deep snow",
        "one {red|white} fox\n---\nanother",
        "  ",
    ]

    assert usable(wish, written) == ["a {red|white} fox in deep snow", "a {red|white} fox by the sea"]


def test_prompts_pasted_at_once_are_parted_and_joined_again() -> None:
    parts = parts_of(Wish("# a note\na fox\n---\nan {owl|eagle}\n---\n# only a note"))

    assert [part.prompt for part in parts] == ["a fox", "an {owl|eagle}"]
    assert joined([["1", "2", "3"], ["a", "b"]]) == ["1\n---\na", "2\n---\nb"]
    with pytest.raises(MacroError, match="Line 3"):
        parts_of(Wish("a fox\n---\nan {owl|eagle"))


@pytest.mark.parametrize(
    "other",
    ["A red fox", "a red   fox.", "a red, fox", "a\nred fox!"],
)
def test_wishes_of_the_same_words_are_the_same(other: str) -> None:
    assert digest(Wish(other), "m") == digest(Wish("a red fox"), "m")
    assert digest(Wish(other, count=3), "m") == digest(Wish("a red fox", count=9), "m")


@pytest.mark.parametrize(
    "other",
    [
        Wish("a fox red"),
        Wish("a {red|Red} fox"),
        Wish("a red fox", target="video"),
        Wish("a red fox", family="sdxl"),
        Wish("a red fox", focus="poses"),
        Wish("a red fox", styles=("etching",)),
    ],
)
def test_wishes_of_other_words_or_aims_are_not(other: Wish) -> None:
    assert digest(other, "m") != digest(Wish("a red fox"), "m")
    assert digest(Wish("a red fox"), "n") != digest(Wish("a red fox"), "m")


def test_lettering_is_taken_as_it_was_typed() -> None:
    assert digest(Wish('a sign saying "Open"'), "m") != digest(Wish('a sign saying "OPEN"'), "m")
    assert digest(Wish("A sign,  saying “Open”"), "m") == digest(Wish("a sign saying “Open”."), "m")


def test_families_are_told_by_the_models_id() -> None:
    ids = ("flux-2-pro", "gpt-image-2.6-flare", "gemini-nano-banana-2.1", "recraft-v3", "sketch-video", "wan-2.2")
    assert [family_of(each) for each in ids] == ["flux", "gpt-image", "gemini", "recraft", "sketch", ""]


_PIECES = st.lists(
    st.sampled_from(["a fox", "{red|green}", "__animals__", "${x=a}", "${x}", "in snow", "at dusk", "\\{no\\}", ","]),
    min_size=1,
    max_size=8,
)


@given(_PIECES, st.sampled_from(["", "sdxl"]), st.sampled_from(["image", "video"]))
def test_the_rules_keep_every_macro(pieces: list[str], family: str, target: str) -> None:
    prompt = " ".join(pieces)
    wish = Wish(prompt, count=5)

    assert len(usable(wish, variations(RulesWish(prompt, 5, target=target, family=family)))) == 5
