"""Named points at which tests stop a process, to kill it exactly there.

Off unless DARKROOM_FAULT_POINTS names a folder, which only DARKROOM_ENV=test may do. A test creates a file called
like the point; the process that arrives writes `<point>.reached` with its pid and waits until the file is gone.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from app.extensions import settings

_MOST_S = 60.0


def point(name: str) -> None:
    """Wait here if a test asked for it."""
    folder = settings().fault_points
    if not folder:
        return
    gate = Path(folder) / name
    if not gate.exists():
        return
    Path(folder, f"{name}.reached").write_text(str(os.getpid()), encoding="ascii")
    deadline = time.monotonic() + _MOST_S
    while gate.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
