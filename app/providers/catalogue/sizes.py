"""Which sizes a model makes, and which of them a wish comes to."""

from __future__ import annotations

from math import sqrt

from pydantic import Field, model_validator

from app.imaging.limits import PIXELS_MAX, SIDE_MAX_PX
from app.providers.catalogue.row import Row


class Size(Row):
    """Sizes in pixels, in one of three ways.

    Free: each side between the limits and a multiple of `step_px`; where given, so many pixels in all and a long side
    of at most `max_ratio` short ones. `only`: these sizes and no others. `ratios`: the model takes an aspect ratio and
    makes about `default_px` squared pixels of it.

    frame_px: the longest side of a picture that keeps its size here, such as one that is repainted or extended. Only
    for models whose adapter does not scale it; what the others may hold is limited by what we can store.
    """

    min_px: int = Field(ge=1)
    max_px: int
    step_px: int = Field(8, ge=1)
    default_px: int = 1024
    min_pixels: int | None = None
    max_pixels: int | None = None
    max_ratio: float | None = None
    only: tuple[tuple[int, int], ...] = ()
    ratios: tuple[str, ...] = ()
    frame_px: int = Field(SIDE_MAX_PX, ge=1, le=SIDE_MAX_PX)

    @model_validator(mode="after")
    def _sound(self) -> Size:
        if not self.min_px <= self.default_px <= self.max_px:
            raise ValueError("default_px lies outside of the limits")
        for ratio in self.ratios:
            if not all(part.isdigit() and int(part) for part in ratio.split(":")) or ratio.count(":") != 1:
                raise ValueError(f"the ratio {ratio!r} must look like 16:9")
        return self

    def fitted(self, width_px: int, height_px: int) -> tuple[int, int]:
        """The size that a wish comes to: the nearest in shape that the model makes. Its sides must be in the limits."""
        if self.only:
            return min(self.only, key=lambda size: (_unlike(size, (width_px, height_px)), -size[0] * size[1]))
        if self.ratios:
            across, down = (int(part) for part in self.ratio_of(width_px, height_px).split(":"))
            unit = self.default_px / sqrt(across * down)
            return max(round(across * unit / 8), 1) * 8, max(round(down * unit / 8), 1) * 8
        return self._within_the_window(width_px, height_px)

    def ratio_of(self, width_px: int, height_px: int) -> str:
        """Of the ratios that the model takes the one nearest to a size; empty where it takes sizes."""
        return min(self.ratios, key=lambda ratio: _unlike(_sides(ratio), (width_px, height_px)), default="")

    def holds(self, width_px: int, height_px: int) -> bool:
        """Whether a frame of that size can be repainted or extended to as it is."""
        return max(width_px, height_px) <= self.frame_px and width_px * height_px <= PIXELS_MAX

    def largest_frame(self, width_px: int, height_px: int) -> tuple[int, int]:
        """The largest frame of that shape that it holds, no larger than the wish."""
        scale = min(1.0, self.frame_px / max(width_px, height_px), sqrt(PIXELS_MAX / (width_px * height_px)))
        return max(int(width_px * scale), 1), max(int(height_px * scale), 1)

    def _within_the_window(self, width_px: int, height_px: int) -> tuple[int, int]:
        """Scaled into the pixels that are allowed in all, not too narrow, on the grid."""
        width, height = float(width_px), float(height_px)
        if self.max_ratio is not None:
            width, height = max(width, height / self.max_ratio), max(height, width / self.max_ratio)
        low, high = self.min_pixels or 0, self.max_pixels or width * height
        scale = sqrt(max(low, min(high, width * height)) / (width * height))
        width, height = min(width * scale, self.max_px), min(height * scale, self.max_px)
        step = self.step_px
        across, down = max(int(width // step), 1) * step, max(int(height // step), 1) * step
        # Rounded down to the grid it may miss the fewest pixels by a little; the shorter side grows first.
        while across * down < low and min(across, down) + step <= self.max_px:
            across, down = (across + step, down) if across <= down else (across, down + step)
        return across, down


def _sides(ratio: str) -> tuple[int, int]:
    across, _, down = ratio.partition(":")
    return int(across), int(down)


def _unlike(one: tuple[int, int], other: tuple[int, int]) -> float:
    """How different two shapes are: 1 for the same, 2 when one is twice as wide for its height."""
    quotient = one[0] * other[1] / (one[1] * other[0])
    return max(quotient, 1 / quotient)
