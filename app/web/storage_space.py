"""Whether the folder of pictures can take more."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from app.limits import MIB

# A batch of large pictures with their copies, and room for the database's log.
LEAST_FREE_BYTES = 200 * MIB


def shortage(folder: Path) -> str | None:
    """What is wrong with the folder, or None. One that does not exist yet is judged by its nearest parent."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return "the folder is not writable"
    if shutil.disk_usage(existing).free < LEAST_FREE_BYTES:
        return "the disk is nearly full"
    return None
