"""Runs a tree of fake children, given as JSON on the command line, the way the product runs its own.

Usage: python -m tests.app.supervisor.fake_tree HOME '[{"name": ..., "words": [...], "once": ..., ...}]'
A child named "valkey" is the real one.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from app.supervisor.instance import InstanceLock
from app.supervisor.output import Terminal
from app.supervisor.processes import Child, embedded_valkey
from app.supervisor.tree import Tree

FAKE_CHILD = Path(__file__).with_name("fake_child.py")


def _child(home: Path, spec: dict[str, Any]) -> Child:
    if spec["name"] == "valkey":
        from app.config import Settings  # slow to import, and most trees need none

        return embedded_valkey(Settings.from_environ({"DARKROOM_HOME": str(home)}))[0]
    words = spec.pop("words", [])
    command = (sys.executable, "-S", str(FAKE_CHILD), spec["name"], str(home / "journal"), *words)
    ready_files = [Path(word.removeprefix("ready=")) for word in words if word.startswith("ready=")]
    return Child(command=command, ready=ready_files[0].exists if ready_files else None, **spec)


def main() -> int:
    home = Path(sys.argv[1])
    lock = InstanceLock(home)
    lock.take()
    tree = Tree(
        [_child(home, spec) for spec in json.loads(sys.argv[2])],
        environment=os.environ,
        logs=home / "logs",
        terminal=Terminal(sys.stdout),
        lock_descriptor=lock.descriptor,
        greeting="all ready",
    )
    try:
        return tree.run()
    finally:
        lock.give_back()


if __name__ == "__main__":
    sys.exit(main())
