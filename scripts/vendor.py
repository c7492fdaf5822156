"""Copy what the browser needs from node_modules/ to static/vendor/, as vendor.toml says, and nothing else.

The folder is made anew beside the old one and then swapped, so a server that runs meanwhile never misses a file for
longer than the swap takes.
"""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The maps stay out of the copy; a browser with open developer tools would ask for them in vain.
SOURCE_MAP = re.compile(rb"\n(//|/\*)# sourceMappingURL=\S+?(\s*\*/)?\s*$")
# Style sheets that must lose against ours, whatever their selectors weigh, and the layer they go into. A link cannot
# name a layer, and an import would cost every page a round trip.
LAYERS = {"bootstrap-reboot.min.css": b"bootstrap"}
# A rule about whatever follows an element makes Chromium style a whole list anew when a row of it comes or goes, which
# held up the scrolling of pictures. Our legends do not float, so nothing after them needs it.
DROPPED = re.compile(rb"legend\s*\+\s*\*\s*\{[^}]*\}")
CHARSET = re.compile(rb'^@charset "[^"]*";')


def copy(table: dict[str, dict[str, str]], modules: Path, target: Path) -> int:
    """Copy each file of the table from `modules` into `target`; return how many. Raises FileNotFoundError."""
    count = 0
    for package, files in table.items():
        for source, destination in files.items():
            copied = target / destination
            copied.parent.mkdir(parents=True, exist_ok=True)
            content = (modules / package / source).read_bytes()
            if copied.suffix in {".js", ".css"}:
                content = SOURCE_MAP.sub(b"\n", content)
            if destination in LAYERS:
                content = DROPPED.sub(b"", CHARSET.sub(b"", content)).strip()
                content = b"@layer %s{%s}\n" % (LAYERS[destination], content)
            copied.write_bytes(content)
            count += 1
    return count


def main() -> int:
    table = tomllib.loads((ROOT / "scripts" / "vendor.toml").read_text(encoding="utf-8"))
    target = ROOT / "static" / "vendor"
    fresh, stale = target.with_name("vendor.new"), target.with_name("vendor.old")
    for leftover in (fresh, stale):
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        copy(table, ROOT / "node_modules", fresh)
    except FileNotFoundError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        print(f"{error.filename} is missing: delete node_modules/ and run make again.", file=sys.stderr)
        return 1
    if target.exists():
        target.rename(stale)
    fresh.rename(target)
    shutil.rmtree(stale, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
