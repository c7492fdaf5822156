from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.imaging.framing import Sides
from app.providers.contract import ErrorKind, ProviderError
from app.providers.growth import Limits, scale_of

LIMITS = Limits(
    least_side_px=256,
    most_side_px=4096,
    most_pixels=6_000_000,
    most_bytes=15_000_000,
    most_frame_px=8192,
    most_added_px=2048,
)
lengths = st.integers(16, 8192)
added = st.integers(0, 4096)


@given(lengths, lengths, st.builds(Sides, added, added, added, added).filter(bool))
@example(100, 100, Sides(left=2000))
@example(8000, 300, Sides(top=1))
def test_a_scale_meets_all_limits_or_none_does_and_that_is_said(wide: int, high: int, sides: Sides) -> None:
    try:
        scale = scale_of(wide, high, sides, LIMITS)
    except ProviderError:
        return
    just = 1 + 1e-9
    assert min(wide, high) * scale * just >= LIMITS.least_side_px
    assert max(wide, high) * scale <= LIMITS.most_side_px * just
    assert wide * high * scale**2 <= LIMITS.most_pixels * just
    assert max(sides.as_params().values()) * scale <= LIMITS.most_added_px * just
    frame = max(wide + sides.left + sides.right, high + sides.top + sides.bottom)
    assert frame * scale <= LIMITS.most_frame_px * just


@pytest.mark.parametrize(
    ("wide", "high", "sides", "scale"),
    [(1000, 700, Sides(left=500), 1.0), (128, 512, Sides(top=64), 2.0), (1000, 1000, Sides(left=4096), 0.5)],
)
def test_nothing_is_scaled_without_need(wide: int, high: int, sides: Sides, scale: float) -> None:
    assert scale_of(wide, high, sides, LIMITS) == scale


def test_a_picture_too_small_for_so_much_is_refused_with_a_way_on() -> None:
    with pytest.raises(ProviderError, match="in smaller steps") as caught:
        scale_of(100, 100, Sides(left=2000), LIMITS)
    assert (caught.value.kind, caught.value.may_have_cost) == (ErrorKind.USER_FIXABLE, False)
