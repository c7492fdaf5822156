"""Texts in JPEG: an EXIF and an XMP segment; XMP past 64 KB continues in extended segments."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from itertools import islice

from app.imaging.containers import jpeg_segment, jpeg_segments
from app.imaging.embedding import exif, xmp
from app.imaging.embedding.names import PIECES_MAX

_MAIN = b"http://ns.adobe.com/xap/1.0/\0"
_MORE = b"http://ns.adobe.com/xmp/extension/\0"


def write(data: bytes, recipe: bytes, parameters: str) -> bytes:
    kept: list[bytes] = []
    jfif: list[bytes] = []
    pixels_at = 2
    for segment in jpeg_segments(data):
        pixels_at = segment.end
        if segment.name == b"\xff\xe0":
            jfif.append(data[segment.start : segment.end])  # readers want it first
        elif not (segment.name == b"\xff\xe1" and bytes(segment.body[:40]).startswith((_MAIN, _MORE, exif.HEADER))):
            kept.append(data[segment.start : segment.end])
    texts = [jpeg_segment(b"\xff\xe1", exif.HEADER + exif.block(parameters)), *_xmp_segments(recipe)]
    return b"".join([b"\xff\xd8", *jfif, *texts, *kept, data[pixels_at:]])


def _xmp_segments(recipe: bytes) -> list[bytes]:
    packet = xmp.packet(recipe)
    if len(_MAIN) + len(packet) <= 65_533:
        return [jpeg_segment(b"\xff\xe1", _MAIN + packet)]
    guid = hashlib.md5(packet, usedforsecurity=False).hexdigest().upper().encode()
    size = 65_000
    return [
        jpeg_segment(b"\xff\xe1", _MAIN + xmp.pointer(guid)),
        *(
            jpeg_segment(b"\xff\xe1", _MORE + guid + struct.pack(">II", len(packet), at) + packet[at : at + size])
            for at in range(0, len(packet), size)
        ),
    ]


def read(data: bytes, limit_bytes: int) -> Iterator[tuple[str, str]]:
    more = bytearray()
    for segment in islice(jpeg_segments(data), PIECES_MAX):
        if segment.name != b"\xff\xe1":
            continue
        body = bytes(segment.body)
        if body.startswith(exif.HEADER):
            yield from exif.read(body[len(exif.HEADER) :], limit_bytes)
        elif body.startswith(_MAIN):
            yield from xmp.read(body[len(_MAIN) :], limit_bytes)
        elif body.startswith(_MORE):
            header = len(_MORE) + 32
            _whole, at = struct.unpack_from(">II", body, header)
            if at == len(more) <= 8 * limit_bytes:  # written in order; anything else is not ours
                more += body[header + 8 :]
    yield from xmp.read(bytes(more), limit_bytes)
