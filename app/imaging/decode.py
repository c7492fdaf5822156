"""Pictures from outside: looked at, limited, decoded and written anew from their pixels.

Nothing but pixels survives: no metadata, no trailing bytes, no second frame. Call this through `pool` for anything a
stranger sent, since a decoder can be made to burn memory and time or to crash.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from app.imaging.containers import png_chunks, sniff, webp_is_lossless
from app.imaging.embedding import read_texts
from app.imaging.errors import FileTooLarge, ImageRefused, ImageTooLarge, ImageUnreadable, UnsupportedImage
from app.imaging.limits import DEFAULT_LIMITS, ImageLimits

# Naming the four plugins registers them; asking Pillow for its formats by name would import all forty.
_DECODERS = {
    "image/png": PngImagePlugin.PngImageFile.format,
    "image/jpeg": JpegImagePlugin.JpegImageFile.format,
    "image/webp": WebPImagePlugin.WebPImageFile.format,
    "image/gif": GifImagePlugin.GifImageFile.format,
}
EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}

# Pillow only warns between one and two times its own limit. Our size check comes after opening and refuses far below;
# this makes the warning a refusal even where Pillow looks first.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)

_ORIENTATION_TAG = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """A picture safe to store and show.

    data: the file written anew, in the format of `mime` (PNG, JPEG or WebP) with `extension` to match.
    embedded: texts the original carried, by name (see `embedding.NAMES_READ`); hand them to `recipe_from_texts`.
    """

    data: bytes
    mime: str
    extension: str
    width_px: int
    height_px: int
    has_alpha: bool
    embedded: dict[str, str] = field(default_factory=dict)


def sanitise(data: bytes, *, limits: ImageLimits = DEFAULT_LIMITS) -> DecodedImage:
    """Decode and write anew. PNG and WebP keep their format, GIF becomes PNG (first frame), JPEG is saved at 95.

    Raises FileTooLarge, UnsupportedImage, ImageTooLarge or ImageUnreadable; nothing else.
    """
    return sanitise_with_pixels(data, limits=limits)[0]


def sanitise_with_pixels(data: bytes, *, limits: ImageLimits = DEFAULT_LIMITS) -> tuple[DecodedImage, Image.Image]:
    """As `sanitise`, and the decoded pixels (RGB or RGBA) for whoever derives more from them."""
    mime = _accepted(data, limits)
    with refusing(limits):
        image, how = _load(data, mime, limits)
        target = "image/png" if mime == "image/gif" else mime
        decoded = DecodedImage(
            data=_encode(image, target, how),
            mime=target,
            extension=EXTENSIONS[target],
            width_px=image.width,
            height_px=image.height,
            has_alpha=image.mode == "RGBA",
            embedded=read_texts(data, limit_bytes=limits.recipe_bytes),
        )
    return decoded, image


def written(image: Image.Image) -> DecodedImage:
    """Pixels of ours (RGB or RGBA) as a lossless file."""
    data = _encode(image, "image/png", {})
    return DecodedImage(data, "image/png", "png", image.width, image.height, has_alpha=image.mode == "RGBA")


def load_pixels(data: bytes, *, limits: ImageLimits = DEFAULT_LIMITS) -> Image.Image:
    """The upright pixels, RGB or RGBA, without writing a file. Raises as `sanitise` does."""
    mime = _accepted(data, limits)
    with refusing(limits):
        return _load(data, mime, limits)[0]


@contextmanager
def refusing(limits: ImageLimits) -> Iterator[None]:
    """Whatever a decoder does with hostile bytes, MemoryError included, ends as a refusal."""
    try:
        yield
    except ImageRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageTooLarge.unmeasured(limits) from error
    except Exception as error:
        raise ImageUnreadable from error


def _accepted(data: bytes, limits: ImageLimits) -> str:
    if len(data) > limits.file_bytes:
        raise FileTooLarge.over(limits.file_bytes)
    if not data:
        raise ImageUnreadable("The file is empty: choose another one.")
    mime = sniff(data)
    if mime not in _DECODERS:
        raise UnsupportedImage
    return mime


def _load(data: bytes, mime: str, limits: ImageLimits) -> tuple[Image.Image, dict[str, Any]]:
    """Upright RGB or RGBA pixels, and the options with which to write them again."""
    opened = Image.open(io.BytesIO(data), formats=[_DECODERS[mime]])
    check_size(*opened.size, limits)
    if mime == "image/png":
        for _ in png_chunks(data, check=True):  # Pillow skips the checksums of pixel data
            pass
    how: dict[str, Any] = {}
    if isinstance(opened, JpegImagePlugin.JpegImageFile):
        how["subsampling"] = max(0, JpegImagePlugin.get_sampling(opened))
    elif mime == "image/webp":
        how["lossless"] = webp_is_lossless(data)
    opened.load()
    check_size(*opened.size, limits)
    upright = _UPRIGHT.get(_orientation(opened))
    image = plain_colours(opened)
    if upright is not None:
        image = image.transpose(upright)
    image.info = {}  # Pillow writes what it finds there into the next file
    return image, how


def check_size(width_px: int, height_px: int, limits: ImageLimits) -> None:
    """Raises ImageTooLarge."""
    if max(width_px, height_px) > limits.side_px or width_px * height_px > limits.pixels:
        raise ImageTooLarge.measured(width_px, height_px, limits)


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except (ArithmeticError, LookupError, OSError, SyntaxError, TypeError, ValueError, struct.error):
        return 1  # a damaged note beside the pixels says nothing about the pixels


def plain_colours(image: Image.Image) -> Image.Image:
    """RGB, or RGBA where there is transparency: eight bits and sRGB."""
    if image.mode.startswith(("I", "F")):
        # Sixteen-bit grey: Pillow's own conversion clips instead of scaling.
        levels = np.asarray(image).astype(np.float64)
        image = Image.fromarray((levels.clip(0, 65_535) / 257).round().astype(np.uint8))
    profile = image.info.get("icc_profile")
    if image.mode not in ("RGB", "RGBA", "CMYK"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    elif image.mode == "RGB" and "transparency" in image.info:
        image = image.convert("RGBA")
    if profile:
        image = _srgb(image, profile)
    return image.convert("RGB") if image.mode == "CMYK" else image


def _srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Colours meant for another space, such as a phone's Display P3, brought to sRGB before the profile is dropped."""
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return image
        mode = "RGB" if image.mode == "CMYK" else image.mode
        turned = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return image  # a damaged or unfitting profile: the numbers as they are
    return image if turned is None else turned


def _encode(image: Image.Image, mime: str, how: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    if mime == "image/png":
        save_png(image, buffer)
    elif mime == "image/jpeg":
        image.convert("RGB").save(buffer, "JPEG", quality=95, **how)
    elif how["lossless"]:
        image.save(buffer, "WEBP", lossless=True, quality=0, method=0)
    else:
        image.save(buffer, "WEBP", quality=95, method=2)
    return buffer.getvalue()


def save_png(image: Image.Image, buffer: io.BytesIO) -> None:
    """Run-length deflate: as small as the default level on photographs, a little larger on drawings, twice as fast."""
    image.save(buffer, "PNG", compress_level=1, compress_type=3)
