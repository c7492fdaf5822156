"""How a frame grows around a picture, and what canvas a provider takes for it: pure geometry, no pixels.

The picture is never cropped. Growing a frame leaves it unmoved and adds area only; fitting it to a provider's rules may
also scale it, because a provider may take no larger or no smaller one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, inf

PRESETS = ("16:9", "9:16", "1:1", "4:3", "all")

# Of what is added across and down, the share that comes before the picture: 0.5 keeps it in the middle.
ANCHORS: dict[str, tuple[float, float]] = {
    "middle": (0.5, 0.5),
    "left": (0.0, 0.5),
    "right": (1.0, 0.5),
    "top": (0.5, 0.0),
    "bottom": (0.5, 1.0),
}


class UnknownPreset(ValueError):
    """No shape of that name."""

    def __init__(self, preset: str) -> None:
        super().__init__(f"Use one of: {', '.join(PRESETS)}; not “{preset[:20]}”.")


class NoSuchCanvas(ValueError):
    """No canvas that meets the rule holds this picture whole."""


@dataclass(frozen=True, slots=True)
class Sides:
    """How many pixels are new on each side of a picture. False when none are."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0

    def __post_init__(self) -> None:
        if min(self.left, self.top, self.right, self.bottom) < 0:
            raise ValueError("sides can grow, not shrink")

    def __bool__(self) -> bool:
        return any((self.left, self.top, self.right, self.bottom))

    def as_params(self) -> dict[str, int]:
        """As a request's `params.expand` says it."""
        return {"left": self.left, "top": self.top, "right": self.right, "bottom": self.bottom}

    def around(self, width_px: int, height_px: int) -> Canvas:
        """The grown frame of a picture of that size."""
        _check_positive(width_px, height_px)
        wide, high = width_px + self.left + self.right, height_px + self.top + self.bottom
        return Canvas(wide, high, self.left, self.top, width_px, height_px)


@dataclass(frozen=True, slots=True)
class Canvas:
    """A canvas and where on it the source lies, at which size; all in pixels, the origin at the top left."""

    width_px: int
    height_px: int
    source_left_px: int
    source_top_px: int
    source_width_px: int
    source_height_px: int

    @property
    def size(self) -> tuple[int, int]:
        return self.width_px, self.height_px

    @property
    def source_box(self) -> tuple[int, int, int, int]:
        """left, top, right, bottom of the source on the canvas."""
        right, bottom = self.source_left_px + self.source_width_px, self.source_top_px + self.source_height_px
        return self.source_left_px, self.source_top_px, right, bottom

    @property
    def sides(self) -> Sides:
        """What is new around the source."""
        left, top, right, bottom = self.source_box
        return Sides(left, top, self.width_px - right, self.height_px - bottom)


@dataclass(frozen=True, slots=True)
class SizeRule:
    """Which canvases a provider takes: sides within limits and multiples of a step, so many pixels in all, no longer
    than `max_ratio` times as wide as high or the other way round; or one of `sizes` only, which then says it all."""

    min_side_px: int = 1
    max_side_px: int = 16_384
    step_px: int = 1
    min_pixels: int = 1
    max_pixels: int = 268_435_456
    max_ratio: float = inf
    sizes: tuple[tuple[int, int], ...] = ()

    def allows(self, width_px: int, height_px: int) -> bool:
        if self.sizes:
            return (width_px, height_px) in self.sizes
        short, long = sorted((width_px, height_px))
        return (
            self.min_side_px <= short
            and long <= self.max_side_px
            and width_px % self.step_px == height_px % self.step_px == 0
            and self.min_pixels <= width_px * height_px <= self.max_pixels
            and long <= short * self.max_ratio
        )


def sides_for(width_px: int, height_px: int, preset: str, *, anchor: str = "middle") -> Sides:
    """What to add around a picture for a preset: the smallest frame of that shape, or for "all" half of the picture's
    width at left and right and half of its height at top and bottom.

    No sides when the picture has the shape already. Raises UnknownPreset, ValueError for sides below one.
    """
    if preset not in PRESETS:
        raise UnknownPreset(preset)
    if preset == "all":
        _check_positive(width_px, height_px)
        across, down = ceil(width_px / 2), ceil(height_px / 2)
        return Sides(across, down, across, down)
    ratio_across, ratio_down = (int(part) for part in preset.split(":"))
    return sides_to_ratio(width_px, height_px, ratio_across, ratio_down, anchor=anchor)


