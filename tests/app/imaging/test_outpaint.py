from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.imaging.errors import ImageTooLarge
from app.imaging.limits import ImageLimits
from app.imaging.outpaint import Canvas, NothingToOutpaint, OutpaintPreset, expanded, plan, to_ratio

SIDES = st.integers(1, 4000)
RATIOS = {OutpaintPreset.WIDE: (16, 9), OutpaintPreset.TALL: (9, 16), OutpaintPreset.SQUARE: (1, 1)}
RATIOS |= {OutpaintPreset.CLASSIC: (4, 3)}


@given(SIDES, SIDES, st.sampled_from(OutpaintPreset), st.sampled_from([1, 2, 8, 64]))
def test_the_source_lies_whole_on_a_larger_canvas_of_the_wanted_shape(
    width: int, height: int, preset: OutpaintPreset, multiple: int
) -> None:
    try:
        canvas = plan(width, height, preset, multiple_px=multiple, limits=ImageLimits(pixels=10**9))
    except NothingToOutpaint:
        across, down = RATIOS[preset]
        assert width * down == height * across
        return
    left, top, right, bottom = canvas.source_box
    assert (right - left, bottom - top) == (width, height)
    assert 0 <= left <= right <= canvas.width_px
    assert 0 <= top <= bottom <= canvas.height_px
    assert canvas.width_px * canvas.height_px > width * height
    assert canvas.width_px % multiple == canvas.height_px % multiple == 0
    grown = canvas.expand
    assert min(grown.values()) >= 0
    assert abs(grown["left"] - grown["right"]) <= 1
    assert abs(grown["top"] - grown["bottom"]) <= 1
    if preset in RATIOS:
        across, down = RATIOS[preset]
        assert abs(canvas.width_px * down - canvas.height_px * across) <= multiple * max(across, down)


@given(SIDES, SIDES, st.sampled_from(sorted(RATIOS)))
def test_no_smaller_canvas_of_that_shape_would_hold_the_source(width: int, height: int, preset: OutpaintPreset) -> None:
    across, down = RATIOS[preset]
    assume(width * down != height * across)
    canvas = plan(width, height, preset, limits=ImageLimits(pixels=10**9))
    assert canvas.width_px == width or canvas.height_px == height


@pytest.mark.parametrize(
    ("source", "preset", "canvas"),
    [
        ((1024, 1024), OutpaintPreset.WIDE, (1821, 1024)),
        ((1024, 1024), OutpaintPreset.TALL, (1024, 1821)),
        ((1000, 500), OutpaintPreset.SQUARE, (1000, 1000)),
        ((768, 768), OutpaintPreset.CLASSIC, (1024, 768)),
        ((512, 300), OutpaintPreset.EXPAND_ALL, (768, 450)),
    ],
)
def test_presets_give_the_canvas_one_expects(
    source: tuple[int, int], preset: OutpaintPreset, canvas: tuple[int, int]
) -> None:
    planned = plan(*source, preset)
    assert (planned.width_px, planned.height_px) == canvas


@given(SIDES, SIDES, st.integers(1, 40), st.integers(1, 40))
def test_any_shape_can_be_asked_for(width: int, height: int, across: int, down: int) -> None:
    assume(width * down != height * across)
    canvas = to_ratio(width, height, across, down, limits=ImageLimits(side_px=10**6, pixels=10**12))
    assert canvas.width_px >= width
    assert canvas.height_px >= height
    assert canvas.width_px == width or canvas.height_px == height
    assert abs(canvas.width_px * down - canvas.height_px * across) <= max(across, down)


def test_a_shape_in_words_and_in_numbers_is_the_same() -> None:
    assert plan(300, 200, OutpaintPreset.WIDE, multiple_px=8) == to_ratio(300, 200, 16, 9, multiple_px=8)
    with pytest.raises(NothingToOutpaint, match="already 3:2"):
        to_ratio(300, 200, 3, 2)


def test_expand_all_adds_the_same_on_opposite_sides() -> None:
    assert plan(512, 300, OutpaintPreset.EXPAND_ALL).expand == {"left": 128, "top": 75, "right": 128, "bottom": 75}


def test_multiples_of_eight_hold_for_both_sides() -> None:
    canvas = plan(1000, 1003, OutpaintPreset.WIDE, multiple_px=8)
    assert (canvas.width_px, canvas.height_px) == (1792, 1008)


def test_a_picture_of_that_shape_has_nothing_to_outpaint() -> None:
    with pytest.raises(NothingToOutpaint, match="already 1:1"):
        plan(640, 640, OutpaintPreset.SQUARE, multiple_px=64)


def test_the_limits_hold_to_the_pixel() -> None:
    assert plan(100, 50, OutpaintPreset.SQUARE, limits=ImageLimits(side_px=100, pixels=10_000)).height_px == 100
    for limits in (ImageLimits(side_px=99), ImageLimits(pixels=9_999)):
        with pytest.raises(ImageTooLarge):
            plan(100, 50, OutpaintPreset.SQUARE, limits=limits)


@given(SIDES, SIDES, *[st.integers(0, 300)] * 4)
def test_given_margins_are_taken_as_they_are(
    width: int, height: int, left: int, top: int, right: int, bottom: int
) -> None:
    assume(left or top or right or bottom)
    canvas = expanded(width, height, left=left, top=top, right=right, bottom=bottom)
    assert canvas == Canvas(width + left + right, height + top + bottom, left, top, width, height)
    assert canvas.expand == {"left": left, "top": top, "right": right, "bottom": bottom}


@pytest.mark.parametrize("margins", [{}, {"left": -1, "right": 2}])
def test_a_canvas_must_grow(margins: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must grow"):
        expanded(10, 10, **margins)


@pytest.mark.parametrize(("width", "height", "multiple"), [(0, 5, 1), (5, 0, 1), (5, 5, 0), (-5, 5, 1)])
def test_impossible_sides_are_refused(width: int, height: int, multiple: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        plan(width, height, OutpaintPreset.WIDE, multiple_px=multiple)
