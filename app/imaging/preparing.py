"""Stored pictures made ready for a model: small enough, on a canvas it takes, with the mask in its form.

The files are our own, so they may weigh more than what strangers may send.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from math import sqrt
from typing import Literal

from PIL import Image

from app.imaging.compositing import Part, part_of
from app.imaging.decode import load_pixels, save_png
from app.imaging.errors import FileTooLarge
from app.imaging.framing import Canvas, Sides, SizeRule, fit_to
from app.imaging.limits import PIXELS_MAX, ImageLimits
from app.imaging.masks import level_of
from app.imaging.provider_masks import MaskForm, as_provider_mask, extended, on_canvas

# What lies where nothing is yet: nothing, or a grey for models that cannot see transparency.
Blank = Literal["transparent", "grey"]

_GREY = (128, 128, 128)
_OUR_OWN = ImageLimits(file_bytes=8 * PIXELS_MAX)
# Where PNG is too heavy: from invisible to slight.
_JPEG_QUALITIES = (95, 88, 80, 70)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A picture as a file, in the format of `mime`."""

    data: bytes
    mime: str
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Sheets:
    """A picture and the mask over it, both PNG and of one size.

    part: where on it (and so on what a model makes of it) the asked-for frame lies; None for all of it.
    """

    image: bytes
    mask: bytes
    width_px: int
    height_px: int
    part: Part | None


def fitted(
    data: bytes,
    *,
    most_side_px: int | None = None,
    most_pixels: int | None = None,
    most_bytes: int | None = None,
    least_side_px: int = 1,
) -> Sheet:
    """The picture as PNG, scaled as little as the limits ask for; JPEG on white where PNG would weigh too much.

    least_side_px: of the shorter side. Raises ImageRefused, FileTooLarge when no quality is light enough.
    """
    image = load_pixels(data, limits=_OUR_OWN)
    image = _scaled(image, _scale(image.size, most_side_px, most_pixels, least_side_px))
    file, mime = _png(image), "image/png"
    if most_bytes is not None and len(file) > most_bytes:
        file, mime = _light_jpeg(image, most_bytes), "image/jpeg"
    return Sheet(file, mime, image.width, image.height)


def repaint(source: bytes, mask: bytes, rule: SizeRule, form: MaskForm) -> Sheets:
    """A picture and its mask (white = repaint) on the canvas that the rule asks for; what is around is to be kept.

    Raises ImageRefused, NoSuchCanvas.
    """
    image = load_pixels(source, limits=_OUR_OWN)
    canvas = fit_to(image.width, image.height, rule)
    level = level_of(load_pixels(mask, limits=_OUR_OWN))
    if level.size != image.size:
        level = level.resize(image.size, Image.Resampling.BILINEAR)
    placed, around = on_canvas(image, level, canvas)
    return _sheets(placed, around, form, canvas)


def extension(source: bytes, sides: Sides, rule: SizeRule, form: MaskForm, blank: Blank) -> Sheets:
    """A picture in its grown frame, on the canvas that the rule asks for, with all around the picture to be painted.

    Raises ImageRefused, NoSuchCanvas.
    """
    image = load_pixels(source, limits=_OUR_OWN)
    frame = sides.around(*image.size)
    canvas = fit_to(*frame.size, rule)
    put = extended(image, _source_on(frame, canvas))
    placed = put.image
    if blank == "grey":
        placed = Image.new("RGB", canvas.size, _GREY)
        placed.paste(put.image, mask=put.image.getchannel("A"))
    return _sheets(placed, put.mask, form, canvas)


def _source_on(frame: Canvas, canvas: Canvas) -> Canvas:
    """Where the picture itself lies, when its grown frame lies on the canvas."""
    across = canvas.source_width_px / frame.width_px
    down = canvas.source_height_px / frame.height_px
    left, top, right, bottom = frame.source_box
    x, y = canvas.source_left_px + round(left * across), canvas.source_top_px + round(top * down)
    wide = max(1, canvas.source_left_px + round(right * across) - x)
    high = max(1, canvas.source_top_px + round(bottom * down) - y)
    return Canvas(canvas.width_px, canvas.height_px, x, y, wide, high)


def _sheets(image: Image.Image, mask: Image.Image, form: MaskForm, canvas: Canvas) -> Sheets:
    drawn = io.BytesIO()
    as_provider_mask(mask, form).save(drawn, "PNG", compress_level=6)
    return Sheets(_png(image), drawn.getvalue(), *canvas.size, part_of(canvas) if canvas.sides else None)


def _scale(size: tuple[int, int], most_side_px: int | None, most_pixels: int | None, least_side_px: int) -> float:
    scale = max(1.0, least_side_px / min(size))
    if most_side_px is not None:
        scale = min(scale, most_side_px / max(size))
    if most_pixels is not None:
        scale = min(scale, sqrt(most_pixels / (size[0] * size[1])))
    return scale


def _scaled(image: Image.Image, scale: float) -> Image.Image:
    if scale == 1.0:
        return image
    size = tuple(max(1, int(side * scale + 1e-6)) for side in image.size)
    return image.resize((size[0], size[1]), Image.Resampling.LANCZOS)


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    save_png(image, buffer)
    return buffer.getvalue()


def _light_jpeg(image: Image.Image, most_bytes: int) -> bytes:
    if image.mode == "RGBA":
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        image = white
    for quality in _JPEG_QUALITIES:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality)
        if buffer.tell() <= most_bytes:
            return buffer.getvalue()
    raise FileTooLarge.over(most_bytes)
