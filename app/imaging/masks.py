"""Masks say where to repaint: `L` pictures of the source's size, white = repaint, black = keep, grey = blend."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from app.imaging.decode import plain_colours
from app.imaging.errors import ImageRefused
from app.imaging.framing import Canvas

# Darker is black: compression leaves such shades around what was painted.
FAINTEST = 16


class MaskMismatch(ImageRefused):
    code = "mask_mismatch"

    def __init__(self, mask: tuple[int, int], source: tuple[int, int]) -> None:
        super().__init__(
            f"The mask is {mask[0]} × {mask[1]} pixels and the picture {source[0]} × {source[1]}: "
            "paint the mask at the picture's size."
        )


class MaskEmpty(ImageRefused):
    code = "mask_empty"

    def __init__(self, sentence: str = "The mask is empty: paint over what should change.") -> None:
        super().__init__(sentence)


def normalise(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Any picture as a mask: brightness counts, and what is transparent counts as black.

    size: the source's (width, height). Raises MaskMismatch, and MaskEmpty when nothing is to be repainted.
    """
    if image.size != size:
        raise MaskMismatch(image.size, size)
    mask = level_of(image)
    if is_empty(mask):
        raise MaskEmpty
    return mask


def level_of(image: Image.Image) -> Image.Image:
    """How much of each pixel is to be repainted: `L`, 255 = all of it; what is fainter than noise is black."""
    image = plain_colours(image)
    level = image.convert("L")
    if image.mode == "RGBA":
        level = ImageChops.multiply(level, image.getchannel("A"))
    return level.point(lambda each: each if each >= FAINTEST else 0)


def thresholded(mask: Image.Image) -> Image.Image:
    """Only 0 and 255. What is to be blended is to be repainted too, so the limit is low: just above the noise that a
    JPEG leaves on black."""
    return mask.point(lambda level: 255 if level >= FAINTEST else 0)


def is_empty(mask: Image.Image) -> bool:
    return bounding_box(mask) is None


def bounding_box(mask: Image.Image, *, margin_px: int = 0) -> tuple[int, int, int, int] | None:
    """left, top, right, bottom of all that is not black, grown by a margin within the picture; None if it is empty."""
    box = mask.getbbox()
    if box is None:
        return None
    left, top, right, bottom = box
    return (
        max(0, left - margin_px),
        max(0, top - margin_px),
        min(mask.width, right + margin_px),
        min(mask.height, bottom + margin_px),
    )


def feather(mask: Image.Image, radius_px: int) -> Image.Image:
    """Soften a mask's edge inwards, so that a repaint blends in and still touches nothing outside the mask.

    Values fall from the mask's own to zero over `radius_px` towards its edge; the picture's border is no edge. A mask
    narrower than that gets as soft an edge as it has room for. No pixel becomes brighter than it was.
    Raises ValueError if radius_px < 0.
    """
    if radius_px < 0:
        raise ValueError("radius_px must not be negative")
    box = mask.getbbox()
    if radius_px == 0 or box is None:
        return mask.copy()
    # Only the surroundings of the painted part need looking at; one pixel more shows where it ends.
    left, top, right, bottom = bounding_box(mask, margin_px=1) or box
    level = np.asarray(mask.crop((left, top, right, bottom)))
    total = level.astype(np.uint32)
    rings = 1
    eroded = level
    for step in range(radius_px):
        eroded = _eroded(eroded, corners=step % 2 == 1)
        if not eroded.any():
            break
        total += eroded
        rings += 1
    soft = Image.new("L", mask.size)
    soft.paste(Image.fromarray((total // rings).astype(np.uint8)), (left, top))
    return soft


def keep_outside(source: Image.Image, result: Image.Image, mask: Image.Image) -> Image.Image:
    """`result` where the mask is white, exactly `source` where it is black, a blend between.

    All three have one size; returns RGBA if either picture has transparency, else RGB. Raises ValueError otherwise.
    """
    if not source.size == result.size == mask.size or mask.mode != "L":
        raise ValueError(f"sizes differ or the mask is not L: {source.size}, {result.size}, {mask.size} {mask.mode}")
    source, result = plain_colours(source), plain_colours(result)
    mode = "RGBA" if "RGBA" in (source.mode, result.mode) else "RGB"
    return Image.composite(result.convert(mode), source.convert(mode), mask)


def outside_mask(canvas: Canvas) -> Image.Image:
    """What an outpaint is to fill: white, but for the source's place."""
    mask = Image.new("L", (canvas.width_px, canvas.height_px), 255)
    mask.paste(0, canvas.source_box)
    return mask


def _eroded(level: NDArray[np.uint8], *, corners: bool) -> NDArray[np.uint8]:
    """The least of each pixel and its four or eight neighbours; alternating the two makes rings nearly round."""
    across = level.copy()
    np.minimum(across[:, 1:], level[:, :-1], out=across[:, 1:])
    np.minimum(across[:, :-1], level[:, 1:], out=across[:, :-1])
    base = across if corners else level
    down = across.copy()
    np.minimum(down[1:], base[:-1], out=down[1:])
    np.minimum(down[:-1], base[1:], out=down[:-1])
    return down
