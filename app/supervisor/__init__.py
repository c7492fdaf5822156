"""One foreground process tree: embedded Valkey, migrations, web, workers and beat, in this order, until Ctrl-C."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app.product import ROOT
from app.supervisor import processes
from app.supervisor.instance import CannotStart, InstanceLock, require_free_port
from app.supervisor.output import Terminal
from app.supervisor.tree import Tree
from app.supervisor.valkey import NoServer

if TYPE_CHECKING:  # its machinery weighs more than the rest of the supervisor
    from app.config import Settings


def run(settings: Settings) -> int:
    """Run Darkroom in the foreground until it is told to stop. Returns the exit status."""
    terminal = Terminal(sys.stdout)
    lock = InstanceLock(settings.home)
    try:
        lock.take()
        try:
            require_free_port(settings.host, settings.port)
            tree = Tree(
                processes.table(settings),
                environment=environment(settings),
                logs=settings.home / "logs",
                terminal=terminal,
                lock_descriptor=lock.descriptor,
                greeting=f"Darkroom is ready: {settings.public_url}",
            )
            status = tree.run()
        finally:
            lock.give_back()
    except (CannotStart, NoServer) as reason:
        terminal.say(str(reason))
        return 1
    if status == 0:
        terminal.say("Stopped.")
    return status


def environment(settings: Settings) -> dict[str, str]:
    """The environment of every process of the tree: ours, good in any folder, with the one home that was locked."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    ours = {
        **os.environ,
        "DARKROOM_HOME": str(settings.home),
        "PYTHONPATH": os.pathsep.join(paths),
        # Lines reach their log when they are written, also the last ones before a crash.
        "PYTHONUNBUFFERED": "1",
    }
    # Without compiled files every process would compile the same thousands of modules at every start (some seconds).
    # Who wants none beside the sources gets them inside .venv.
    if ours.pop("PYTHONDONTWRITEBYTECODE", "") and sys.prefix != sys.base_prefix:
        ours.setdefault("PYTHONPYCACHEPREFIX", str(Path(sys.prefix) / "pycache"))
    return ours
