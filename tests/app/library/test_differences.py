"""What differs between recipes, and how fast it is found."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.library.differences import Change, changed_words, condensed, rows_of

prompts = st.lists(
    st.sampled_from(["a", "red", "blue", "fox", ",", " ", "  ", "at", "dusk", "é", "\n"]), max_size=30
).map("".join)


def shown(before: str, after: str) -> str:
    signs = {Change.SAME: "{}", Change.ADDED: "[+{}]", Change.GONE: "[-{}]"}
    return "".join(signs[run.change].format(run.text) for run in changed_words(before, after))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("a red fox", "a red fox", "a red fox"),
        ("a red fox", "a blue fox", "a [-red][+blue] fox"),
        ("a fox", "a fox, at dusk", "a fox[+, at dusk]"),
        ("a fox at dusk", "fox at dusk", "[-a ]fox at dusk"),
        ("calm sea, golden hour", "calm sea, violet dusk", "calm sea, [-golden hour][+violet dusk]"),
        ("", "a fox", "[+a fox]"),
        ("a fox", "", "[-a fox]"),
        ("", "", ""),
    ],
)
def test_the_words_that_changed_are_told_apart(before: str, after: str, words: str) -> None:
    assert shown(before, after) == words


@given(prompts, prompts)
def test_both_prompts_can_be_read_from_their_difference(before: str, after: str) -> None:
    runs = changed_words(before, after)
    assert "".join(run.text for run in runs if run.change is not Change.ADDED) == before
    assert "".join(run.text for run in runs if run.change is not Change.GONE) == after
    assert all(one.change is not other.change for one, other in itertools.pairwise(runs))


def test_only_the_neighbourhood_of_a_change_is_told_of_a_long_prompt() -> None:
    before = "one two three four five six seven eight nine ten"
    runs = condensed(changed_words(before, before.replace("six", "SIX")))
    assert "|".join(run.text for run in runs) == "… four five |six|SIX| seven eight …"
    assert condensed(changed_words("a red fox", "a blue fox")) == changed_words("a red fox", "a blue fox")


def test_the_longest_prompts_are_compared_in_no_time() -> None:
    before, after = (" ".join(f"{letter}{number % 7}" for number in range(1000)) for letter in "ab")
    began = time.perf_counter()
    changed_words(before, after)
    assert time.perf_counter() - began < 1


def test_facts_equal_to_the_first_pictures_are_marked_as_the_same() -> None:
    rows = rows_of([{"Seed": "1", "Model": "Sketch"}, {"Seed": "2", "Model": "Sketch", "Strength": "0.4"}])
    assert [(row.name, row.same, [(cell.text, cell.same) for cell in row.cells]) for row in rows] == [
        ("Seed", False, [("1", False), ("2", False)]),
        ("Model", True, [("Sketch", False), ("Sketch", True)]),
        ("Strength", False, [("", False), ("0.4", False)]),
    ]
