from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.texts import UnusableText, clean_name, clean_text

storable = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@given(storable)
def test_a_clean_name_is_one_visible_composed_line_and_stays_as_it_is(text: str) -> None:
    cleaned = clean_name(text, 10_000)
    assert cleaned == unicodedata.normalize("NFC", cleaned)
    assert cleaned.splitlines() in ([], [cleaned])
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in cleaned)
    assert clean_name(cleaned, 10_000) == cleaned


@given(storable)
def test_clean_text_stays_as_it_is_when_cleaned_again(text: str) -> None:
    cleaned = clean_text(text, 10_000)
    assert clean_text(cleaned, 10_000) == cleaned
    assert "\0" not in cleaned
    assert "\r" not in cleaned


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  My   project ", "My project"),
        ("two\r\nlines", "two lines"),
        ("tab\there", "tab here"),
        ("a\u2028b", "a b"),
        ("e\u0301te\u0301", "été"),
        ("gnp.\u202egpj", "gnp.gpj"),
        ("ad\u200bmin\ufeff", "admin"),
        ("pay\u2066pal\u2069", "paypal"),
        ("日本 プロジェクト", "日本 プロジェクト"),
        ("\x1b[31mred", "[31mred"),
    ],
)
def test_names_lose_what_nobody_sees(typed: str, kept: str) -> None:
    assert clean_name(typed, 80) == kept


def test_running_text_keeps_its_lines_and_its_joiners() -> None:
    assert clean_text("one\r\ntwo\rthree\n\tfour  \n\n", 100) == "one\ntwo\nthree\n\tfour"
    assert clean_text("👩\u200d👩\u200d👧", 100) == "👩\u200d👩\u200d👧"
    assert clean_text("evil\u202etxt\x07", 100) == "eviltxt"


@pytest.mark.parametrize("clean", [clean_name, clean_text])
@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x\udfff"])
def test_what_no_database_can_store_is_refused(clean, text: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnusableText) as refused:
        clean(text, 80)
    assert refused.value.code == "invalid_character"


@pytest.mark.parametrize("clean", [clean_name, clean_text])
def test_a_text_may_be_full_and_not_fuller(clean) -> None:  # type: ignore[no-untyped-def]
    assert clean("x" * 80, 80) == "x" * 80
    with pytest.raises(UnusableText, match="at most 80 characters; this has 81") as refused:
        clean("x" * 81, 80)
    assert refused.value.code == "too_long"
    # Counted after composing: what looks like 80 characters is 80.
    assert len(clean("e\u0301" * 80, 80)) == 80
