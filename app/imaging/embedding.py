"""Texts inside picture and video files: put in and read back without touching a pixel.

Two names are written: `darkroom` (for machines) and `parameters` (for people and other programs). Where they live:

- PNG: one iTXt chunk each, before the pixels.
- JPEG and WebP: `darkroom` as an XMP property (JPEG continues past 64 KB in extended XMP), `parameters` as the EXIF
  UserComment.
- MP4: `darkroom` as a freeform iTunes item, `parameters` as the comment.

From foreign files `prompt` and `workflow`, which ComfyUI writes into PNG, are read too.
"""

from __future__ import annotations

import hashlib
import html
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from app.imaging.containers import (
    PNG_SIGNATURE,
    BrokenContainer,
    Chunk,
    jpeg_segment,
    jpeg_segments,
    mp4_box,
    mp4_boxes,
    png_chunk,
    png_chunks,
    sniff,
    webp_chunk,
    webp_chunks,
)
from app.imaging.limits import RECIPE_MAX_BYTES

RECIPE = "darkroom"
PARAMETERS = "parameters"
NAMES_READ = (RECIPE, PARAMETERS, "prompt", "workflow")

# A comment is for people; past this it would not fit the 64 KB segment JPEG gives EXIF.
COMMENT_MAX_CHARS = 30_000

# Texts stand before the pixels and in the company of few other pieces; more pieces than this is a hostile file.
_PIECES_MAX = 2_000

_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_MORE = b"http://ns.adobe.com/xmp/extension/\0"
_EXIF = b"Exif\0\0"
_NAMESPACE = "urn:darkroom:recipe:1#"
_PROPERTY = re.compile(rb'<darkroom:recipe>([^<]*)</darkroom:recipe>|\bdarkroom:recipe="([^"<]*)"')

_USER_COMMENT = 0x9286
_EXIF_POINTER = 0x8769


def write_texts(data: bytes, mime: str, *, recipe: str, parameters: str) -> bytes:
    """The same file with both texts, replacing earlier ones; pixels and samples stay byte for byte.

    recipe: ASCII. JPEG and WebP lose other EXIF and XMP, so hand in files that carry none that matters (ours do not).
    Raises ValueError when the format has no place for texts or the file does not keep to its format.
    """
    writer = _WRITERS.get(mime)
    if writer is None:
        raise ValueError(f"{mime} files carry no texts")
    if not recipe.isascii():
        raise ValueError("the recipe must be ASCII")
    try:
        return writer(data, recipe.encode("ascii"), parameters)
    except struct.error as error:
        raise BrokenContainer("the file is cut off") from error


def read_texts(data: bytes, *, limit_bytes: int = RECIPE_MAX_BYTES) -> dict[str, str]:
    """The texts a file carries, by name. Never raises: longer ones are left out, what is malformed ends the reading."""
    texts: dict[str, str] = {}
    reader = _READERS.get(sniff(data) or "")
    if reader is None:
        return texts
    try:
        for name, text in reader(data, limit_bytes):
            if name in NAMES_READ and name not in texts:
                texts[name] = text
    except (BrokenContainer, struct.error, zlib.error, UnicodeDecodeError, IndexError):
        pass  # what was read so far stands: a damaged tail does not make an intact recipe wrong
    return texts


# --- PNG


def _write_png(data: bytes, recipe: bytes, parameters: str) -> bytes:
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


def _read_png(data: bytes, limit_bytes: int) -> Iterator[tuple[str, str]]:
    for chunk in islice(png_chunks(data), _PIECES_MAX):
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


# --- JPEG


def _write_jpeg(data: bytes, recipe: bytes, parameters: str) -> bytes:
    kept: list[bytes] = []
    jfif: list[bytes] = []
    pixels_at = 2
    for segment in jpeg_segments(data):
        pixels_at = segment.end
        if segment.name == b"\xff\xe0":
            jfif.append(data[segment.start : segment.end])  # readers want it first
        elif not (segment.name == b"\xff\xe1" and bytes(segment.body[:40]).startswith((_XMP, _XMP_MORE, _EXIF))):
            kept.append(data[segment.start : segment.end])
    texts = [jpeg_segment(b"\xff\xe1", _EXIF + _exif(parameters)), *_xmp_segments(recipe)]
    return b"".join([b"\xff\xd8", *jfif, *texts, *kept, data[pixels_at:]])


def _xmp_segments(recipe: bytes) -> list[bytes]:
    packet = _xmp(recipe)
    if len(_XMP) + len(packet) <= 65_533:
        return [jpeg_segment(b"\xff\xe1", _XMP + packet)]
    guid = hashlib.md5(packet, usedforsecurity=False).hexdigest().upper().encode()
    size = 65_000
    return [
        jpeg_segment(b"\xff\xe1", _XMP + _xmp_pointer(guid)),
        *(
            jpeg_segment(b"\xff\xe1", _XMP_MORE + guid + struct.pack(">II", len(packet), at) + packet[at : at + size])
            for at in range(0, len(packet), size)
        ),
    ]


def _read_jpeg(data: bytes, limit_bytes: int) -> Iterator[tuple[str, str]]:
    more = bytearray()
    for segment in islice(jpeg_segments(data), _PIECES_MAX):
        if segment.name != b"\xff\xe1":
            continue
        body = bytes(segment.body)
        if body.startswith(_EXIF):
            yield from _read_exif(body[len(_EXIF) :], limit_bytes)
        elif body.startswith(_XMP):
            yield from _read_xmp(body[len(_XMP) :], limit_bytes)
        elif body.startswith(_XMP_MORE):
            header = len(_XMP_MORE) + 32
            _whole, at = struct.unpack_from(">II", body, header)
            if at == len(more) <= 8 * limit_bytes:  # written in order; anything else is not ours
                more += body[header + 8 :]
    yield from _read_xmp(bytes(more), limit_bytes)


