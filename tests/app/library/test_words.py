from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.library.words import MOST_WORDS, WORD_CHARS, fold, words_of


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("A {Red|blue} fox, (snow:1.3)", "a red blue fox snow 1 3"),
        ("Café CRÈME", "cafe creme"),
        ("Straße", "strasse"),
        ("fox.png", "fox png"),
        ("red/blue under_score", "red blue under score"),
        ("東京タワー at night", "東 京 タ ワ ー at night"),
        ("“…” 🦊 !", ""),
    ],
)
def test_a_text_is_folded_to_bare_words(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=3000))
def test_no_text_makes_a_query_of_anything_but_words(text: str) -> None:
    words = words_of(text)
    every = [*words.whole, *([words.begun] if words.begun else [])]
    assert len(every) <= MOST_WORDS
    assert all(word.isalnum() and len(word) <= WORD_CHARS for word in every)


def test_only_the_last_word_may_be_unfinished() -> None:
    words = words_of("red OR fo")
    assert words.for_sqlite() == '"red" "or" "fo"*'
    assert words.for_postgres() == "red & or & fo:*"


def test_punctuation_alone_is_no_search() -> None:
    assert not words_of('"" AND'[:2] + " * ( ) : ' -")
