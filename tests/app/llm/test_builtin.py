from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.llm.builtin import Builtin, changing
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


def answered(wish: str, *before: Message, shown: Sequence[str] = (), last: Sequence[str] = ()) -> str:
    """What the rules say to a wish where pictures were made."""
    facts = {"shown": list(shown), "last": list(last)}
    messages = (Message("user", "help"), *before) if before else ()
    return Builtin().answer(Ask("", (*messages, Message("user", wish)), facts=facts)).text


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


FOX = "a red fox, in snow"
CALM, NIGHT = "calm, soft even light, muted colours", "at night, moonlight and a few warm lights"


@pytest.mark.parametrize(
    ("wish", "added"),
    [
        ("something calmer than the last picture", CALM),
        ("Could you make something calmer than the last image?", CALM),
        ("a calmer version of the last picture, please", CALM),
        ("make the last picture calmer", CALM),
        ("calmer", CALM),
        ("a bit calmer", CALM),
        ("less dramatic", CALM),
        ("what about something more relaxed?", CALM),
        ("like the last but at night", NIGHT),
        ("how about the last one at night", NIGHT),
        ("at night", NIGHT),
        ("make it night", NIGHT),
        ("darker", "low-key light, deep shadows"),
        ("brighter please", "bright, high-key light"),
        ("I want it warmer", "warm amber light"),
        ("the last one, but brighter and warmer", "bright, high-key light, warm amber light"),
        ("less busy", "minimal composition, much empty space"),
        ("less colourful", "muted, restrained colours"),
        ("more snowflakes", "more snowflakes"),
        ("with more contrast", "more contrast"),
        ("the same but with an owl", "with an owl"),
        ("in the style of Hokusai", "in the style of Hokusai"),
        ("this picture as a woodcut", "as a woodcut"),
        ("in black and white", "in black and white"),
        ("the same with rain and lightning", "with rain, with lightning"),
        ("like the last picture, but the fox wears a hat", "the fox wears a hat"),
    ],
)
def test_a_wish_about_the_last_picture_builds_on_its_prompt(wish: str, added: str) -> None:
    said = answered(wish, last=[FOX, "an owl"])

    assert f"```prompt\n{FOX}, {added}\n```" in said
    assert "Built on the last picture, changed by" in said
    assert said.count("```prompt") == 1


@pytest.mark.parametrize(
    ("wish", "prompt"),
    [
        ("without people", f"{FOX}\nnegative: people"),
        ("less people than the last picture", f"{FOX}\nnegative: people"),
        ("no snow", "a red fox\nnegative: snow"),
        ("like the last but without the snow, at night", f"a red fox, {NIGHT}\nnegative: snow"),
        ("without the fox", f"{FOX}\nnegative: fox"),
        ("without people and cars", f"{FOX}\nnegative: people, cars"),
        ("like the last but without people, cars but warmer", f"{FOX}, warm amber light\nnegative: people, cars"),
    ],
)
def test_what_the_last_picture_shall_lose_is_kept_out(wish: str, prompt: str) -> None:
    assert f"```prompt\n{prompt}\n```" in answered(wish, last=[FOX])


@pytest.mark.parametrize("wish", ["another one", "another like the last", "more like that", "the last picture", "more"])
def test_another_one_is_a_variation_of_the_last_picture(wish: str) -> None:
    assert answered(wish, last=[FOX]).count(f"```prompt\n{FOX}, ") == 3


def test_as_many_changed_variations_come_as_were_asked_for() -> None:
    assert answered("two calmer variations of the last picture", last=[FOX]).count(f"{FOX}, {CALM}") == 2


def test_a_picture_that_is_shown_comes_before_the_last_one_and_prompts_above_before_both() -> None:
    assert "```prompt\nan owl, " in answered("calmer", shown=["an owl"], last=[FOX])
    above = Message("assistant", "```prompt\na hare\n```")
    assert "```prompt\na hare, " in answered("calmer", above, last=[FOX])
    assert f"```prompt\n{FOX}, " in answered("calmer than the last picture", above, last=[FOX])


@pytest.mark.parametrize("wish", ["something calmer than the last picture", "darker", "like the last but at night"])
def test_without_anything_to_build_on_it_says_so_instead_of_taking_the_wish_for_a_subject(wish: str) -> None:
    said = answered(wish)

    assert "no picture and no prompt here yet" in said
    assert "```prompt" not in said


def test_what_points_back_and_is_not_understood_is_no_subject_either() -> None:
    said = answered("I love the last picture", last=[FOX])

    assert "cannot tell what should become of the last picture" in said
    assert "```prompt" not in said


@pytest.mark.parametrize(
    "wish",
    [
        "a picture of the last supper",
        "a calmer lake",
        "a lighthouse at night",
        "at night, a city",
        "a river",
        "flower",
        "Make three variations of a hare, at night",
        "in a forest there is a hare who reads a newspaper",
    ],
)
def test_a_subject_of_its_own_is_not_taken_for_a_change(wish: str) -> None:
    assert FOX not in answered(wish, last=[FOX])


@given(st.text(max_size=400))
def test_any_text_is_read_and_quickly(text: str) -> None:
    changing.read(text)
    changing.Change(adds=("calm",), without=(text,)).of(f"a fox, {text}")


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
