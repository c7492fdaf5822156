from __future__ import annotations

import hashlib
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from app.providers.sketch import plain
from app.providers.sketch.brief import brief_for
from app.providers.sketch.canvas import picture, scene
from app.providers.sketch.vocabulary import SUBJECTS, read

COLOURS = ("red", "green", "blue")
HOURS = ("dawn", "dusk")


def apart(a, b):
    """Mean distance of two pictures of one size, 0..255."""
    return float(np.abs(a.astype(int) - b.astype(int)).mean())


def test_another_process_paints_the_same_bytes():
    script = (
        "import hashlib; from app.providers.sketch.canvas import picture;"
        "print(hashlib.sha256(picture('an owl at dusk', 'fog', 5, 96, 72).tobytes()).hexdigest())"
    )
    there = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()
    here = hashlib.sha256(picture("an owl at dusk", "fog", 5, 96, 72).tobytes()).hexdigest()
    assert there == here


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_every_subject_paints_a_full_picture_that_follows_its_colour(subject):
    word = subject.words.split()[0].replace("-", " ")
    one = picture(f"a red {word}, noon", "", 1, 96, 64)
    other = picture(f"a blue {word}, noon", "", 1, 96, 64)
    assert one.shape == (64, 96, 3)
    assert one.std() > 8
    # What differs between the two leans to red in one and to blue in the other.
    lean = (one.astype(int) - other.astype(int)).mean(axis=(0, 1))
    assert lean[0] > 0.5
    assert lean[2] < -0.5


@pytest.mark.parametrize(("width", "height"), [(64, 64), (64, 200), (200, 64), (333, 127)])
def test_any_shape_of_frame_is_filled(width, height):
    painted = picture("a lighthouse, sunset", "", 2, width, height)
    assert painted.shape == (height, width, 3)
    for edge in (painted[0], painted[-1], painted[:, 0], painted[:, -1]):
        assert edge.max() > 0


def test_scenes_answer_in_single_precision():
    for subject in SUBJECTS:
        brief = brief_for(f"a {subject.words.split()[0]} at dusk", "", 1, 64, 64, 64)
        u = np.linspace(-1, 1, 500, dtype=np.float32)
        assert np.isfinite(scene(brief)(u, u[::-1].copy())).all(), subject.name


def test_the_six_of_red_green_blue_and_dawn_dusk_are_told_apart_at_a_glance():
    small = {(c, h): picture(f"a {c} fox, {h} light", "", 1, 96, 96) for c in COLOURS for h in HOURS}
    for one, other in combinations(small, 2):
        assert apart(small[one], small[other]) > 6, (one, other)
    for hour in HOURS:
        mean = np.mean([small[colour, hour].astype(float) for colour in COLOURS], axis=0)
        for index, colour in enumerate(COLOURS):
            own = (small[colour, hour] - mean).mean(axis=(0, 1))
            assert int(own.argmax()) == index, (colour, hour, own)
    for colour in COLOURS:
        assert small[colour, "dawn"].mean() > small[colour, "dusk"].mean() * 1.3


def test_the_seed_moves_things_but_keeps_the_subject():
    one, other = (picture("an owl, noon", "", seed, 96, 96) for seed in (1, 2))
    assert apart(one, other) > 4
    assert read("an owl, noon").subject.name == "owl"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a fox", "a fox!"),
        ("a fox, noon", "a majestic fox, noon"),
        ("qwertz uiop", "qwertz uiop asdf"),
        ("a fox, azure", "a fox, blue"),
        ("a fox", ""),
    ],
)
def test_other_words_give_another_picture(one, other):
    assert apart(picture(one, "", 1, 80, 80), picture(other, "", 1, 80, 80)) > 1


@pytest.mark.parametrize(
    "words", ["fog", "rain", "snowing", "monochrome", "pastel", "neon", "close-up", "wide", "dark"]
)
def test_weather_mood_and_framing_show(words):
    assert (
        apart(picture("a lighthouse, noon", "", 1, 96, 96), picture(f"a lighthouse, noon, {words}", "", 1, 96, 96)) > 5
    )


def test_a_preview_is_the_same_picture_smaller():
    large = picture("a lighthouse at sunset", "", 3, 240, 180)
    small = picture("a lighthouse at sunset", "", 3, 240, 180, scale=0.25)
    assert small.shape == (45, 60, 3)
    reduced = np.asarray(Image.fromarray(large).resize((60, 45), Image.Resampling.BOX))
    assert apart(reduced, small) < 8


def test_the_plain_picture_is_repeatable_and_shows_colour_and_hour():
    shown = {(c, h): plain.picture(f"a {c} fox, {h}", "", 1, 128, 128) for c in COLOURS for h in HOURS}
    assert np.array_equal(shown["red", "dawn"], plain.picture("a red fox, dawn", "", 1, 128, 128))
    for one, other in combinations(shown, 2):
        assert apart(shown[one], shown[other]) > 6, (one, other)
