"""Texts in WebP: EXIF and XMP chunks behind the picture, announced by flags in front of it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice

from app.imaging.containers import BrokenContainer, Chunk, webp_chunk, webp_chunks
from app.imaging.embedding import exif, xmp
from app.imaging.embedding.names import PIECES_MAX

_WEBP_XMP, _WEBP_EXIF, _WEBP_ALPHA = 0x04, 0x08, 0x10


def write(data: bytes, recipe: bytes, parameters: str) -> bytes:
    chunks = list(webp_chunks(data))
    if not chunks:
        raise BrokenContainer("the WebP is empty")
    head = webp_chunk(b"VP8X", _webp_header(chunks[0]))
    kept = [data[chunk.start : chunk.end] for chunk in chunks if chunk.name not in (b"VP8X", b"EXIF", b"XMP ")]
    texts = [webp_chunk(b"EXIF", exif.block(parameters)), webp_chunk(b"XMP ", xmp.packet(recipe))]
    body = b"".join([b"WEBP", head, *kept, *texts])
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _webp_header(first: Chunk) -> bytes:
    """The body of the extended header, made from the one there is or from the picture's own first bytes."""
    body = first.body
    if first.name == b"VP8X":
        return bytes([body[0] | _WEBP_XMP | _WEBP_EXIF]) + bytes(body[1:10])
    flags = _WEBP_XMP | _WEBP_EXIF
    if first.name == b"VP8L" and len(body) >= 5 and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        flags |= _WEBP_ALPHA if bits >> 28 & 1 else 0
    elif first.name == b"VP8 " and bytes(body[3:6]) == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(body[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    else:
        raise BrokenContainer("the WebP has no picture")
    return struct.pack("<I", flags) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")


def read(data: bytes, limit_bytes: int) -> Iterator[tuple[str, str]]:
    for chunk in islice(webp_chunks(data), PIECES_MAX):
        if len(chunk.body) > 8 * limit_bytes:
            continue
        if chunk.name == b"EXIF":
            yield from exif.read(bytes(chunk.body).removeprefix(exif.HEADER), limit_bytes)
        elif chunk.name == b"XMP ":
            yield from xmp.read(bytes(chunk.body), limit_bytes)
