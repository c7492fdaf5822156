from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.install_command import COMMAND


@pytest.mark.parametrize("folder", ["plain", "with space", "it's $HOME", "long" * 50])
def test_the_command_starts_its_own_python_wherever_it_lies(tmp_path: Path, folder: str) -> None:
    python = tmp_path / folder / "python"
    python.parent.mkdir()
    # Tells what it was started with, instead of running it.
    python.write_text(f"#!/bin/sh\nexec {shlex.quote(sys.executable)} -c 'import sys; print(sys.argv[1:])' \"$@\"\n")
    python.chmod(0o755)
    command = tmp_path / folder / "darkroom"
    command.write_text(COMMAND.format(python=shlex.quote(str(python))))
    command.chmod(0o755)
    said = subprocess.run([command, "create-user", "a b"], cwd="/", capture_output=True, text=True, check=True).stdout
    assert said == f"{[str(command), 'create-user', 'a b']}\n"
    # And it is a Python program too, to the interpreter it starts.
    compile(command.read_text(), "darkroom", "exec")
