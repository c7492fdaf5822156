from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# Runs a command, then tells on stderr which of the things only features need were loaded for it.
RUN = """
import sys
from app.cli import main
status = main(sys.argv[1:])
print(*sorted({"apiflask", "numpy", "app.web.pages"} & set(sys.modules)), file=sys.stderr)
sys.exit(status)
"""


def darkroom(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("DARKROOM_")}
    environ |= {"DARKROOM_HOME": str(home), "PORT": "8123"}
    return subprocess.run([sys.executable, "-c", RUN, *words], env=environ, capture_output=True, text=True, check=False)


def test_what_a_start_waits_for_works_on_an_empty_home_and_loads_no_feature(tmp_path: Path) -> None:
    told = [darkroom(tmp_path, *words) for words in (["db", "upgrade"], ["start-link"], ["start-link"])]
    assert [answer.returncode for answer in told] == [0, 0, 0], told
    assert [answer.stderr.strip() for answer in told] == ["", "", ""]
    upgraded, first, second = (answer.stdout for answer in told)
    assert upgraded == ""
    assert first.startswith("Create the owner's account, once, at: http://127.0.0.1:8123/start/")
    # Only digests are kept, so the link cannot be shown again: it is replaced.
    assert second.startswith("Create the owner's account, once, at:")
    assert second != first
