"""The small copies of a picture: what lists and the canvas show instead of the original."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image

from app.imaging.decode import check_size, plain_colours, refusing
from app.imaging.limits import DEFAULT_LIMITS, ImageLimits
from app.imaging.thumbhash import thumbhash

THUMBNAIL_PX = 256
PREVIEW_PX = 1280
QUALITY = 80

# On WebP's scale of 0 to 6: two costs half of the default four and gives files 4 % larger.
_EFFORT = 2


@dataclass(frozen=True, slots=True)
class Derived:
    """thumbnail, preview: WebP with the longer side 256 and 1280 px, or None where the original is no larger.

    thumbhash: see `thumbhash`; a stand-in until a file is loaded.
    """

    width_px: int
    height_px: int
    thumbnail: bytes | None
    preview: bytes | None
    thumbhash: str


def derive(data: bytes, mime: str, *, limits: ImageLimits = DEFAULT_LIMITS) -> Derived:
    """The small copies of a stored picture (PNG, JPEG or WebP). A JPEG is decoded at the fraction of its size needed.

    Raises ImageTooLarge or ImageUnreadable.
    """
    with refusing(limits):
        opened = Image.open(io.BytesIO(data), formats=[mime.partition("/")[2].upper()])
        check_size(*opened.size, limits)
        size = opened.size
        if mime == "image/jpeg" and max(size) >= 2 * PREVIEW_PX:
            opened.draft("RGB", (PREVIEW_PX, PREVIEW_PX))
        return derive_from(plain_colours(opened), original_size=size)


def derive_from(image: Image.Image, *, original_size: tuple[int, int] | None = None) -> Derived:
    """The small copies of RGB or RGBA pixels; original_size when these are already a reduction."""
    width, height = original_size or image.size
    longest = max(width, height)
    preview = thumbnail = None
    if longest > PREVIEW_PX:
        image = within(image, PREVIEW_PX)
        preview = webp(image)
    if longest > THUMBNAIL_PX:
        image = within(image, THUMBNAIL_PX)
        thumbnail = webp(image)
    return Derived(width, height, thumbnail, preview, thumbhash(image))


def within(image: Image.Image, side_px: int) -> Image.Image:
    """The picture scaled so that its longer side is `side_px`."""
    scale = side_px / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def webp(image: Image.Image) -> bytes:
    """A small copy as a file."""
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=QUALITY, method=_EFFORT)
    return buffer.getvalue()
