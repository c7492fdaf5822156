"""The whole product for a test: started as a person starts it, harmed on purpose, and gone afterwards."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal, TypeVar

import requests
from apiflask import APIFlask

from app import create_app
from app.accounts import commands
from app.config import PREFIX, Settings, settings_by_name
from app.db import db
from app.generation import invariants
from app.providers.sketch.ledger import Ledger

Role = Literal["supervisor", "valkey", "worker", "control", "beat", "web"]
Wanted = TypeVar("Wanted")

# What the command line of each kind of process has in it; none has another's.
_SIGNS: dict[Role, str] = {
    "valkey": "valkey.sock",
    "worker": "--hostname=worker-",
    "control": "--hostname=control@",
    "beat": "worker.beat:celery",
    "web": "wsgi:app",
}
_START_S = 60.0
_STOP_S = 20.0
EMAIL = "owner@example.com"
PASSWORD = "a quite long pass phrase"  # made up


class Product:
    """A running Darkroom with one account; `api` sends requests as that person.

    `witness` is a second, idle copy of the app over the same data, in this process.
    """

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        self.port = _free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        ours = {
            "DARKROOM_ENV": "test",
            "DARKROOM_HOME": str(home),
            "DARKROOM_SECRET_KEY": "a key for tests and nothing but tests",
            "DARKROOM_RATE_LIMITS": "false",
            "DARKROOM_SKETCH_FAST": "true",
            "DARKROOM_LEASE_S": "3",
            "DARKROOM_SWEEP_S": "1",
            "PORT": str(self.port),
            **settings,
        }
        self._environ = {name: value for name, value in os.environ.items() if not _is_a_setting(name)} | ours
        self.witness = create_app(Settings.from_environ(ours))
        self._key = _account(self.witness)
        self.api = self.another_api()
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0
        # Everything that ever ran here, by pid and the tick it was born at.
        self._known: dict[int, str] = {}

    def start(self) -> None:
        """Start everything and wait until it answers."""
        # In a session of its own: what is meant for the tests, such as Ctrl-C, does not reach it.
        with (self.home / "output.log").open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "up"],
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._starts += 1
        self.wait_until(self._is_up, "the product answers", within_s=_START_S)

    def restart(self) -> None:
        """Start again after everything was stopped or killed."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """Stop in order; whatever is left then is killed."""
        self._note()
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.terminate()
            try:
                self._process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for pid in self.left():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def another_api(self) -> Api:
        """One more connection as the same person, for another thread."""
        return Api(self.base_url, self._key)

    def answers(self) -> bool:
        """Whether the web server does."""
        try:
            return bool(self.api.get("/api/health", timeout=1).ok)
        except requests.RequestException:
            return False

    def pids(self, role: Role) -> list[int]:
        """The living processes of a kind, oldest first."""
        self._note()
        if role == "supervisor":
            return [self._process.pid] if self._process is not None and self._process.poll() is None else []
        return [pid for pid in sorted(self._known) if self._lives(pid) and _SIGNS[role] in _command(pid)]

    def kill(self, role: Role) -> list[int]:
        """Kill all processes of a kind at once, as the kernel would. Returns their ids."""
        pids = self.pids(role)
        assert pids, f"no {role} runs"
        self.signal(pids, signal.SIGKILL)
        return pids

    def kill_everything(self) -> None:
        """The supervisor first, so that it cannot put anything in order; then all the rest."""
        self._note()
        self.signal([*self.pids("supervisor"), *self.left()], signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def signal(self, pids: list[int], number: signal.Signals) -> None:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def left(self) -> list[int]:
        """Processes that ever belonged to this product and are still there."""
        return [pid for pid in self._known if self._lives(pid)]

    def wait_until(self, condition: Callable[[], Wanted], what: str, *, within_s: float = 30.0) -> Wanted:
        """Ask again and again until the answer is true; returns it."""
        deadline = time.monotonic() + within_s
        while not (answer := condition()):
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {within_s:.0f} s: {what}\n{self._output()[-2000:]}")
            time.sleep(0.05)
        return answer

    def ledger(self) -> Counter[str]:
        """Sketch's own books: how often each reference was charged."""
        return Ledger(self.home / "sketch-ledger.db").count_by_reference()

    def broken_invariants(self) -> list[str]:
        """What should hold now that everything has ended, and does not."""
        with self.witness.app_context():
            return invariants.check(settled=True)

    def doctor(self) -> subprocess.CompletedProcess[str]:
        """`darkroom doctor`, as an operator would ask it."""
        command = [sys.executable, "-m", "app.cli", "doctor", "--invariants", "--settled"]
        return subprocess.run(command, env=self._environ, capture_output=True, text=True, timeout=60, check=False)

    def close(self) -> None:
        try:
            self.stop()
        finally:
            self.api.close()
            with self.witness.app_context():
                db.session.remove()
                db.engine.dispose()

    def _is_up(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"the product ended while it was starting\n{self._output()[-2000:]}")
        # The last thing it says, as long as there is no owner: nothing is still starting then but the workers.
        greetings = self._output().count("Create the owner's account")
        return greetings == self._starts and self.answers()

    def _note(self) -> None:
        """Remember every process that descends from the supervisor now."""
        if self._process is None:
            return
        parents = {pid: parent for pid, parent, _ in _processes()}
        births = {pid: birth for pid, _, birth in _processes()}
        family = {self._process.pid, *(pid for pid in self._known if self._lives(pid))}
        while more := {pid for pid, parent in parents.items() if parent in family} - family:
            family |= more
        self._known.update({pid: births[pid] for pid in family if pid in births})

    def _lives(self, pid: int) -> bool:
        return any(known == pid and birth == self._known.get(pid) for known, _, birth in _processes(pid))

    def _output(self) -> str:
        return (self.home / "output.log").read_text(encoding="utf-8", errors="replace")


class Api:
    """The JSON API as the product's one person sees it."""

    def __init__(self, base_url: str, key: str) -> None:
        self._base_url = base_url
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {key}"

    def get(self, path: str, *, timeout: float = 10) -> requests.Response:
        return self._session.get(self._base_url + path, timeout=timeout)

    def post(self, path: str, body: dict[str, Any] | None = None, *, timeout: float = 10) -> requests.Response:
        return self._session.post(self._base_url + path, json=body or {}, timeout=timeout)

    def generate(self, prompt: str = "a red fox", *, count: int = 1, key: str | None = None) -> dict[str, Any]:
        """Ask for small pictures; returns what was promised."""
        headers = {"Idempotency-Key": key} if key else {}
        body = {"prompt": prompt, "width": 64, "height": 64, "batch_size": count}
        answer = self._session.post(self._base_url + "/api/generate", json=body, headers=headers, timeout=30)
        assert answer.status_code == 202, answer.text
        promised: dict[str, Any] = answer.json()
        return promised

    def counts(self, batch_id: str) -> dict[str, int]:
        """A batch's jobs by state."""
        answer = self.get(f"/api/batches/{batch_id}")
        answer.raise_for_status()
        counts: dict[str, int] = answer.json()["counts"]
        return counts

    def close(self) -> None:
        self._session.close()


@contextmanager
def running_product(home: Path, **settings: str) -> Iterator[Product]:
    """Start the product over a home folder; a database that lies there migrated already saves it some seconds."""
    product = Product(home, **settings)
    try:
        product.start()
        yield product
    finally:
        product.close()


def _is_a_setting(name: str) -> bool:
    """Whether a variable of whoever runs the tests would change the product: their keys must not be spent here."""
    return name.startswith(PREFIX) or name in settings_by_name()


def _account(witness: APIFlask) -> str:
    """A person's API key, made behind the product's back before it starts: signing up is tested elsewhere."""
    with witness.app_context():
        commands.create_user(EMAIL, PASSWORD)
        return commands.make_api_key(EMAIL, "faults")


def _processes(only: int | None = None) -> Iterator[tuple[int, int, str]]:
    """(pid, parent, birth tick) of every process that is not dead already."""
    for folder in [Path(f"/proc/{only}")] if only else Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            # The command's name may hold anything; the fields after its closing bracket are plain.
            fields = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if fields[0] != "Z":
                yield int(folder.name), int(fields[1]), fields[19]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
