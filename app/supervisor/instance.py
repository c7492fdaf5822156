"""One supervisor per home folder, and a free port, both settled before anything starts."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import time
from pathlib import Path

# A supervisor that was killed leaves its guard a moment to clear up (app.supervisor.guard).
CLEARING_WAIT_S = 3.0


class CannotStart(Exception):
    """Nothing was started; the message says why and what to do."""


class InstanceLock:
    """Held while a supervisor runs on a home folder. The kernel lets go of it however the holder ends."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._path = home / "run" / "supervisor.pid"
        self.descriptor = -1

    def take(self, wait_s: float = CLEARING_WAIT_S) -> None:
        """Raises CannotStart when another supervisor holds it, or the home folder cannot be written."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self.descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise CannotStart(
                f"{self._home} cannot be written ({error.strerror}): set DARKROOM_HOME to a folder of yours."
            ) from error
        deadline = time.monotonic() + wait_s
        while not self._try():
            holder = self._holder()
            if _is_alive(holder) or time.monotonic() > deadline:
                os.close(self.descriptor)
                raise CannotStart(
                    f"Darkroom is already running on {self._home} as process {holder or '(unknown)'}: "
                    "stop that one first (Ctrl-C where it runs), or set DARKROOM_HOME to another folder."
                )
            time.sleep(0.05)
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, str(os.getpid()).encode(), 0)

    def give_back(self) -> None:
        os.ftruncate(self.descriptor, 0)
        os.close(self.descriptor)

    def _try(self) -> bool:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _holder(self) -> int:
        text = os.pread(self.descriptor, 32, 0).strip()
        return int(text) if text.isdigit() else 0


def _is_alive(pid: int) -> bool:
    if pid == 0:
        return False
    try:
        os.kill(pid, 0)
        # Where nobody collects dead processes, a killed supervisor keeps its number.
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except ProcessLookupError:
        return False
    except OSError:
        return True


def require_free_port(host: str, port: int) -> None:
    """Raises CannotStart when the web server could not listen there."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise CannotStart(_port_sentence(host, port, error)) from error


def _port_sentence(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program: choose a free one, as in PORT={port + 1} make run."
    if error.errno == errno.EACCES:
        return f"Port {port} needs administrator rights: choose one above 1023, as in PORT=8000 make run."
    return f"The web server cannot listen on {host}:{port} ({error.strerror}): correct DARKROOM_HOST or PORT."
