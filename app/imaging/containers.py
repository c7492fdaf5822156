"""The outer shape of picture and video files: chunks, segments and boxes, read and rebuilt without touching pixels.

Walkers are total: they yield what is well-formed and raise BrokenContainer at the first thing that is not. They look at
lengths only, hold no copies (memoryview slices) and do at most one step per eight bytes of file, so hostile files cost
no more than their size.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

MIME_OF_FORMAT = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}


class BrokenContainer(ValueError):
    """The file does not keep to its format."""


def sniff(data: bytes | memoryview) -> str | None:
    """The MIME type its first bytes claim, among those we know; None otherwise. A claim, not a proof."""
    head = bytes(data[:64])
    if head.startswith(PNG_SIGNATURE):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head:
        return "video/webm"
    return None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A named piece: `name` as stored, `body` without header, `start`..`end` the whole piece within the file."""

    name: bytes
    body: memoryview
    start: int
    end: int


def png_chunks(data: bytes, *, check: bool = False) -> Iterator[Chunk]:
    """The chunks of a PNG up to and including IEND; what follows IEND is not looked at.

    check: verify each chunk's CRC.
    """
    view = memoryview(data)
    if data[:8] != PNG_SIGNATURE:
        raise BrokenContainer("no PNG signature")
    at = 8
    while True:
        if at + 12 > len(data):
            raise BrokenContainer("a PNG chunk is cut off")
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise BrokenContainer("a PNG chunk is cut off")
        if check and zlib.crc32(view[at + 4 : end - 4]) != struct.unpack_from(">I", data, end - 4)[0]:
            raise BrokenContainer("a PNG chunk has the wrong checksum")
        yield Chunk(name, view[at + 8 : end - 4], at, end)
        if name == b"IEND":
            return
        at = end


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(name)))


def webp_chunks(data: bytes) -> Iterator[Chunk]:
    """The chunks inside a WebP's RIFF frame; `end` includes the padding byte of an odd body."""
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise BrokenContainer("no WebP header")
    view = memoryview(data)
    limit = 8 + struct.unpack_from("<I", data, 4)[0]
    if limit > len(data):
        raise BrokenContainer("the WebP is cut off")
    at = 12
    while at + 8 <= limit:
        name, length = struct.unpack_from("<4sI", data, at)
        end = at + 8 + length + (length & 1)
        if at + 8 + length > limit:
            raise BrokenContainer("a WebP chunk is cut off")
        yield Chunk(name, view[at + 8 : at + 8 + length], at, min(end, limit))
        at = end


def webp_chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) & 1)


def webp_is_lossless(data: bytes) -> bool:
    """Whether the first picture in it is stored without loss."""
    for chunk in webp_chunks(data):
        # An animation keeps each picture in a frame, behind sixteen bytes of place and time.
        name = bytes(chunk.body[16:20]) if chunk.name == b"ANMF" else chunk.name
        if name in (b"VP8L", b"VP8 ", b"ALPH"):
            return name == b"VP8L"
    return False


def jpeg_segments(data: bytes) -> Iterator[Chunk]:
    """The marker segments before a JPEG's pixel data; `name` is the two-byte marker."""
    if data[:2] != b"\xff\xd8":
        raise BrokenContainer("no JPEG marker")
    view = memoryview(data)
    at = 2
    while at + 4 <= len(data):
        marker = data[at : at + 2]
        if marker[0] != 0xFF:
            raise BrokenContainer("a JPEG segment does not start with a marker")
        if marker == b"\xff\xff":  # fill byte
            at += 1
            continue
        if marker in (b"\xff\xda", b"\xff\xd9"):
            return
        if marker[1] == 0x01 or 0xD0 <= marker[1] <= 0xD7:  # markers without a length
            at += 2
            continue
        length = struct.unpack_from(">H", data, at + 2)[0]
        end = at + 2 + length
        if length < 2 or end > len(data):
            raise BrokenContainer("a JPEG segment is cut off")
        yield Chunk(marker, view[at + 4 : end], at, end)
        at = end
    raise BrokenContainer("the JPEG ends before its pixels")


def jpeg_segment(marker: bytes, body: bytes) -> bytes:
    """Raises ValueError when the body is over 65,533 bytes."""
    if len(body) > 65_533:
        raise ValueError(f"a JPEG segment holds 65,533 bytes, not {len(body)}")
    return marker + struct.pack(">H", len(body) + 2) + body


def mp4_boxes(data: bytes | memoryview, start: int = 0, end: int | None = None) -> Iterator[Chunk]:
    """The boxes of an MP4 between two offsets, one level deep."""
    view = memoryview(data)
    limit = len(view) if end is None else end
    at = start
    while at + 8 <= limit:
        length, name = struct.unpack_from(">I4s", view, at)
        header = 8
        if length == 1:
            if at + 16 > limit:
                raise BrokenContainer("an MP4 box is cut off")
            length = struct.unpack_from(">Q", view, at + 8)[0]
            header = 16
        elif length == 0:  # "to the end of the file"
            length = limit - at
        if length < header or at + length > limit:
            raise BrokenContainer("an MP4 box is cut off")
        yield Chunk(name, view[at + header : at + length], at, at + length)
        at += length


def mp4_box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body
