"""Texts in PNG: iTXt chunks before the pixels; tEXt and zTXt are read as well."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import islice

from app.imaging.containers import PNG_SIGNATURE, Chunk, png_chunk, png_chunks
from app.imaging.embedding.names import NAMES_READ, PARAMETERS, PIECES_MAX, RECIPE


def write(data: bytes, recipe: bytes, parameters: str) -> bytes:
    pieces = [PNG_SIGNATURE]
    for chunk in png_chunks(data):
        if not (chunk.name in _PNG_TEXT and _png_keyword(chunk) in (RECIPE, PARAMETERS)):
            pieces.append(data[chunk.start : chunk.end])
        if chunk.name == b"IHDR":
            pieces.append(_itxt(RECIPE, recipe))
            pieces.append(_itxt(PARAMETERS, parameters.encode("utf-8", "replace")))
    return b"".join(pieces)


def _itxt(keyword: str, text: bytes) -> bytes:
    # keyword, uncompressed, no language, no translated keyword
    return png_chunk(b"iTXt", keyword.encode("latin-1") + b"\0\0\0\0\0" + text)


_PNG_TEXT = (b"tEXt", b"zTXt", b"iTXt")


def _png_keyword(chunk: Chunk) -> str:
    return bytes(chunk.body[:80]).partition(b"\0")[0].decode("latin-1")


def read(data: bytes, limit_bytes: int) -> Iterator[tuple[str, str]]:
    for chunk in islice(png_chunks(data), PIECES_MAX):
        if chunk.name == b"IDAT":
            return
        if chunk.name not in _PNG_TEXT or _png_keyword(chunk) not in NAMES_READ:
            continue
        if len(chunk.body) > limit_bytes + 200:  # the fields before the text
            continue
        text = _png_text(chunk, limit_bytes)
        if text is not None:
            yield _png_keyword(chunk), text


def _png_text(chunk: Chunk, limit_bytes: int) -> str | None:
    _, _, rest = bytes(chunk.body).partition(b"\0")
    if chunk.name == b"tEXt":
        raw, encoding, packed = rest, "latin-1", False
    elif chunk.name == b"zTXt":
        raw, encoding, packed = rest[1:], "latin-1", True
    else:
        packed = rest[0] == 1
        raw, encoding = rest[2:].split(b"\0", 2)[2], "utf-8"
    if packed:
        inflate = zlib.decompressobj()
        raw = inflate.decompress(raw, limit_bytes + 1)
    return raw.decode(encoding) if len(raw) <= limit_bytes else None
