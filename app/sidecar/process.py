"""Start a module as a sidecar, speak `wire` with it, and be sure that it never outlives us."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from app.sidecar import wire

_ROOT = Path(__file__).resolve().parents[2]
_START_S = 30.0
_PR_SET_PDEATHSIG = 1

# A sidecar gets no settings and no secrets; one thread for each library it loads.
_ENVIRONMENT_KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
_ENVIRONMENT = {
    "PYTHONPATH": str(_ROOT),
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
}


class SidecarBroken(Exception):
    """A sidecar did not even start: the installation is at fault, not the work."""


class Sidecar:
    """One process and our end of its socket. It is ready for its first piece of work when this returns.

    module: what to run with `python -m`; it gets our pid and then `arguments`, and says hello once it is ready (see
    `connection`). Raises SidecarBroken. Start it through a `Starter` unless this thread lives as long as the process.
    """

    def __init__(self, module: str, arguments: Sequence[str] = ()) -> None:
        self.connection, theirs = socket.socketpair()
        command = [sys.executable, "-P", "-m", module, str(os.getpid()), *arguments]
        kept = {name: os.environ[name] for name in _ENVIRONMENT_KEPT if name in os.environ}
        with theirs:
            self.process = subprocess.Popen(
                command,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                cwd="/",
                env=kept | _ENVIRONMENT,
            )
        try:
            self.receive(time.monotonic() + _START_S)
        except (OSError, wire.Disconnected) as error:
            self.end()
            raise SidecarBroken(f"{module} does not start: its own error stands above in the log") from error

    def alive(self) -> bool:
        return self.process.poll() is None

    def send(self, header: dict[str, Any], parts: Sequence[bytes] = (), *, deadline: float | None = None) -> None:
        wire.send(self.connection, header, parts, deadline=deadline)

    def receive(self, deadline: float | None = None) -> tuple[dict[str, Any], list[bytes]]:
        return wire.receive(self.connection, deadline=deadline)

    def end(self) -> int:
        """Kill it if it still runs, and reap it. Returns what the process returned, a signal as its negative."""
        self.connection.close()
        if self.process.poll() is None:
            self.process.kill()
        return self.process.wait()


class Starter:
    """Starts sidecars for threads that come and go.

    The kernel ends a sidecar together with the thread that started it, so one lasting thread starts them all.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sidecar-starter")

    def start(self, module: str, arguments: Sequence[str] = ()) -> Sidecar:
        """Raises SidecarBroken."""
        return self._thread.submit(Sidecar, module, arguments).result()


def die_with(parent_pid: int) -> None:
    """For the sidecar, first of all: end with the thread that started us, and leave Ctrl-C to the parent."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:  # it died before the kernel was told to watch
        raise SystemExit(0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def connection() -> socket.socket:
    """For the sidecar: its end of the socket. It says hello with `{"ready": True}`."""
    ours = socket.socket(fileno=0)
    ours.setblocking(True)  # a parent under gevent hands over a non-blocking one
    return ours
