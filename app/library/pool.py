"""The process-wide pool of helper processes in which everything from outside is decoded."""

from __future__ import annotations

from functools import cache

from app.imaging.pool import HelperPool

# Two decodes at once keep a small machine's cores busy without letting uploads starve the web server.
_HELPERS = 2


@cache
def helpers() -> HelperPool:
    return HelperPool(_HELPERS)
