"""Repainting and extending with models that take no masks: what is meant is shown by a picture and told in words.

The untouched rest is put back from the source afterwards, so a model that follows only roughly does no harm.
"""

from __future__ import annotations

from math import sqrt

from app.imaging.compositing import Part
from app.imaging.framing import SizeRule
from app.providers.contract import Operation, Request
from app.providers.pictures import Picture, extended, file_of, masked, sides_of

_REPAINT = (
    "The second image is a mask of the first. Change only what the mask shows in white: {prompt}\n"
    "Keep everything that it shows in black exactly as it is, and answer with the whole first image, uncropped."
)
_EXTEND = (
    "{prompt}\n\nThe image has an empty grey border. Fill all of the border by continuing the scene seamlessly, in the "
    "same style, light and perspective. Keep what is inside the border exactly as it is, at its place and size."
)


def shown_and_told(request: Request, edge_px: int) -> tuple[list[Picture], str, Part | None]:
    """The pictures and the words for an inpaint or outpaint, and where on the result the asked-for frame lies.

    The canvas has exactly the shape that is asked for, `request.aspect`, so the result lies as the canvas did.
    edge_px: about its edge, were it square. Raises ProviderError.
    """
    rule = _canvas(request.aspect, edge_px)
    if request.operation is Operation.OUTPAINT:
        sheet = extended(file_of(request, "image"), sides_of(request), rule=rule, blank="grey")
        return [sheet.image], _EXTEND.format(prompt=request.prompt), sheet.part
    sheet = masked(file_of(request, "image"), file_of(request, "mask"), rule=rule)
    return [sheet.image, sheet.mask], _REPAINT.format(prompt=request.prompt), sheet.part


def _canvas(aspect: str, edge_px: int) -> SizeRule:
    across, down = (int(number) for number in aspect.split(":"))
    unit = max(round(edge_px / sqrt(across * down)), 1)
    return SizeRule(sizes=((across * unit, down * unit),))