# --- WebP

_WEBP_XMP, _WEBP_EXIF, _WEBP_ALPHA = 0x04, 0x08, 0x10


def _write_webp(data: bytes, recipe: bytes, parameters: str) -> bytes:
    chunks = list(webp_chunks(data))
    if not chunks:
        raise BrokenContainer("the WebP is empty")
    head = webp_chunk(b"VP8X", _webp_header(chunks[0]))
    kept = [data[chunk.start : chunk.end] for chunk in chunks if chunk.name not in (b"VP8X", b"EXIF", b"XMP ")]
    texts = [webp_chunk(b"EXIF", _exif(parameters)), webp_chunk(b"XMP ", _xmp(recipe))]
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


def _read_webp(data: bytes, limit_bytes: int) -> Iterator[tuple[str, str]]:
    for chunk in islice(webp_chunks(data), _PIECES_MAX):
        if len(chunk.body) > 8 * limit_bytes:
            continue
        if chunk.name == b"EXIF":
            yield from _read_exif(bytes(chunk.body).removeprefix(_EXIF), limit_bytes)
        elif chunk.name == b"XMP ":
            yield from _read_xmp(bytes(chunk.body), limit_bytes)


# --- XMP and EXIF


def _packet(inside: str) -> bytes:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        f'{inside}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def _xmp(recipe: bytes) -> bytes:
    text = html.escape(recipe.decode("ascii"), quote=False)
    return _packet(f'xmlns:darkroom="{_NAMESPACE}"><darkroom:recipe>{text}</darkroom:recipe>')


def _xmp_pointer(guid: bytes) -> bytes:
    return _packet(f'xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="{guid.decode()}">')


def _read_xmp(packet: bytes, limit_bytes: int) -> Iterator[tuple[str, str]]:
    """Found by its marks, not by an XML parser: there is one property to read and entities to fear."""
    found = _PROPERTY.search(packet)
    if found:
        text = html.unescape((found[1] or found[2] or b"").decode("utf-8"))
        if len(text) <= limit_bytes:
            yield RECIPE, text


def _exif(comment: str) -> bytes:
    """A TIFF block with nothing but a UserComment. Big-endian, as most readers take its UTF-16 to be."""
    value = b"UNICODE\0" + comment[:COMMENT_MAX_CHARS].encode("utf-16-be", "replace")
    pointer = struct.pack(">HHHII", 1, _EXIF_POINTER, 4, 1, 26) + b"\0\0\0\0"
    entry = struct.pack(">HHHII", 1, _USER_COMMENT, 7, len(value), 44) + b"\0\0\0\0"
    return b"MM\0\x2a" + struct.pack(">I", 8) + pointer + entry + value


def _read_exif(tiff: bytes, limit_bytes: int) -> Iterator[tuple[str, str]]:
    order = {b"MM\0\x2a": ">", b"II\x2a\0": "<"}.get(tiff[:4])
    if order is None:
        return
    first = struct.unpack_from(f"{order}I", tiff, 4)[0]
    pointer = _exif_entry(tiff, order, first, _EXIF_POINTER)
    if pointer is None:
        return
    comment = _exif_entry(tiff, order, pointer[1], _USER_COMMENT)
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


def _exif_entry(tiff: bytes, order: str, at: int, wanted: int) -> tuple[int, int] | None:
    """(count, value or offset) of one tag in the directory at an offset."""
    count = struct.unpack_from(f"{order}H", tiff, at)[0]
    for index in range(min(count, 200)):
        tag, _kind, length, value = struct.unpack_from(f"{order}HHII", tiff, at + 2 + 12 * index)
        if tag == wanted:
            return length, value
    return None


# --- MP4

_MEAN, _NAME = b"com.darkroom", b"recipe"


def _write_mp4(data: bytes, recipe: bytes, parameters: str) -> bytes:
    boxes = list(islice(mp4_boxes(data), _PIECES_MAX))
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


def _read_mp4(data: bytes, limit_bytes: int) -> Iterator[tuple[str, str]]:
    start, end = 0, len(data)
    for name, skip in ((b"moov", 0), (b"udta", 0), (b"meta", 4), (b"ilst", 0)):
        box = next((box for box in islice(mp4_boxes(data, start, end), _PIECES_MAX) if box.name == name), None)
        if box is None:
            return
        start, end = box.end - len(box.body) + skip, box.end
    for item in islice(mp4_boxes(data, start, end), _PIECES_MAX):
        parts = {
            part.name: bytes(part.body) for part in islice(mp4_boxes(item.body), 8) if len(part.body) <= limit_bytes + 8
        }
        text = parts.get(b"data", b"")[8:].decode("utf-8")
        if item.name == b"\xa9cmt":
            yield PARAMETERS, text
        elif item.name == b"----" and parts.get(b"mean", b"")[4:] == _MEAN and parts.get(b"name", b"")[4:] == _NAME:
            yield RECIPE, text


_WRITERS: dict[str, Callable[[bytes, bytes, str], bytes]] = {
    "image/png": _write_png,
    "image/jpeg": _write_jpeg,
    "image/webp": _write_webp,
    "video/mp4": _write_mp4,
}
_READERS: dict[str, Callable[[bytes, int], Iterator[tuple[str, str]]]] = {
    "image/png": _read_png,
    "image/jpeg": _read_jpeg,
    "image/webp": _read_webp,
    "video/mp4": _read_mp4,
}
