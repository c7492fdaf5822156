"""Texts in MP4: items of the iTunes kind in the index, whose offsets to the samples move along."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from app.imaging.containers import BrokenContainer, Chunk, mp4_box, mp4_boxes
from app.imaging.embedding.names import PARAMETERS, PIECES_MAX, RECIPE

_MEAN, _NAME = b"com.darkroom", b"recipe"


def write(data: bytes, recipe: bytes, parameters: str) -> bytes:
    boxes = list(islice(mp4_boxes(data), PIECES_MAX))
    moov = next((box for box in boxes if box.name == b"moov"), None)
    if moov is None or any(box.name == b"moof" for box in boxes):
        raise BrokenContainer("the MP4 has no single index to write beside")
    body_at = moov.end - len(moov.body)
    children = list(mp4_boxes(data, body_at, moov.end))
    udta = _udta(recipe, parameters)
    kept = sum(child.end - child.start for child in children if child.name != b"udta")
    shift = 8 + kept + len(udta) - (moov.end - moov.start)
    moved = b"".join(_shifted(data, child, after=moov.end, by=shift) for child in children if child.name != b"udta")
    return data[: moov.start] + mp4_box(b"moov", moved + udta) + data[moov.end :]


def _udta(recipe: bytes, parameters: str) -> bytes:
    kind = b"\0\0\0\x01\0\0\0\0"  # UTF-8 text, no country
    comment = mp4_box(b"\xa9cmt", mp4_box(b"data", kind + parameters.encode("utf-8", "replace")))
    freeform = mp4_box(
        b"----",
        mp4_box(b"mean", b"\0\0\0\0" + _MEAN) + mp4_box(b"name", b"\0\0\0\0" + _NAME) + mp4_box(b"data", kind + recipe),
    )
    handler = mp4_box(b"hdlr", bytes(8) + b"mdirappl" + bytes(9))
    return mp4_box(b"udta", mp4_box(b"meta", bytes(4) + handler + mp4_box(b"ilst", comment + freeform)))


_INDEX_PATH = (b"trak", b"mdia", b"minf", b"stbl")


def _shifted(data: bytes, box: Chunk, *, after: int, by: int) -> bytes:
    """A box with the sample offsets inside it moved: what lay behind the index lies `by` bytes further now."""
    if box.name in _INDEX_PATH:
        inner = mp4_boxes(data, box.end - len(box.body), box.end)
        return mp4_box(box.name, b"".join(_shifted(data, child, after=after, by=by) for child in inner))
    if box.name not in (b"stco", b"co64"):
        return data[box.start : box.end]
    head, entries = bytes(box.body[:8]), bytes(box.body[8:])
    width = 4 if box.name == b"stco" else 8
    offsets = np.frombuffer(entries[: len(entries) // width * width], dtype=f">u{width}").astype(np.int64)
    offsets = np.where(offsets >= after, offsets + by, offsets)
    if width == 4 and offsets.size and int(offsets.max()) > 0xFFFFFFFF:
        raise BrokenContainer("the MP4 is too long for its own offsets")
    moved: bytes = offsets.astype(f">u{width}").tobytes()
    return mp4_box(box.name, head + moved)


def read(data: bytes, limit_bytes: int) -> Iterator[tuple[str, str]]:
    start, end = 0, len(data)
    for name, skip in ((b"moov", 0), (b"udta", 0), (b"meta", 4), (b"ilst", 0)):
        box = next((box for box in islice(mp4_boxes(data, start, end), PIECES_MAX) if box.name == name), None)
        if box is None:
            return
        start, end = box.end - len(box.body) + skip, box.end
    for item in islice(mp4_boxes(data, start, end), PIECES_MAX):
        parts = {
            part.name: bytes(part.body) for part in islice(mp4_boxes(item.body), 8) if len(part.body) <= limit_bytes + 8
        }
        text = parts.get(b"data", b"")[8:].decode("utf-8")
        if item.name == b"\xa9cmt":
            yield PARAMETERS, text
        elif item.name == b"----" and parts.get(b"mean", b"")[4:] == _MEAN and parts.get(b"name", b"")[4:] == _NAME:
            yield RECIPE, text
