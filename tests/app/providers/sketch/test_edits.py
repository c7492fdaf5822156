from __future__ import annotations

import numpy as np
import pytest

from app.providers.sketch.canvas import picture
from app.providers.sketch.edits import edited


@pytest.fixture(scope="module")
def scene():
    return picture("a lighthouse, golden hour", "", 4, 160, 120)


def mean(pixels, rows=slice(None)):
    return pixels[rows].reshape(-1, 3).astype(float).mean(axis=0)


def edit(scene, words):
    return edited(scene, words, "", 1)


def test_darker_and_brighter_change_the_light(scene):
    assert mean(edit(scene, "Make it darker!")).sum() < mean(scene).sum() * 0.75
    assert mean(edit(scene, "brighter")).sum() > mean(scene).sum() * 1.1


def test_warmer_and_colder_change_the_balance(scene):
    def balance(pixels):
        red, _, blue = mean(pixels)
        return red / blue

    assert balance(edit(scene, "warmer")) > balance(scene) > balance(edit(scene, "a bit colder"))


def test_a_purple_sky_leaves_the_ground_as_it_was(scene):
    changed = edit(scene, "make the sky purple")
    red, green, blue = mean(changed, slice(0, 20))
    assert green < red
    assert green < blue
    assert np.abs(changed[-12:].astype(int) - scene[-12:]).mean() < 3


def test_snow_adds_bright_flakes_all_over(scene):
    brighter = edit(scene, "add snow").astype(int).sum(axis=2) - scene.astype(int).sum(axis=2)
    assert 0.01 < (brighter > 60).mean() < 0.5


def test_black_and_white_takes_the_colour_out(scene):
    grey = edit(scene, "black and white").astype(int)
    assert (grey.max(axis=2) - grey.min(axis=2)).max() <= 1


def test_mirror_twice_is_nothing(scene):
    assert np.array_equal(edit(edit(scene, "mirror it"), "mirror it"), scene)


def test_night_turns_the_picture_dark_and_blue(scene):
    red, _, blue = mean(edit(scene, "make it night"))
    assert blue > red
    assert mean(edit(scene, "make it night")).sum() < mean(scene).sum() * 0.7


def test_words_it_does_not_know_still_leave_a_trace_of_their_own(scene):
    one, other = edit(scene, "more jazz"), edit(scene, "less paperwork")
    assert not np.array_equal(one, scene)
    assert not np.array_equal(one, other)


def test_an_edit_keeps_the_size_and_is_repeatable(scene):
    assert edit(scene, "add fog").shape == scene.shape
    assert np.array_equal(edit(scene, "add rain, darker"), edit(scene, "add rain, darker"))
