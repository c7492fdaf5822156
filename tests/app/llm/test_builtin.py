from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.llm.builtin import Builtin
from app.llm.builtin.enhancing import MOST, Wish, variations
from app.llm.contract import Answer, Ask, Message


def said(*texts: str) -> str:
    """What the rules say last in a conversation of these user's messages."""
    messages: list[Message] = []
    for text in texts:
        messages.append(Message("user", text))
        messages.append(Message("assistant", Builtin().answer(Ask("", tuple(messages))).text))
    return messages[-1].text


def test_the_first_reply_says_that_rules_answer_and_later_ones_do_not_repeat_it() -> None:
    assert "not an AI" in said("hello")
    assert "not an AI" not in said("hello", "a red fox")


@pytest.mark.parametrize(
    ("wish", "idea"),
    [
        ("suggest 2 prompts for a red fox in the snow", "a red fox in the snow"),
        ("can you write a prompt for a lighthouse?", "a lighthouse"),
        ("please draw a fox", "a fox"),
        ("a fox", "a fox"),
    ],
)
def test_an_idea_becomes_prompts_that_begin_with_it(wish: str, idea: str) -> None:
    assert f"```prompt\n{idea}" in said(wish)


def test_as_many_prompts_are_proposed_as_were_asked_for() -> None:
    assert said("four ideas for a fox").count("```prompt") == 4


def test_a_wish_for_change_changes_the_prompts_of_the_last_reply() -> None:
    changed = said("a prompt for a fox", "make it more dramatic")

    assert changed.count("deep shadows, high contrast") == 4  # once told, and in each of the three
    assert "```prompt\na fox" in changed


def test_what_is_kept_out_stays_out_of_a_change() -> None:
    proposed = Message("assistant", "```prompt\na fox in snow\nnegative: text, frame\n```")
    answer = Builtin().answer(Ask("", (Message("user", "a fox"), proposed, Message("user", "warmer"))))

    assert "```prompt\na fox in snow, warm amber light\nnegative: text, frame\n```" in answer.text


def test_more_means_others_on_the_same_subject() -> None:
    first, more = said("a fox"), said("a fox", "more")

    assert "```prompt\na fox" in more
    assert not set(first.split("```prompt\n")[1:]) & set(more.split("```prompt\n")[1:])


def test_a_question_about_the_tool_gets_its_answer_and_others_an_honest_no() -> None:
    assert "white in the mask is repainted" in said("what is inpainting?")
    assert "no rule" in said("who was Napoleon?")


def test_a_stream_is_the_answer_in_pieces() -> None:
    ask = Ask("", (Message("user", "a fox"),))
    *pieces, answer = Builtin().stream(ask)

    assert isinstance(answer, Answer)
    assert "".join(piece.text for piece in pieces) == answer.text


def test_a_schema_of_texts_is_filled_with_the_proposals() -> None:
    schema = {
        "type": "object",
        "properties": {"prompts": {"type": "array", "items": {"type": "string"}, "maxItems": 2}},
        "required": ["prompts"],
    }
    data = Builtin().answer(Ask("", (Message("user", "a fox"),), schema=schema)).data

    assert len(data["prompts"]) == 2


def test_a_prompt_that_tells_of_its_light_gets_no_other() -> None:
    for prompt in variations(Wish("a fox at dusk", MOST)):
        assert not any(word in prompt for word in ("moonlight", "noon", "backlight", "lamp"))


def test_a_focus_varies_one_thing_and_keeps_the_rest() -> None:
    prompts = variations(Wish("a woman by the sea", 5, focus="outfits"))
    rests = {prompt.split("wearing ")[1].split(", ", 1)[1] for prompt in prompts}

    assert len(set(prompts)) == 5
    assert all("wearing " in prompt for prompt in prompts)
    assert len({rest.split(". ", 1)[-1] for rest in rests}) == 1


def test_video_is_told_how_it_moves_and_word_families_get_lists() -> None:
    assert "camera" in variations(Wish("a fox", 1, target="video"))[0].casefold()
    assert ". " not in variations(Wish("a fox", 1, family="sdxl", styles=("photorealistic",)))[0]


@given(st.text(min_size=1, max_size=60).filter(str.strip), st.integers(1, MOST), st.sampled_from(["image", "video"]))
def test_variations_differ_hold_the_prompt_and_are_the_same_every_time(prompt: str, count: int, target: str) -> None:
    wish = Wish(prompt.strip(), count, target=target)
    prompts = variations(wish)

    assert prompts == variations(wish)
    assert len(set(prompts)) == count
    assert all(text.startswith(prompt.strip().rstrip(" \t\n,.;")) for text in prompts)
