"""Masks as providers want them, and the canvas by which a model that only repaints can also extend a picture.

Ours are `L`, white = repaint. BFL and Recraft want the same in pure black and white; OpenAI repaints what is
transparent; and where nobody knows for certain (fal's edits by OpenAI's models), one file is right by both readings.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageChops

from app.imaging.decode import plain_colours
from app.imaging.framing import Canvas
from app.imaging.masks import outside_mask, thresholded

MaskForm = Literal["white", "alpha", "both"]

# How far a model may look, and paint, over the edge of what is kept, so that the join has something to grow from.
OVERLAP_PX = 12


@dataclass(frozen=True, slots=True)
class Extension:
    """An outpaint put as an inpaint: RGBA pixels with nothing around the source, and the `L` mask of what to fill."""

    image: Image.Image
    mask: Image.Image


def as_provider_mask(mask: Image.Image, form: MaskForm) -> Image.Image:
    """An `L` mask, white = repaint, in a provider's own form and of the same size.

    white: `L`, only 0 and 255. alpha: `RGBA`, repainted where transparent. both: `RGBA`, white and transparent where
    repainted, black and opaque elsewhere.
    """
    return _FORMS[form](thresholded(mask))


def mask_png(mask: Image.Image, form: MaskForm) -> bytes:
    """As a file; two values compress to kilobytes, far below the smallest limit (4 MB)."""
    buffer = io.BytesIO()
    as_provider_mask(mask, form).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def on_canvas(source: Image.Image, mask: Image.Image, canvas: Canvas) -> tuple[Image.Image, Image.Image]:
    """Picture and mask laid on a canvas that a provider takes (`framing.fit_to`); what is around is kept, and edged by
    the picture's own colours so that nothing strange lies beside it."""
    placed = _placed(plain_colours(source), canvas)
    spread = Image.new(placed.mode, canvas.size)
    left, top, right, bottom = canvas.source_box
    spread.paste(placed, (left, top))
    for strip, area in (
        ((left, top, left + 1, bottom), (0, top, left, bottom)),
        ((right - 1, top, right, bottom), (right, top, canvas.width_px, bottom)),
        ((0, top, canvas.width_px, top + 1), (0, 0, canvas.width_px, top)),
        ((0, bottom - 1, canvas.width_px, bottom), (0, bottom, canvas.width_px, canvas.height_px)),
    ):
        wide, high = area[2] - area[0], area[3] - area[1]
        if wide and high:
            spread.paste(spread.crop(strip).resize((wide, high), Image.Resampling.NEAREST), area)
    around = Image.new("L", canvas.size)
    size = (canvas.source_width_px, canvas.source_height_px)
    around.paste(mask if mask.size == size else mask.resize(size, Image.Resampling.BILINEAR), (left, top))
    return spread, around


def extended(source: Image.Image, canvas: Canvas, *, overlap_px: int = OVERLAP_PX) -> Extension:
    """The source on a transparent canvas, and the mask of all around it.

    The mask reaches `overlap_px` into the source where there is something new beside it: the model paints over the
    join, and compositing puts the source's own pixels back.
    """
    image = Image.new("RGBA", canvas.size)
    image.paste(_placed(plain_colours(source).convert("RGBA"), canvas), canvas.source_box[:2])
    mask = outside_mask(canvas)
    sides = canvas.sides
    left, top, right, bottom = canvas.source_box
    kept = (
        left + _inwards(sides.left, overlap_px, canvas.source_width_px),
        top + _inwards(sides.top, overlap_px, canvas.source_height_px),
        right - _inwards(sides.right, overlap_px, canvas.source_width_px),
        bottom - _inwards(sides.bottom, overlap_px, canvas.source_height_px),
    )
    mask.paste(255, canvas.source_box)
    mask.paste(0, kept)
    return Extension(image, mask)


def _placed(source: Image.Image, canvas: Canvas) -> Image.Image:
    size = (canvas.source_width_px, canvas.source_height_px)
    return source if source.size == size else source.resize(size, Image.Resampling.LANCZOS)


def _inwards(added_px: int, overlap_px: int, length_px: int) -> int:
    """Of a source narrower than a few overlaps most is still kept."""
    return min(overlap_px, length_px // 4) if added_px else 0


def _alpha(mask: Image.Image) -> Image.Image:
    opaque = Image.new("RGBA", mask.size, "black")
    opaque.putalpha(ImageChops.invert(mask))
    return opaque


def _both(mask: Image.Image) -> Image.Image:
    return Image.merge("RGBA", (mask, mask, mask, ImageChops.invert(mask)))


_FORMS: dict[MaskForm, Callable[[Image.Image], Image.Image]] = {
    "white": lambda mask: mask,
    "alpha": _alpha,
    "both": _both,
}
