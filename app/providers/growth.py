"""An extension for models that take a picture and how many pixels to add on each side."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from app.imaging.framing import Sides
from app.providers.contract import Request
from app.providers.pictures import Picture, file_of, png, sides_of


@dataclass(frozen=True, slots=True)
class Limits:
    """What goes in: sides of the picture, its pixels in all and the file's bytes. What comes out: sides of the frame,
    and of what is added on one side."""

    least_side_px: int
    most_side_px: int
    most_pixels: int
    most_bytes: int
    most_frame_px: int
    most_added_px: int


def grown(request: Request, limits: Limits) -> tuple[Picture, Sides]:
    """The picture, and what to add to it: both scaled alike where the limits ask for it.

    What comes back is put into the frame that was asked for, so a scaled one only costs sharpness in what is new.
    """
    sides = sides_of(request)
    wide = request.width_px - sides.left - sides.right
    high = request.height_px - sides.top - sides.bottom
    scale = min(
        1.0,
        limits.most_side_px / max(wide, high),
        sqrt(limits.most_pixels / (wide * high)),
        limits.most_frame_px / max(request.width_px, request.height_px),
        limits.most_added_px / max(sides.left, sides.top, sides.right, sides.bottom),
    )
    if min(wide, high) * scale < limits.least_side_px:
        scale = limits.least_side_px / min(wide, high)
    most_px = None if scale == 1.0 else max(round(max(wide, high) * scale), 1)
    picture = png(
        file_of(request, "image"),
        most_px if scale <= 1.0 else None,
        most_bytes=limits.most_bytes,
        least_px=limits.least_side_px,
    )
    if scale == 1.0:
        return picture, sides
    scaled = (int(side * scale) for side in (sides.left, sides.top, sides.right, sides.bottom))
    left, top, right, bottom = (
        max(pixels, 1) if side else 0
        for pixels, side in zip(scaled, (sides.left, sides.top, sides.right, sides.bottom), strict=True)
    )
    return picture, Sides(left, top, right, bottom)
