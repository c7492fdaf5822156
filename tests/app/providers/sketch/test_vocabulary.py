from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.providers.sketch.vocabulary import COLOURS, SUBJECTS, read


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_every_word_of_a_subject_finds_it(subject):
    for word in subject.words.split():
        assert read(f"a {word} please").subject is subject


@pytest.mark.parametrize(
    ("prompt", "name", "colour"),
    [
        ("a red fox, dawn light", "fox", "red"),
        ("fox, silver and quiet", "fox", "silver"),
        ("an arctic fox in snow under a blue sky", "fox", "arctic"),
        ("blue sky over a lighthouse", "lighthouse", None),
        ("an orange cat", "cat", "orange"),
        ("the owl is teal", "owl", "teal"),
    ],
)
def test_the_colour_beside_the_subject_is_the_subjects(prompt, name, colour):
    reading = read(prompt)
    assert reading.subject.name == name
    assert reading.colour == (COLOURS[colour] if colour else None)


def test_a_colour_beside_the_sky_is_the_skys():
    assert read("a fox under a purple sky").places == {"sky": COLOURS["purple"]}


def test_a_creature_wins_over_the_place_it_sits_in():
    assert read("deep in the forest, beside the mountains, a fox").subject.name == "fox"


@pytest.mark.parametrize(
    ("words", "light"),
    [
        ("dawn", "dawn"),
        ("golden hour", "golden hour"),
        ("at the blue hour", "blue hour"),
        ("full moon", "moonlight"),
        ("low sun behind", "golden hour"),
        ("at midnight", "night"),
    ],
)
def test_the_hour_is_read_from_one_word_or_two(words, light):
    assert read(f"a fox, {words}").light == light


def test_what_the_negative_prompt_names_is_left_out():
    assert read("a fox in snow and fog").weather == "fog"
    without = read("a fox in snow and fog", "fog, snow")
    assert (without.weather, without.season) == ("", "")


def test_the_choices_of_a_macro_share_what_lays_out_the_scene():
    prompts = [f"a {colour} fox, {light} light" for colour in ("red", "green") for light in ("dawn", "dusk")]
    assert len({read(prompt).rest for prompt in prompts}) == 1


@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_every_text_gives_the_same_picture_choices_each_time(text):
    assert read(text) == read(text)
    assert read(text).subject in SUBJECTS


@given(st.text(max_size=40), st.text(max_size=40))
def test_two_texts_never_share_a_digest(one, other):
    assert (read(one).digest == read(other).digest) == (one == other)
