"""Whether the folder of pictures can take more."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from app.limits import MIB

# A batch of large pictures with their copies, and room for the database's log.
LEAST_FREE_BYTES = 200 * MIB


@dataclass(frozen=True, slots=True)
class Disk:
    used_bytes: int
    free_bytes: int


def disk_of(folder: Path) -> Disk:
    """The disk below a folder. What is kept back for the system counts as used."""
    found = shutil.disk_usage(_existing(folder))
    return Disk(found.total - found.free, found.free)


def shortage(folder: Path) -> str | None:
    """What is wrong with the folder, or None. One that does not exist yet is judged by its nearest parent."""
    existing = _existing(folder)
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return "the folder is not writable"
    if shutil.disk_usage(existing).free < LEAST_FREE_BYTES:
        return "the disk is nearly full"
    return None


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())
