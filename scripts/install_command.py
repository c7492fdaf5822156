"""Put the `darkroom` command into .venv, and this checkout on its import path.

An editable install would do the same, but needs a build backend, and leaves files in the source tree.
Run with .venv's own Python.
"""

from __future__ import annotations

import shlex
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMAND = """\
#!/bin/sh
'''exec' {python} "$0" "$@"
'''
# The three lines above start the right Python from any folder, however long or odd its path is.
import sys

from app.cli import main

sys.exit(main())
"""


def main() -> None:
    python = Path(sys.executable)
    (Path(sysconfig.get_path("purelib")) / "darkroom.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    command = python.with_name("darkroom")
    command.write_text(COMMAND.format(python=shlex.quote(str(python))), encoding="utf-8")
    command.chmod(0o755)


if __name__ == "__main__":
    main()
