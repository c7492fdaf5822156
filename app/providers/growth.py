"""An extension for models that take a picture and how many pixels to add on each side."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from app.imaging.framing import Sides
from app.providers.contract import ErrorKind, ProviderError, Request
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
    Raises ProviderError when no scale meets all limits.
    """
    sides = sides_of(request)
    wide = request.width_px - sides.left - sides.right
    high = request.height_px - sides.top - sides.bottom
    scale = scale_of(wide, high, sides, limits)
    most_px = None if scale == 1.0 else max(round(max(wide, high) * scale), 1)
    picture = png(
        file_of(request, "image"),
        most_px if scale <= 1.0 else None,
        most_bytes=limits.most_bytes,
        least_px=limits.least_side_px,
    )
    if scale == 1.0:
        return picture, sides
    return picture, Sides(**{side: max(int(px * scale), 1) if px else 0 for side, px in sides.as_params().items()})


def scale_of(wide: int, high: int, sides: Sides, limits: Limits) -> float:
    """What to scale a picture and its extension by, as near to 1 as the limits allow. Raises ProviderError."""
    most = min(
        limits.most_side_px / max(wide, high),
        sqrt(limits.most_pixels / (wide * high)),
        limits.most_frame_px / max(wide + sides.left + sides.right, high + sides.top + sides.bottom),
        limits.most_added_px / max(sides.as_params().values()),
    )
    least = limits.least_side_px / min(wide, high)
    if least > most:
        raise ProviderError(
            ErrorKind.USER_FIXABLE,
            "This picture is too small or too narrow to be extended so far at once. Extend it in smaller steps, or "
            "enlarge it first.",
        )
    return min(max(least, 1.0), most)
