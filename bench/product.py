"""The whole product in its own processes, for figures that only it can give."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_START_S = 120.0


@contextmanager
def product(home: Path, **settings: str) -> Iterator[str]:
    """Run `darkroom up` over a home folder; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("DARKROOM_")}
    environ |= {"DARKROOM_ENV": "test", "DARKROOM_HOME": str(home), "PORT": str(port), "DARKROOM_RATE_LIMITS": "false"}
    environ |= {"DARKROOM_LOG_LEVEL": "WARNING", "DARKROOM_SKETCH_FAST": "true", **settings}
    process = subprocess.Popen([sys.executable, "-m", "app.cli", "up"], env=environ, stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, process)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/api/health", timeout=2):  # noqa: S310 - our own loopback server
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.2)
    raise RuntimeError("Darkroom did not start")
