"""All scripts in one file, as browsers get them: scripts/bundle_scripts.py makes it, esbuild joins and shortens them.

It begins with a digest of what it was made from. While that is not what lies in static/js, because somebody is working
there, pages get the modules themselves, each in its own file.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

# Below the folder of static files: what pages ask for, and what they are given for it.
ENTRY = Path("js/app.js")
BUNDLE = Path("built/app.js")


def heading(static: Path) -> str:
    """The first line of a bundle of today's scripts."""
    whole = hashlib.sha256()
    scripts = static / ENTRY.parent
    for path in sorted(scripts.rglob("*.js")):
        whole.update(f"{path.relative_to(scripts).as_posix()}\0".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return f"// {whole.hexdigest()}"


def read(static: Path) -> bytes | None:
    """The bundle, or None where there is none of today's scripts."""
    try:
        found, _, bundle = (static / BUNDLE).read_bytes().partition(b"\n")
    except FileNotFoundError:
        return None
    return bundle if found.decode(errors="replace") == heading(static) else None
