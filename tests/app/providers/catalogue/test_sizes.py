from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.providers.catalogue import Size

sides = st.integers(64, 3840)
WINDOW = Size(min_px=256, max_px=3840, step_px=16, min_pixels=655_360, max_pixels=8_294_400, max_ratio=3)
RATIOS = Size(min_px=64, max_px=8192, ratios=("21:9", "16:9", "4:3", "1:1", "3:4", "9:16"))
ONLY = Size(min_px=64, max_px=8192, only=((1024, 1024), (1536, 1024), (1024, 1536)))


@given(sides, sides)
def test_a_window_of_pixels_is_kept_on_the_grid(width: int, height: int) -> None:
    across, down = WINDOW.fitted(width, height)
    assert across % 16 == down % 16 == 0
    assert 655_360 <= across * down <= 8_294_400
    assert max(across, down) <= 3840
    assert max(across, down) <= 3.15 * min(across, down)


@given(sides, sides)
def test_fitting_twice_changes_nothing(width: int, height: int) -> None:
    for size in (WINDOW, ONLY, RATIOS):
        once = size.fitted(width, height)
        if size is not RATIOS:
            assert size.fitted(*once) == once
        else:
            assert size.ratio_of(*once) == size.ratio_of(width, height)


@pytest.mark.parametrize(
    ("wish", "ratio", "fitted"),
    [
        ((1024, 768), "4:3", (1184, 888)),
        ((1920, 1080), "16:9", (1368, 768)),
        ((500, 500), "1:1", (1024, 1024)),
        ((100, 400), "9:16", (768, 1368)),
    ],
)
def test_a_ratio_is_the_nearest_in_shape(wish: tuple[int, int], ratio: str, fitted: tuple[int, int]) -> None:
    assert RATIOS.ratio_of(*wish) == ratio
    assert RATIOS.fitted(*wish) == fitted
    assert WINDOW.ratio_of(*wish) == ""


def test_of_few_sizes_the_nearest_in_shape_is_taken() -> None:
    assert ONLY.fitted(2000, 1000) == (1536, 1024)
    assert ONLY.fitted(700, 701) == (1024, 1024)


def test_free_sides_only_go_down_to_the_grid() -> None:
    assert Size(min_px=64, max_px=2048, step_px=8, default_px=768).fitted(1001, 77) == (1000, 72)


def test_a_frame_is_held_up_to_the_longest_side_and_what_can_be_stored() -> None:
    own = Size(min_px=64, max_px=2048, default_px=768, frame_px=4096)
    assert own.holds(4096, 4096)
    assert not own.holds(4097, 10)
    assert own.largest_frame(8192, 4096) == (4096, 2048)
    scaled = Size(min_px=64, max_px=2048, default_px=768)
    assert scaled.holds(*scaled.largest_frame(9000, 9000))
    assert not scaled.holds(9000, 9000)
    assert scaled.largest_frame(300, 200) == (300, 200)
