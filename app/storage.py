"""Where files live: bytes under random keys, whole or not at all.

A key says nothing about its owner or its content and is never made from anything a person typed. Who may read a file
is decided above; this module keeps bytes.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

log = logging.getLogger(__name__)

_KEY = re.compile(r"([0-9a-f]{2})/([0-9a-f]{2})/(\1\2[0-9a-f]{28})\.([a-z0-9]{1,5})", re.ASCII)
_EXTENSION = re.compile(r"[a-z0-9]{1,5}", re.ASCII)
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_TEMPORARY = ".incoming"
_PROBE = b"darkroom storage check"


class StorageFull(Exception):
    """The volume has no room left; nothing was stored and nothing that was there before is harmed."""

    status = 507
    code = "storage_full"
    sentence = "The storage is full, so the file was not saved: free some space or ask the owner of this server to."

    def __init__(self) -> None:
        super().__init__(self.sentence)


class StorageUnusable(Exception):
    """The storage is set up wrongly or cannot be written; the message names the setting or the cause."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """sha256: of the content, as lower-case hex."""

    key: str
    sha256: str
    size_bytes: int


class Storage(Protocol):
    """What the rest of the product asks of any kind of storage.

    Everything that takes a key raises ValueError for one that `put` could not have made; reading one that is not
    there raises FileNotFoundError, deleting it does nothing.
    """

    def put(self, data: bytes, ext: str, *, replaceable: bool = False) -> StoredFile:
        """Keep the bytes under a new key. After it returns they survive a crash. Raises StorageFull.

        replaceable: made from something else that is kept, so that a power cut may have it; several times as fast.
        """

    def open(self, key: str) -> BinaryIO: ...

    def read(self, key: str) -> bytes: ...

    def path(self, key: str) -> Path:
        """A local path to read from; never write to it."""

    def exists(self, key: str) -> bool: ...

    def delete(self, key: str) -> None: ...

    def iter_keys(self) -> Iterator[str]:
        """Every key, in no order; files that come and go meanwhile may be missed."""

    def sweep_temporary(self, older_than_s: float) -> int:
        """Remove what interrupted writes left behind; returns how many."""

    def free_bytes(self) -> int: ...

    def check(self) -> None:
        """Write, read and delete a probe. Raises StorageUnusable or StorageFull."""


def open_storage(url: str, *, durable: bool = True) -> Storage:
    """The storage at `file:///an/absolute/path`. Raises StorageUnusable for any other address."""
    parts = urlsplit(url)
    if parts.scheme != "file":
        raise StorageUnusable(
            f"DARKROOM_STORAGE_URL begins with {parts.scheme or 'nothing'}: this version stores in a folder only, "
            "as in file:///srv/darkroom/files."
        )
    path = Path(unquote(parts.path))
    if parts.netloc or parts.query or parts.fragment or not path.is_absolute():
        raise StorageUnusable("DARKROOM_STORAGE_URL needs three slashes and a full path: file:///srv/darkroom/files.")
    return DiskStorage(path, durable=durable)


class DiskStorage:
    """Files in a folder, two levels deep by the first characters of their names.

    durable: flush each file and its folder to the disk before `put` returns. Without it a power cut may lose what was
    just stored; a crash of the program cannot.
    """

    def __init__(self, root: Path, *, durable: bool = True) -> None:
        self.root = root
        self._durable = durable
        self._temporary = root / _TEMPORARY

    def put(self, data: bytes, ext: str, *, replaceable: bool = False) -> StoredFile:
        if not _EXTENSION.fullmatch(ext):
            raise ValueError(f"not an extension: {ext!r}")
        name = secrets.token_hex(16)
        key = f"{name[:2]}/{name[2:4]}/{name}.{ext}"
        # Written under another name in the same file system and then renamed: a reader sees all of it or nothing,
        # and a full disk harms no file that was there before.
        incoming = self._temporary / f"{name}.{ext}"
        try:
            flush = self._durable and not replaceable
            self._write(incoming, data, flush=flush)
            self._publish(incoming, self.root / key, flush=flush)
        except OSError as error:
            with suppress(OSError):
                incoming.unlink(missing_ok=True)
            if error.errno in _NO_SPACE:
                log.error("storage is full: %d bytes were not stored", len(data))
                raise StorageFull from error
            raise
        return StoredFile(key=key, sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data))

    def open(self, key: str) -> BinaryIO:
        return self.path(key).open("rb")

    def read(self, key: str) -> bytes:
        return self.path(key).read_bytes()

    def path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError(f"not a storage key: {key[:80]!r}")
        return self.root / key

    def exists(self, key: str) -> bool:
        return self.path(key).is_file()

    def delete(self, key: str) -> None:
        self.path(key).unlink(missing_ok=True)

    def iter_keys(self) -> Iterator[str]:
        for first in _folders(self.root):
            for second in _folders(first):
                for entry in _entries(second):
                    key = f"{first.name}/{second.name}/{entry.name}"
                    if _KEY.fullmatch(key) and entry.is_file(follow_symlinks=False):
                        yield key

    def sweep_temporary(self, older_than_s: float) -> int:
        limit = time.time() - older_than_s
        removed = 0
        for entry in _entries(self._temporary):
            with suppress(FileNotFoundError):  # another sweep, or the write finished just now
                if entry.stat(follow_symlinks=False).st_mtime <= limit:
                    os.unlink(entry.path)
                    removed += 1
        return removed

    def free_bytes(self) -> int:
        self.root.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.root).free

    def check(self) -> None:
        try:
            stored = self.put(_PROBE, "probe")
            kept = self.read(stored.key)
            self.delete(stored.key)
        except OSError as error:
            raise StorageUnusable(f"The storage folder cannot be used: {error.strerror}.") from error
        if kept != _PROBE:
            raise StorageUnusable("The storage folder gives back other bytes than were stored.")

    def _write(self, incoming: Path, data: bytes, *, flush: bool) -> None:
        self._make_folder(incoming.parent)
        with open(incoming, "xb") as handle:
            handle.write(data)
            if flush:
                handle.flush()
                os.fsync(handle.fileno())

    def _publish(self, incoming: Path, target: Path, *, flush: bool) -> None:
        self._make_folder(target.parent)
        incoming.rename(target)
        if flush:
            _sync_folder(target.parent)

    def _make_folder(self, folder: Path) -> None:
        """Make a folder and, when durable, each parent's note of it."""
        missing = []
        while not folder.exists():
            missing.append(folder)
            folder = folder.parent
        for child in reversed(missing):
            child.mkdir(exist_ok=True)
            if self._durable:
                _sync_folder(child.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _folders(parent: Path) -> Iterator[Path]:
    for entry in _entries(parent):
        if len(entry.name) == 2 and entry.is_dir(follow_symlinks=False):
            yield Path(entry.path)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Nothing for a folder that is not there, as before the first file or after a delete."""
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        yield from entries
