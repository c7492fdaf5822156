"""Addresses that stay on this server, for links and redirects that a request may choose."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

# One leading slash; the second character may start neither another host nor, to browsers that fold it, a backslash.
_LOCAL = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*")


def local_path(target: str | None, otherwise: str = "/") -> str:
    """`target` when it is a path (with query) on this server, else `otherwise`."""
    if target and _LOCAL.fullmatch(target) and not urlsplit(target).netloc:
        return target
    return otherwise
