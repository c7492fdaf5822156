"""What a model is told of a conversation, and what of it is left to a summary."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from app.chat.domain import (
    KEPT_CHARS,
    SENT_CHARS,
    SUMMARY_CHARS,
    Look,
    Made,
    Role,
    Said,
    Setting,
    extract,
    parted,
    system_prompt,
    transcript,
)

ROLES = st.sampled_from(list(Role))
MESSAGES = st.lists(
    st.builds(Said, id=st.uuids(), role=ROLES, text=st.integers(0, 12_000).map(lambda size: "x" * size)), max_size=12
)


def said(text: str, role: Role = Role.USER) -> Said:
    return Said(uuid.uuid4(), role, text)


def test_the_model_is_told_of_theme_styles_pictures_and_what_was_said_before() -> None:
    setting = Setting(
        "Foxes",
        Look("Winter", "fresh snow, low sun"),
        [Look("Etching", "fine lines", "colour")],
        [Made("a red fox", "sketch", "a favourite")],
    )
    told = system_prompt(setting, "They like foxes.")
    for words in (
        "Workspace: Foxes",
        "Theme: Winter: fresh snow, low sun",
        "- Etching: fine lines (keep out: colour)",
        "“a red fox” (sketch, a favourite)",
        "They like foxes.",
        "```prompt",
    ):
        assert words in told


def test_what_the_model_is_told_stays_short_however_much_there_is() -> None:
    look = Look("n" * 200, "w" * 9000, "k" * 9000)
    told = system_prompt(Setting("w" * 500, look, [look] * 200, [Made("p" * 4000)] * 50))
    assert len(told) < 12_000


def test_a_short_conversation_goes_word_by_word() -> None:
    messages = [said("a"), said("b", Role.ASSISTANT)]
    assert parted(messages) == ([], messages)


@given(MESSAGES)
def test_a_long_one_is_parted_and_nothing_lost(messages: list[Said]) -> None:
    older, recent = parted(messages)
    assert [*older, *recent] == messages
    if messages:
        assert recent[-1] is messages[-1]
    if older:
        assert sum(len(each.text) for each in messages) > SENT_CHARS
        assert sum(len(each.text) for each in recent[:-1]) <= KEPT_CHARS


@given(MESSAGES)
def test_a_transcript_is_bounded_and_what_did_not_fit_is_told(messages: list[Said]) -> None:
    text, left = transcript(messages, 5_000)
    assert len(text) <= 5_000 + 2 * len(messages)
    assert len(left) + (text.count("user: ") + text.count("assistant: ")) == len(messages)


def test_an_extract_says_what_it_is_and_keeps_what_was_asked_and_proposed() -> None:
    first = extract("", [said("a fox\nin snow"), said("Sure.\n```prompt\na red fox\n```", Role.ASSISTANT)])
    assert first.splitlines() == ["(An extract, not a summary.)", "- asked: a fox in snow", "- proposed: a red fox"]
    second = extract(first, [said("darker")])
    assert second.splitlines()[1:] == ["- asked: a fox in snow", "- proposed: a red fox", "- asked: darker"]


@given(st.lists(st.text(max_size=400), max_size=60))
def test_an_extract_stays_short_and_keeps_the_newest(texts: list[str]) -> None:
    made = extract("", [said(text) for text in [*texts, "the newest wish"]])
    assert len(made) <= SUMMARY_CHARS
    assert made.endswith("- asked: the newest wish")
