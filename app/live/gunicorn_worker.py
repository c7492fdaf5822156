"""Whether the web server's process is being stopped: an open socket would hold it up until the timeout otherwise."""

from __future__ import annotations

from typing import Any

# Set by gunicorn.conf.py's post_worker_init; None under any other server, which then knows how to stop us.
current: Any = None


def is_stopping() -> bool:
    return current is not None and not current.alive
