"""How far a canvas grows around a picture: pure geometry, no pixels.

The picture itself is never scaled or cropped; it lies somewhere on the larger canvas.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from app.imaging.decode import check_size
from app.imaging.limits import DEFAULT_LIMITS, ImageLimits


class OutpaintPreset(StrEnum):
    """Shapes by name; `EXPAND_ALL` adds half of each side all around, half of that on either end."""

    WIDE = "16:9"
    TALL = "9:16"
    SQUARE = "1:1"
    CLASSIC = "4:3"
    EXPAND_ALL = "expand_all"


_RATIOS = {
    OutpaintPreset.WIDE: (16, 9),
    OutpaintPreset.TALL: (9, 16),
    OutpaintPreset.SQUARE: (1, 1),
    OutpaintPreset.CLASSIC: (4, 3),
}


class NothingToOutpaint(ValueError):
    """The picture has the wanted shape already."""

    def __init__(self, shape: str) -> None:
        super().__init__(f"The picture is already {shape}: choose another shape or Expand All.")
        self.shape = shape


@dataclass(frozen=True, slots=True)
class Canvas:
    """A canvas and where on it the source lies; all in pixels, the origin at the top left."""

    width_px: int
    height_px: int
    source_left_px: int
    source_top_px: int
    source_width_px: int
    source_height_px: int

    @property
    def source_box(self) -> tuple[int, int, int, int]:
        """left, top, right, bottom of the source on the canvas."""
        right, bottom = self.source_left_px + self.source_width_px, self.source_top_px + self.source_height_px
        return self.source_left_px, self.source_top_px, right, bottom

    @property
    def expand(self) -> dict[str, int]:
        """How many pixels are new on each side: left, top, right, bottom."""
        left, top, right, bottom = self.source_box
        return {"left": left, "top": top, "right": self.width_px - right, "bottom": self.height_px - bottom}


def plan(
    width_px: int,
    height_px: int,
    preset: OutpaintPreset,
    *,
    multiple_px: int = 1,
    limits: ImageLimits = DEFAULT_LIMITS,
) -> Canvas:
    """The smallest canvas of the wanted shape around a picture, which lies in its middle.

    multiple_px: both sides become multiples of it (many models want 8), so the ratio is met within that much.
    Raises NothingToOutpaint when the picture has that shape already, ImageTooLarge past the limits, ValueError for
    sides or multiples below one.
    """
    if preset is not OutpaintPreset.EXPAND_ALL:
        return to_ratio(width_px, height_px, *_RATIOS[preset], multiple_px=multiple_px, limits=limits)
    _check_positive(width_px, height_px, multiple_px)
    wide, high = _up(width_px + ceil(width_px / 2), multiple_px), _up(height_px + ceil(height_px / 2), multiple_px)
    return _centred(width_px, height_px, wide, high, limits)


def to_ratio(
    width_px: int,
    height_px: int,
    across: int,
    down: int,
    *,
    multiple_px: int = 1,
    limits: ImageLimits = DEFAULT_LIMITS,
) -> Canvas:
    """The smallest canvas of the ratio across:down around a picture; otherwise as `plan`."""
    _check_positive(width_px, height_px, multiple_px, across, down)
    if width_px * down == height_px * across:
        raise NothingToOutpaint(f"{across}:{down}")
    if width_px * down < height_px * across:
        high = _up(height_px, multiple_px)
        wide = _up(ceil(high * across / down), multiple_px)
    else:
        wide = _up(width_px, multiple_px)
        high = _up(ceil(wide * down / across), multiple_px)
    return _centred(width_px, height_px, wide, high, limits)


def expanded(
    width_px: int,
    height_px: int,
    *,
    left: int = 0,
    top: int = 0,
    right: int = 0,
    bottom: int = 0,
    limits: ImageLimits = DEFAULT_LIMITS,
) -> Canvas:
    """The canvas that grows by given pixels on each side. Raises ValueError when nothing grows, ImageTooLarge."""
    _check_positive(width_px, height_px)
    if min(left, top, right, bottom) < 0 or max(left, top, right, bottom) == 0:
        raise ValueError("at least one side must grow and none can shrink")
    wide, high = width_px + left + right, height_px + top + bottom
    check_size(wide, high, limits)
    return Canvas(wide, high, left, top, width_px, height_px)


def _centred(width_px: int, height_px: int, wide: int, high: int, limits: ImageLimits) -> Canvas:
    check_size(wide, high, limits)
    return Canvas(wide, high, (wide - width_px) // 2, (high - height_px) // 2, width_px, height_px)


def _check_positive(*values: int) -> None:
    if min(values) < 1:
        raise ValueError("sides and multiples are at least 1")


def _up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple
