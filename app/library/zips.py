"""The pictures in a ZIP file, one after the other, each within bounds. Names are shown and never lead anywhere."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from app import limits
from app.errors import Invalid

_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\x05\x06"
_COMMENT_MOST_BYTES = 65_535
# Of every entry its directory keeps a line; this is room for thousands, and no work for anybody.
_DIRECTORY_MOST_BYTES = 512 * limits.KIB
_PLAIN = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1
_CHUNK_BYTES = 64 * limits.KIB
# Pictures are packed already: what shrinks to a hundredth is made to swell.
_RATIO_MOST = 100


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the archive: its bytes, or the sentence why they are not read."""

    name: str
    data: bytes = b""
    refusal: str = ""


def members(archive: bytes) -> Iterator[Member]:
    """The files in a ZIP, without folders and what systems add of their own.

    Raises Invalid when it is none, is damaged, or holds more than limits.ZIP_FILES files. What is wrong with one file
    (too large, encrypted, damaged, a ZIP itself) is said of that file; past limits.ZIP_BYTES in all, of the rest.
    """
    _check_directory(archive)
    try:
        opened = zipfile.ZipFile(io.BytesIO(archive))
    except (zipfile.BadZipFile, ValueError, UnicodeDecodeError, struct.error, NotImplementedError):
        raise _damaged() from None
    with opened:
        files = [info for info in opened.infolist() if not info.is_dir() and not _of_a_system(info.filename)]
        if len(files) > limits.ZIP_FILES:
            raise _refused(f"The ZIP holds {len(files)} files and {limits.ZIP_FILES} is the most: send it in parts.")
        if not files:
            raise _refused("The ZIP is empty: choose one with pictures in it.")
        left = limits.ZIP_BYTES
        for info in files:
            member = _read(opened, info, left)
            left -= len(member.data)
            yield member


def _check_directory(archive: bytes) -> None:
    """Before it is parsed: a directory of a million entries would take a minute and a gigabyte."""
    at = archive.rfind(_END_MARK, max(0, len(archive) - _END.size - _COMMENT_MOST_BYTES))
    if at < 0 or len(archive) - at < _END.size:
        raise _refused("This file is no ZIP: pack the pictures again.")
    _, _, _, _, _, size, offset, _ = _END.unpack_from(archive, at)
    if size > _DIRECTORY_MOST_BYTES:
        raise _refused(f"The ZIP holds more than {limits.ZIP_FILES} files: send it in parts.")
    if offset + size > at:
        raise _damaged()


def _read(opened: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> Member:
    name = info.filename
    if name.lower().endswith(".zip"):
        return Member(name, refusal="A ZIP within a ZIP is not opened: send it by itself.")
    if info.flag_bits & _ENCRYPTED:
        return Member(name, refusal="This file is locked with a password: pack it without one.")
    if info.compress_type not in _PLAIN:
        return Member(name, refusal="This file is packed in a way we do not open: use plain ZIP (deflate).")
    if info.file_size > limits.MIB and info.file_size > _RATIO_MOST * info.compress_size:
        return Member(name, refusal="This file swells to more than a hundred times its size: it is no picture.")
    most = min(limits.UPLOAD_FILE_BYTES, left)
    if info.file_size > most:
        return Member(name, refusal=_too_large(most))
    try:
        with opened.open(info) as packed:
            data = bytearray()
            # What the directory says of a size is no promise.
            while len(data) <= most and (chunk := packed.read(_CHUNK_BYTES)):
                data += chunk
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        return Member(name, refusal="This file is damaged: pack it again.")
    return Member(name, bytes(data)) if len(data) <= most else Member(name, refusal=_too_large(most))


def _too_large(most: int) -> str:
    if most < limits.UPLOAD_FILE_BYTES:
        return f"The ZIP unpacks to more than {limits.ZIP_BYTES // limits.MIB} MiB: send the rest by itself."
    return f"The file is larger than {most // limits.MIB} MiB: send a smaller one."


def _of_a_system(name: str) -> bool:
    """What macOS and Windows put beside the files a person packed."""
    parts = name.replace("\\", "/").split("/")
    return "__MACOSX" in parts or parts[-1].startswith(".") or parts[-1].lower() in {"thumbs.db", "desktop.ini"}


def _damaged() -> Invalid:
    return _refused("The ZIP is damaged: pack the pictures again.")


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"file": sentence})
