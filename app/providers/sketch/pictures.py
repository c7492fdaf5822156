"""Pictures in and out: files to pixels, pixels to bytes and small previews."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from app.providers.contract import Output
from app.providers.sketch.arrays import Pixels
from app.providers.sketch.job import refusal

_READABLE = ("PNG", "JPEG", "WEBP", "GIF", "AVIF")
_MAX_PIXELS = 50_000_000
PREVIEW_BYTES = 12_000
_PREVIEW_SIDE_PX = 256


def load(path: Path, role: str) -> Image.Image:
    """The picture at `path`, upright, RGB. Raises ProviderError(user_fixable) when it cannot be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=_READABLE) as image:
                if image.width * image.height > _MAX_PIXELS:
                    raise refusal(f"The picture given as `{role}` is larger than 50 megapixels: scale it down first.")
                return _flat(ImageOps.exif_transpose(image))
    except FileNotFoundError as error:
        raise refusal(f"The picture given as `{role}` is gone: add it again.", repr(error)) from error
    except (
        OSError,
        SyntaxError,
        ValueError,
        UnidentifiedImageError,
        Image.DecompressionBombWarning,
        Image.DecompressionBombError,
    ) as error:
        raise refusal(f"The picture given as `{role}` cannot be read: use a PNG, JPEG or WebP.", repr(error)) from error


def _flat(image: Image.Image) -> Image.Image:
    """Without transparency: what shows through is white, as on paper."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        solid = image.convert("RGBA")
        paper = Image.new("RGBA", solid.size, "white")
        return Image.alpha_composite(paper, solid).convert("RGB")
    return image.convert("RGB")


def fitted(image: Image.Image, width_px: int, height_px: int) -> Image.Image:
    """Scaled and cropped at the centre to cover that size; untouched when it has it."""
    if image.size == (width_px, height_px):
        return image
    return ImageOps.fit(image, (width_px, height_px), Image.Resampling.LANCZOS)


def scaled(picture: Pixels, width_px: int, height_px: int) -> Pixels:
    """A copy of that size, whatever becomes of its shape."""
    if picture.shape[:2] == (height_px, width_px):
        return picture.copy()
    return pixels(Image.fromarray(picture).resize((width_px, height_px), Image.Resampling.BICUBIC))


def pixels(image: Image.Image) -> Pixels:
    return np.asarray(image, dtype=np.uint8).copy()


def encode(picture: Pixels, format: str, *, quick: bool = False) -> Output:
    """format: png, webp or jpeg. quick: spend bytes instead of time."""
    image = Image.fromarray(picture)
    buffer = io.BytesIO()
    if format == "png":
        image.save(buffer, "PNG", compress_level=1 if quick else 4)
    elif format == "webp":
        image.save(buffer, "WEBP", quality=92, method=0 if quick else 3)
    else:
        image.save(buffer, "JPEG", quality=94, subsampling=0)
    return Output(buffer.getvalue(), f"image/{format}", trusted=True)


def preview(picture: Pixels) -> bytes:
    """A JPEG of at most PREVIEW_BYTES."""
    image = Image.fromarray(picture)
    image.thumbnail((_PREVIEW_SIDE_PX, _PREVIEW_SIDE_PX), Image.Resampling.BILINEAR, reducing_gap=2.0)
    while True:
        for quality in (78, 60, 40):
            buffer = io.BytesIO()
            image.save(buffer, "JPEG", quality=quality)
            if buffer.tell() <= PREVIEW_BYTES:
                return buffer.getvalue()
        image = image.resize((max(1, image.width // 2), max(1, image.height // 2)))