def sides_to_ratio(width_px: int, height_px: int, across: int, down: int, *, anchor: str = "middle") -> Sides:
    """What to add for the smallest frame of the ratio across:down, met to the pixel; otherwise as `sides_for`."""
    _check_positive(width_px, height_px, across, down)
    wide = max(width_px, ceil(height_px * across / down))
    high = max(height_px, ceil(width_px * down / across))
    # Only one of the two grows: where rounding up would move the other by a pixel, it stays.
    if width_px * down <= height_px * across:
        high = height_px
    if width_px * down >= height_px * across:
        wide = width_px
    first_x, first_y = ANCHORS[anchor]
    left, top = int((wide - width_px) * first_x), int((high - height_px) * first_y)
    return Sides(left, top, wide - width_px - left, high - height_px - top)


def fit_to(width_px: int, height_px: int, rule: SizeRule) -> Canvas:
    """The canvas to ask a provider for, and where on it a picture of that size lies, in the middle and whole.

    The picture keeps its size where the rule allows; else it is scaled as little as possible. What rounding up to the
    step and the longest ratio add lies around it. Raises NoSuchCanvas.
    """
    _check_positive(width_px, height_px)
    if rule.sizes:
        scale, size = max((min(wide / width_px, high / height_px), (wide, high)) for wide, high in rule.sizes)
        return _centred(width_px, height_px, scale, size)

    def canvas_at(scale: float) -> tuple[int, int]:
        return _canvas_for(max(1, round(width_px * scale)), max(1, round(height_px * scale)), rule)

    def too_small(scale: float) -> bool:
        wide, high = canvas_at(scale)
        return wide * high < rule.min_pixels

    def too_large(scale: float) -> bool:
        wide, high = canvas_at(scale)
        return max(wide, high) > rule.max_side_px or wide * high > rule.max_pixels

    scale = 1.0
    if too_small(scale):
        scale = _turning_point(too_small, 1.0, _growing_to(too_small))[1]
    elif too_large(scale):
        scale = _turning_point(lambda each: not too_large(each), 1 / max(width_px, height_px), 1.0)[0]
    size = canvas_at(scale)
    if not rule.allows(*size):
        raise NoSuchCanvas(f"no canvas of this rule holds {width_px} × {height_px}: {rule}")
    return _centred(width_px, height_px, scale, size)


def _canvas_for(width_px: int, height_px: int, rule: SizeRule) -> tuple[int, int]:
    """The smallest canvas around a picture that keeps to sides, step and ratio; grows with the picture only."""
    step = rule.step_px
    wide, high = (_up(max(side, rule.min_side_px), step) for side in (width_px, height_px))
    if wide > high * rule.max_ratio:
        high = _up(ceil(wide / rule.max_ratio), step)
    elif high > wide * rule.max_ratio:
        wide = _up(ceil(high / rule.max_ratio), step)
    return wide, high


def _growing_to(too_small: Callable[[float], bool]) -> float:
    scale = 2.0
    while too_small(scale):
        scale *= 2
    return scale


def _turning_point(holds: Callable[[float], bool], low: float, high: float) -> tuple[float, float]:
    """Two scales close together, between which something that holds at `low` ceases to hold at `high`."""
    for _ in range(48):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low, high


def _centred(width_px: int, height_px: int, scale: float, size: tuple[int, int]) -> Canvas:
    wide, high = size
    shown_wide, shown_high = (
        min(max(1, round(length * scale)), most) for length, most in ((width_px, wide), (height_px, high))
    )
    return Canvas(wide, high, (wide - shown_wide) // 2, (high - shown_high) // 2, shown_wide, shown_high)


def _check_positive(*values: int) -> None:
    if min(values) < 1:
        raise ValueError("sides are at least 1")


def _up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple
