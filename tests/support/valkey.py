"""A real Valkey (or Redis) for a test: its own data, its own socket, gone afterwards."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from app.supervisor import valkey

START_TIMEOUT_S = 10


class TemporaryServer:
    """A running server: `url` for clients, and the ways a test may harm it."""

    def __init__(self, server: valkey.Server, folder: Path) -> None:
        self.server = server
        self.socket_path = folder / "valkey.sock"
        self.url = f"unix://{self.socket_path}"
        self._data_folder = folder / server.data_folder_name
        self._log_path = folder / "server.log"
        self._data_folder.mkdir()
        self._process: subprocess.Popen[bytes] | None = None

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)

    def start(self) -> None:
        with self._log_path.open("ab") as log:
            command = self.server.command(self.socket_path, self._data_folder)
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not valkey.answers(self.socket_path):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{self.server.path} did not start:\n{self._log_path.read_text()}")
            time.sleep(0.01)

    def kill(self) -> None:
        """End it at once, as a crash would; what it had written stays on disk."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Crash it and start it again on the same data."""
        self.kill()
        self.start()

    def flush(self) -> None:
        """Lose everything it knew."""
        with self.client() as client:
            client.flushall()


@contextmanager
def temporary_valkey(server: valkey.Server | None = None) -> Iterator[TemporaryServer]:
    """Start a server on a unix socket in a temporary folder; default: the one the product would embed."""
    # Not pytest's tmp_path: its depth alone can exceed what a socket's path may measure.
    with tempfile.TemporaryDirectory(prefix="valkey-") as folder:
        running = TemporaryServer(server or valkey.find_server(), Path(folder))
        running.start()
        try:
            yield running
        finally:
            running.kill()


def bundled_server() -> valkey.Server:
    """The Valkey our requirements bring, whatever else is installed."""
    return valkey.find_server(path="")


def system_redis() -> valkey.Server | None:
    """The `redis-server` on PATH, or None: the oldest kind of server the product promises to work with."""
    found = shutil.which("redis-server")
    return valkey.find_server(explicit=found) if found else None
