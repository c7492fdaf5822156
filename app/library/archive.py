"""Many files as one ZIP that is sent while it is written: nothing larger than a piece of a file is ever in memory."""

from __future__ import annotations

import uuid
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.db import db
from app.extensions import storage
from app.library.models import Asset
from app.library.service import file_name
from app.storage import Storage

_PIECE_BYTES = 256 * 1024
MISSING = "missing.txt"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file and what it is called in the archive."""

    key: str
    name: str
    made_at: datetime


def entries_of(owner_id: uuid.UUID, image_ids: Sequence[uuid.UUID]) -> tuple[list[Entry], list[uuid.UUID]]:
    """The files of a person's pictures in the order asked for; and the ids that are not there, or not theirs."""
    rows = db.session.scalars(
        sa.select(Asset).where(Asset.id.in_(image_ids), Asset.owner_id == owner_id, Asset.deleted_at.is_(None))
    ).all()
    found = {asset.id: asset for asset in rows}
    entries: list[Entry] = []
    taken: set[str] = set()
    for image_id in dict.fromkeys(image_ids):
        if (asset := found.get(image_id)) is not None:
            name = file_name(asset)
            # The last eight digits of two ids can be the same.
            name = name if name not in taken else f"{asset.id.hex}-{name}"
            taken.add(name)
            entries.append(Entry(asset.key, name, asset.created_at))
    return entries, [image_id for image_id in dict.fromkeys(image_ids) if image_id not in found]


def stream(entries: Sequence[Entry], missing: Sequence[uuid.UUID]) -> Iterator[bytes]:
    """The archive, piece by piece. Stored, not deflated: pictures do not shrink. A file that is gone is skipped; a text
    inside says which are missing. Touches no database, and nothing of the request once it has begun."""
    return _pieces(storage(), entries, missing)


def _pieces(files: Storage, entries: Sequence[Entry], missing: Sequence[uuid.UUID]) -> Iterator[bytes]:
    sink = _Sink()
    gone = [str(image_id) for image_id in missing]
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for entry in entries:
            try:
                source = files.open(entry.key)
            except FileNotFoundError:
                gone.append(entry.name)
                continue
            with source, archive.open(_info(entry), "w") as target:
                while piece := source.read(_PIECE_BYTES):
                    target.write(piece)
                    yield sink.take()
        if gone:
            archive.writestr(MISSING, "These could not be packed, for they are gone:\n" + "\n".join(gone) + "\n")
    yield sink.take()


def _info(entry: Entry) -> zipfile.ZipInfo:
    # ZIP knows no year before 1980, and no time zone.
    moment = max(entry.made_at.timetuple()[:6], (1980, 1, 1, 0, 0, 0))
    info = zipfile.ZipInfo(entry.name, moment)
    info.external_attr = 0o644 << 16
    return info


class _Sink:
    """What the archive is written to: it can only be appended to, and is emptied after every piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes, /) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits anywhere else."""

    def close(self) -> None:
        """Nothing is held open."""

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken
