"""Texts inside picture and video files: put in and read back without touching a pixel.

Two names are written: `darkroom` (for machines) and `parameters` (for people and other programs). Where they live:

- PNG: one iTXt chunk each, before the pixels.
- JPEG and WebP: `darkroom` as an XMP property (JPEG continues past 64 KB in extended XMP), `parameters` as the EXIF
  UserComment.
- MP4: `darkroom` as a freeform iTunes item, `parameters` as the comment.

What other programs write (`names.NAMES_READ`) is read too: PNG chunks of those names, and ComfyUI's EXIF in WebP.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Protocol

from app.imaging.containers import BrokenContainer, sniff
from app.imaging.embedding import jpeg, mp4, png, webp
from app.imaging.embedding.names import NAMES_READ, PARAMETERS, RECIPE
from app.imaging.limits import RECIPE_MAX_BYTES

__all__ = ["NAMES_READ", "PARAMETERS", "RECIPE", "read_texts", "write_texts"]


class _Format(Protocol):
    """What each of the modules offers. Both raise BrokenContainer or struct.error for malformed files."""

    def write(self, data: bytes, recipe: bytes, parameters: str) -> bytes: ...

    def read(self, data: bytes, limit_bytes: int) -> Iterator[tuple[str, str]]: ...


_FORMATS: dict[str, _Format] = {"image/png": png, "image/jpeg": jpeg, "image/webp": webp, "video/mp4": mp4}


def write_texts(data: bytes, mime: str, *, recipe: str, parameters: str) -> bytes:
    """The same file with both texts, replacing earlier ones; pixels and samples stay byte for byte.

    recipe: ASCII. JPEG and WebP lose other EXIF and XMP, so hand in files that carry none that matters (ours do not).
    Raises ValueError when the format has no place for texts or the file does not keep to its format.
    """
    place = _FORMATS.get(mime)
    if place is None:
        raise ValueError(f"{mime} files carry no texts")
    if not recipe.isascii():
        raise ValueError("the recipe must be ASCII")
    try:
        return place.write(data, recipe.encode("ascii"), parameters)
    except struct.error as error:
        raise BrokenContainer("the file is cut off") from error


def read_texts(data: bytes, *, limit_bytes: int = RECIPE_MAX_BYTES) -> dict[str, str]:
    """The texts a file carries, by name. Never raises: longer ones are left out, what is malformed ends the reading."""
    texts: dict[str, str] = {}
    place = _FORMATS.get(sniff(data) or "")
    if place is None:
        return texts
    try:
        for name, text in place.read(data, limit_bytes):
            if name in NAMES_READ and name not in texts:
                texts[name] = text
    except (BrokenContainer, struct.error, zlib.error, UnicodeDecodeError, IndexError):
        pass  # what was read so far stands: a damaged tail does not make an intact recipe wrong
    return texts
