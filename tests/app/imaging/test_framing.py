from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from app.imaging.framing import (
    ANCHORS,
    PRESETS,
    Canvas,
    NoSuchCanvas,
    Sides,
    SizeRule,
    UnknownPreset,
    fit_to,
    sides_for,
    sides_to_ratio,
)

SIDES = st.integers(1, 4000)
RATIOS = {"16:9": (16, 9), "9:16": (9, 16), "1:1": (1, 1), "4:3": (4, 3)}
# As OpenAI's current image models say it, BFL's tools, Recraft's edits, and a model that knows three sizes only.
MULTIPLES_OF_16 = SizeRule(16, 3840, 16, 655_360, 8_294_400, 3.0)
FOUR_MEGAPIXELS = SizeRule(64, 16_384, 16, 4096, 4_194_304)
UP_TO_4096 = SizeRule(256, 4096, 1, 65_536, 16_777_216)
THREE_SIZES = SizeRule(sizes=((1024, 1024), (1024, 1536), (1536, 1024)))
RULES = [MULTIPLES_OF_16, FOUR_MEGAPIXELS, UP_TO_4096, THREE_SIZES]


@given(SIDES, SIDES, st.sampled_from(PRESETS), st.sampled_from(sorted(ANCHORS)))
def test_a_preset_only_adds_and_leaves_the_picture_whole_in_the_frame(
    width: int, height: int, preset: str, anchor: str
) -> None:
    sides = sides_for(width, height, preset, anchor=anchor)
    canvas = sides.around(width, height)
    left, top, right, bottom = canvas.source_box
    assert (right - left, bottom - top) == (width, height)
    assert 0 <= left <= right <= canvas.width_px
    assert 0 <= top <= bottom <= canvas.height_px
    assert canvas.sides == sides
    assert bool(sides) == (canvas.width_px * canvas.height_px > width * height)


@given(SIDES, SIDES, st.sampled_from(sorted(RATIOS)))
def test_a_shape_is_met_to_the_pixel_by_the_smallest_frame(width: int, height: int, preset: str) -> None:
    across, down = RATIOS[preset]
    canvas = sides_for(width, height, preset).around(width, height)
    assert canvas.width_px == width or canvas.height_px == height
    assert abs(canvas.width_px * down - canvas.height_px * across) < max(across, down)
    if width * down == height * across:
        assert canvas.size == (width, height)


@given(SIDES, SIDES, st.sampled_from(PRESETS))
def test_without_a_wish_the_picture_stays_in_the_middle(width: int, height: int, preset: str) -> None:
    sides = sides_for(width, height, preset)
    assert 0 <= sides.right - sides.left <= 1
    assert 0 <= sides.bottom - sides.top <= 1


@pytest.mark.parametrize(
    ("source", "preset", "frame"),
    [
        ((1024, 1024), "16:9", (1821, 1024)),
        ((1024, 1024), "9:16", (1024, 1821)),
        ((1000, 500), "1:1", (1000, 1000)),
        ((768, 768), "4:3", (1024, 768)),
        ((512, 300), "all", (1024, 600)),
    ],
)
def test_presets_give_the_frame_one_expects(source: tuple[int, int], preset: str, frame: tuple[int, int]) -> None:
    assert sides_for(*source, preset).around(*source).size == frame


def test_everything_grows_by_half_on_every_side() -> None:
    assert sides_for(512, 301, "all") == Sides(256, 151, 256, 151)


@pytest.mark.parametrize(
    ("anchor", "sides"),
    [("middle", Sides(left=50, right=50)), ("left", Sides(right=100)), ("right", Sides(left=100))],
)
def test_a_picture_may_stay_at_one_end(anchor: str, sides: Sides) -> None:
    assert sides_for(100, 200, "1:1", anchor=anchor) == sides


@given(SIDES, SIDES, st.integers(1, 40), st.integers(1, 40))
def test_any_shape_can_be_asked_for(width: int, height: int, across: int, down: int) -> None:
    canvas = sides_to_ratio(width, height, across, down).around(width, height)
    assert canvas.width_px == width or canvas.height_px == height
    assert abs(canvas.width_px * down - canvas.height_px * across) < max(across, down)


def test_a_shape_nobody_knows_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownPreset, match="16:9, 9:16, 1:1, 4:3, all"):
        sides_for(10, 10, "5:4")


def test_frames_do_not_shrink() -> None:
    with pytest.raises(ValueError, match="not shrink"):
        Sides(left=-1)
    with pytest.raises(ValueError, match="at least 1"):
        sides_for(0, 5, "1:1")


@given(st.integers(16, 8000), st.integers(16, 8000), st.sampled_from(RULES))
@example(256, 256, MULTIPLES_OF_16)
@example(8000, 16, MULTIPLES_OF_16)
@example(4096, 4096, MULTIPLES_OF_16)
def test_a_canvas_meets_the_providers_rule_and_holds_the_picture_whole(width: int, height: int, rule: SizeRule) -> None:
    try:
        canvas = fit_to(width, height, rule)
    except NoSuchCanvas:
        # A ribbon that would have to be thinner than the thinnest side.
        assert max(width, height) / min(width, height) > 15
        return
    assert rule.allows(*canvas.size)
    left, top, right, bottom = canvas.source_box
    assert 0 <= left < right <= canvas.width_px
    assert 0 <= top < bottom <= canvas.height_px
    assert abs(left - (canvas.width_px - right)) <= 1
    assert abs(top - (canvas.height_px - bottom)) <= 1
    # Scaled alike both ways, to the half pixel of rounding.
    assert abs((right - left) * height - (bottom - top) * width) <= max(width, height)


@given(st.integers(700, 2000), st.integers(700, 2000))
def test_a_picture_that_is_neither_too_small_nor_too_large_is_not_scaled(width: int, height: int) -> None:
    assume(width * height >= 655_360)
    canvas = fit_to(width, height, MULTIPLES_OF_16)
    assert (canvas.source_width_px, canvas.source_height_px) == (width, height)
    assert canvas.width_px - width < 16
    assert canvas.height_px - height < 16


@pytest.mark.parametrize(
    ("source", "rule", "canvas"),
    [
        ((1000, 700), MULTIPLES_OF_16, Canvas(1008, 704, 4, 2, 1000, 700)),
        ((1536, 256), MULTIPLES_OF_16, Canvas(1536, 512, 0, 128, 1536, 256)),
        ((300, 300), UP_TO_4096, Canvas(300, 300, 0, 0, 300, 300)),
        ((2000, 1000), THREE_SIZES, Canvas(1536, 1024, 0, 128, 1536, 768)),
        ((500, 1000), THREE_SIZES, Canvas(1024, 1536, 128, 0, 768, 1536)),
    ],
)
def test_canvases_are_the_ones_one_expects(source: tuple[int, int], rule: SizeRule, canvas: Canvas) -> None:
    if rule is MULTIPLES_OF_16 and canvas.width_px * canvas.height_px < rule.min_pixels:
        raise AssertionError("the example breaks the rule")
    assert fit_to(*source, rule) == canvas


def test_a_rule_that_nothing_meets_is_told() -> None:
    with pytest.raises(NoSuchCanvas):
        fit_to(100, 100, SizeRule(min_side_px=50, max_side_px=60, step_px=64))
