"""The EXIF fields that hold texts: UserComment, for people; and two that ComfyUI fills in WebP files."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from app.imaging.embedding.names import GRAPH, PARAMETERS, WORKFLOW

HEADER = b"Exif\0\0"
"""What stands before the block in a JPEG segment, and in some WebP files."""

# A comment is for people; past this it would not fit the 64 KB segment that JPEG gives it.
COMMENT_MAX_CHARS = 30_000

_USER_COMMENT = 0x9286
_EXIF_POINTER = 0x8769
# Maker and model of the camera: ComfyUI puts "workflow:{…}" and "prompt:{…}" there.
_CAMERA = (0x010F, 0x0110)


def block(comment: str) -> bytes:
    """A TIFF block with nothing but a UserComment. Big-endian, as most readers take its UTF-16 to be."""
    value = b"UNICODE\0" + comment[:COMMENT_MAX_CHARS].encode("utf-16-be", "replace")
    pointer = struct.pack(">HHHII", 1, _EXIF_POINTER, 4, 1, 26) + b"\0\0\0\0"
    entry = struct.pack(">HHHII", 1, _USER_COMMENT, 7, len(value), 44) + b"\0\0\0\0"
    return b"MM\0\x2a" + struct.pack(">I", 8) + pointer + entry + value


def read(tiff: bytes, limit_bytes: int) -> Iterator[tuple[str, str]]:
    order = {b"MM\0\x2a": ">", b"II\x2a\0": "<"}.get(tiff[:4])
    if order is None:
        return
    first = struct.unpack_from(f"{order}I", tiff, 4)[0]
    for tag in _CAMERA:
        yield from _of_comfyui(tiff, _entry(tiff, order, first, tag), limit_bytes)
    pointer = _entry(tiff, order, first, _EXIF_POINTER)
    if pointer is None:
        return
    comment = _entry(tiff, order, pointer[1], _USER_COMMENT)
    if comment is None or comment[0] < 8 or comment[0] > 2 * limit_bytes:
        return
    value = tiff[comment[1] : comment[1] + comment[0]]
    kind, text = value[:8], value[8:]
    if kind == b"ASCII\0\0\0":
        yield PARAMETERS, text.decode("ascii").rstrip("\0")
    elif kind == b"UNICODE\0":
        # The standard leaves the byte order open: ASCII-heavy text tells it by where the zeros are.
        little = text[1::2].count(0) > text[::2].count(0)
        yield PARAMETERS, text.decode("utf-16-le" if little else "utf-16-be")


def _of_comfyui(tiff: bytes, entry: tuple[int, int] | None, limit_bytes: int) -> Iterator[tuple[str, str]]:
    if entry is None or not 8 < entry[0] <= limit_bytes:
        return
    name, _, text = tiff[entry[1] : entry[1] + entry[0]].decode("utf-8", "replace").rstrip("\0").partition(":")
    if name.lower() in (GRAPH, WORKFLOW):
        yield name.lower(), text


def _entry(tiff: bytes, order: str, at: int, wanted: int) -> tuple[int, int] | None:
    """(count, value or offset) of one tag in the directory at an offset."""
    count = struct.unpack_from(f"{order}H", tiff, at)[0]
    for index in range(min(count, 200)):
        tag, _kind, length, value = struct.unpack_from(f"{order}HHII", tiff, at + 2 + 12 * index)
        if tag == wanted:
            return length, value
    return None
