from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from app.imaging.compositing import extended, part_of, repainted
from app.imaging.framing import Sides, SizeRule, fit_to
from app.imaging.provider_masks import on_canvas
from tests.app.imaging.files import photo

SIDES = st.integers(1, 48)
MARGINS = st.integers(0, 30)
FEATHERS = st.integers(0, 12)


@st.composite
def masks(draw: st.DrawFn, width: int, height: int) -> Image.Image:
    mask = Image.new("L", (width, height))
    for _ in range(draw(st.integers(0, 3))):
        x, y = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
        box = (x, y, x + draw(st.integers(0, 30)), y + draw(st.integers(0, 30)))
        ImageDraw.Draw(mask).ellipse(box, fill=draw(st.integers(1, 255)))
    return mask


@given(st.data(), SIDES, SIDES, FEATHERS, st.sampled_from(["RGB", "RGBA"]), st.integers(1, 60))
@settings(max_examples=60)
def test_outside_the_mask_every_pixel_is_the_sources_bit_for_bit(
    data: st.DataObject, width: int, height: int, feather_px: int, mode: str, answered_px: int
) -> None:
    source, mask = photo(width, height, mode), data.draw(masks(width, height))
    result = photo(answered_px, answered_px, seed=3)
    made = np.asarray(repainted(source, result, mask, feather_px=feather_px))
    untouched = np.asarray(mask) == 0
    assert made.shape[:2] == (height, width)
    assert np.array_equal(made[untouched], np.asarray(source)[untouched])


def test_deep_inside_the_mask_it_is_the_models_work() -> None:
    source, result = Image.new("RGB", (80, 80), "red"), Image.new("RGB", (80, 80), "blue")
    mask = Image.new("L", (80, 80))
    mask.paste(255, (20, 20, 60, 60))
    made = repainted(source, result, mask, feather_px=8)
    assert made.getpixel((40, 40)) == (0, 0, 255)
    red, _, blue = made.getpixel((22, 40))
    assert 0 < blue < red < 255


@given(st.builds(Sides, MARGINS, MARGINS, MARGINS, MARGINS), SIDES, SIDES, FEATHERS, st.integers(1, 60))
@settings(max_examples=60)
def test_in_a_grown_frame_the_source_stands_unmoved_and_untouched(
    sides: Sides, width: int, height: int, feather_px: int, answered_px: int
) -> None:
    source, canvas = photo(width, height), sides.around(width, height)
    made = extended(source, photo(answered_px, answered_px, seed=3), sides, feather_px=feather_px)
    assert made.size == canvas.size
    assert np.array_equal(np.asarray(made.crop(canvas.source_box)), np.asarray(source))


def test_the_sources_edge_runs_on_into_what_is_new() -> None:
    source, result = Image.new("RGB", (20, 20), "red"), Image.new("RGB", (60, 20), "blue")
    made = extended(source, result, Sides(left=20, right=20), feather_px=4)
    row = [made.getpixel((x, 10))[0] for x in range(40, 48)]
    assert row == sorted(row, reverse=True)
    assert row[0] > 150
    assert row[-1] == 0


@pytest.mark.parametrize("size", [(1008, 704), (504, 352)])
def test_what_lay_around_on_the_providers_canvas_is_cut_off_again(size: tuple[int, int]) -> None:
    """The provider answers with the very picture it was sent, at its own size: nothing may have moved."""
    source, mask = photo(250, 175), Image.new("L", (250, 175), 255)
    canvas = fit_to(250, 175, SizeRule(16, 3840, 16, 655_360, 8_294_400, 3))
    placed, _ = on_canvas(source, mask, canvas)
    made = repainted(source, placed.resize(size), mask, feather_px=0, part=part_of(canvas))
    difference = np.abs(np.asarray(made, dtype=int) - np.asarray(source, dtype=int))
    assert difference.mean() < 3


def test_a_part_of_the_right_size_is_cut_out_without_resampling() -> None:
    source, around = photo(50, 30), photo(64, 32, seed=9)
    canvas = fit_to(50, 30, SizeRule(step_px=16))
    around.paste(source, canvas.source_box[:2])
    made = repainted(photo(50, 30, seed=4), around, Image.new("L", (50, 30), 255), feather_px=0, part=part_of(canvas))
    assert np.array_equal(np.asarray(made), np.asarray(source))
