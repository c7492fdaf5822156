"""Put what a model made back into the picture it was made from, so that nothing outside the asked-for part changes.

A mask guides a model; it is no stencil. Here every pixel that was not asked for is the source's own, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from app.imaging.decode import load_pixels, plain_colours
from app.imaging.framing import Canvas, Sides
from app.imaging.limits import PIXELS_MAX, ImageLimits
from app.imaging.masks import feather, keep_outside, level_of, outside_mask

# Wide enough to hide a step in brightness, narrow enough to leave the painted part to the model.
FEATHER_PX = 8

# A part of a picture in shares of its width and height: left, top, right, bottom, each 0..1.
Part = tuple[float, float, float, float]


# What we stored ourselves may weigh more than what we take.
_OUR_OWN = ImageLimits(file_bytes=8 * PIXELS_MAX)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a result is put back into: a stored picture, and either the mask of what was repainted or the sides that
    were added. part: where on the result the frame lies; None for all of it."""

    source: bytes
    mask: bytes | None = None
    sides: Sides | None = None
    part: Part | None = None
    feather_px: int = FEATHER_PX


def composed(ground: Ground, result: bytes) -> Image.Image:
    """The files decoded and put together. Raises ImageRefused."""
    made = load_pixels(result)
    source = load_pixels(ground.source, limits=_OUR_OWN)
    if ground.sides is not None:
        return extended(source, made, ground.sides, feather_px=ground.feather_px, part=ground.part)
    if ground.mask is None:
        raise ValueError("neither a mask nor sides say what was asked for")
    mask = level_of(load_pixels(ground.mask, limits=_OUR_OWN))
    if mask.size != source.size:
        mask = mask.resize(source.size, Image.Resampling.BILINEAR)
    return repainted(source, made, mask, feather_px=ground.feather_px, part=ground.part)


def repainted(
    source: Image.Image, result: Image.Image, mask: Image.Image, *, feather_px: int, part: Part | None = None
) -> Image.Image:
    """`source` with `result` in it where the mask is not black, softened inwards over `feather_px`.

    mask: `L`, the source's size. part: where on the result the source's frame lies, if that is not all of it. A result
    of another size is resampled. Returns RGB, or RGBA when either picture has transparency; where the mask is black
    every pixel is the source's.
    """
    fitted = _fitted(result, source.size, part)
    return keep_outside(source, fitted, feather(mask, feather_px))


def extended(
    source: Image.Image, result: Image.Image, sides: Sides, *, feather_px: int, part: Part | None = None
) -> Image.Image:
    """`result` in the grown frame with the source unmoved and untouched in it.

    The source's edge runs on into what is new over `feather_px`, so that the join lies outside of it. part: where on
    the result the grown frame lies, if that is not all of it.
    """
    source = plain_colours(source)
    canvas = sides.around(*source.size)
    fitted = _fitted(result, canvas.size, part)
    ground = _run_on(source, canvas, feather_px)
    return keep_outside(ground, fitted, feather(outside_mask(canvas), feather_px))


def part_of(canvas: Canvas) -> Part:
    """Where on a provider's canvas the picture lies, in shares."""
    left, top, right, bottom = canvas.source_box
    return left / canvas.width_px, top / canvas.height_px, right / canvas.width_px, bottom / canvas.height_px


def _fitted(result: Image.Image, size: tuple[int, int], part: Part | None) -> Image.Image:
    """The part of the result that shows the frame, at the frame's size; as it is where it has that size already."""
    result = plain_colours(result)
    if part is None:
        return result if result.size == size else result.resize(size, Image.Resampling.LANCZOS)
    left, right = part[0] * result.width, part[2] * result.width
    top, bottom = part[1] * result.height, part[3] * result.height
    whole = (round(left), round(top), round(right), round(bottom))
    if (whole[2] - whole[0], whole[3] - whole[1]) == size:
        return result.crop(whole)
    return result.resize(size, Image.Resampling.LANCZOS, box=(left, top, right, bottom))


def _run_on(source: Image.Image, canvas: Canvas, feather_px: int) -> Image.Image:
    """The source on its canvas, its outermost pixels repeated outwards as far as the feather reaches."""
    sides = canvas.sides
    reach = [min(side, feather_px) for side in (sides.left, sides.top, sides.right, sides.bottom)]
    left, top, right, bottom = reach
    pixels = np.pad(np.asarray(source), ((top, bottom), (left, right), (0, 0)), mode="edge")
    ground = Image.new(source.mode, canvas.size)
    ground.paste(Image.fromarray(pixels), (sides.left - left, sides.top - top))
    return ground
