"""Refuse secrets in any committed file, and addresses in lock files.

Committed means: known to git, or, outside a checkout, everything that is not brought in or built.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOT_OURS = {".git", ".venv", "node_modules", "var", "vendor", "built", "__pycache__"}
LOCK_FILES = re.compile(r"(requirements[^/]*\.txt|package-lock\.json)$")
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
SECRETS = {
    "private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "provider key": re.compile(r"\b(sk-(ant-|proj-|live-)?[A-Za-z0-9_-]{32,}|AIza[A-Za-z0-9_-]{35})\b"),
    "payment key": re.compile(r"\b([sr]k_live_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9]{32,})\b"),
    "cloud key": re.compile(r"\bAKIA[A-Z0-9]{16}\b"),
    "forge token": re.compile(r"\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,}|npm_[A-Za-z0-9]{36})\b"),
    "password in an address": re.compile(
        r"\b(postgresql|redis|smtp|https?)(\+\w+)?://[\w.-]+:(?!password@)[^\s@/{$<]{8,}@"
    ),
}
# Written beside a string that only looks like one, as tests of the log filter need.
MADE_UP = "# made up"
# Larger text is data, and no place where a key is pasted by accident.
LARGEST_BYTES = 2_000_000


def committed() -> Iterator[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        yield from (ROOT / name for name in listed.stdout.split("\0") if name)
    else:
        yield from (path for path in ROOT.rglob("*") if not NOT_OURS.intersection(path.relative_to(ROOT).parts))


def findings(name: str, text: str) -> Iterator[tuple[int, str]]:
    """(line number from 1, what was found) in one file's text."""
    is_lock = LOCK_FILES.search(name) is not None
    for number, line in enumerate(text.splitlines(), start=1):
        for kind, pattern in SECRETS.items():
            if pattern.search(line) and MADE_UP not in line:
                yield number, f"looks like a {kind}: take it out, and revoke it if it was real ({MADE_UP!r} if not)"
        if is_lock and ADDRESS.search(line):
            yield number, "address in a lock file: run make lock"


def main() -> int:
    count = 0
    for path in sorted(committed()):
        if not path.is_file() or path.is_symlink() or path.stat().st_size > LARGEST_BYTES:
            continue
        content = path.read_bytes()
        if b"\0" in content:
            continue
        name = path.relative_to(ROOT).as_posix()
        for line, found in findings(name, content.decode("utf-8", errors="replace")):
            print(f"{name}:{line}: {found}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
