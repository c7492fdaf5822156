"""Which processes make up a running Darkroom, as data, in the order in which they start."""

from __future__ import annotations

import http.client
import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.messages import QueueName
from app.product import ROOT
from app.supervisor import schema, valkey

if TYPE_CHECKING:
    from app.config import Settings

HEALTH_PATH = "/api/health"
# Warm stop: a worker finishes what it is at. What takes longer is taken up again from its row at the next start.
WORKER_STOP_S = 10.0
CONTROL_THREADS = 4


@dataclass(frozen=True)
class Child:
    """One process of the tree."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    # True once it can be used; the next child starts only then. None: as soon as it runs.
    ready: Callable[[], bool] | None = None
    ready_within_s: float = 60.0
    # Runs to its end before the next child starts, and is not started again.
    once: bool = False
    # With `once`: runs beside the others, which do not wait for it, and what it prints is told to the person when all
    # of them are ready. Named after the command that does the same by hand.
    greets: bool = False
    # Called when it ended three times in a row without ever being ready; returns what was done about it.
    last_resort: Callable[[], str] | None = None
    # Whether warnings and errors in its output are for the person at the terminal too.
    repeats_warnings: bool = True
    # Stopped only when all others have ended.
    needed_to_the_end: bool = False
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within_s: float = 5.0


def table(settings: Settings) -> list[Child]:
    """All processes for these settings. Raises valkey.NoServer if one must be embedded and none can be."""
    children = [
        *_migrations(settings),
        _start_link(),
        # Before the workers: a person waits for it, and sharing the processors with them would take it twice as long.
        _web(settings),
        *(_worker(settings, number) for number in range(1, settings.worker_processes + 1)),
        _control(settings),
        _beat(settings),
    ]
    note = settings.home / "run" / "redis-url"
    if settings.redis_url:
        note.unlink(missing_ok=True)
    else:
        embedded, address = embedded_valkey(settings)
        # Read by Settings.redis_address: in the children, and in commands run beside them.
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(address + "\n", encoding="utf-8")
        children.insert(0, embedded)
    return children


def embedded_valkey(settings: Settings) -> tuple[Child, str]:
    server = valkey.find_server(settings.redis_server)
    socket_path = valkey.socket_path(settings.home)
    data = settings.home / server.data_folder_name
    data.mkdir(parents=True, exist_ok=True)
    child = Child(
        name="valkey",
        command=server.command(socket_path, data),
        ready=lambda: valkey.answers(socket_path),
        # They advise on kernel settings, for machines that serve nothing else.
        repeats_warnings=False,
        needed_to_the_end=True,
        last_resort=lambda: _set_aside(data),
    )
    return child, f"unix://{socket_path}"


def _set_aside(data: Path) -> str:
    """Let the store begin empty when it cannot read its data: the work is in the database, not there."""
    kept = data.with_name(f"{data.name}.unreadable-{time.strftime('%Y%m%d-%H%M%S')}")
    shutil.move(data, kept)
    data.mkdir()
    return f"its data could not be read and was moved to {kept}; no job is lost by that"


def _migrations(settings: Settings) -> list[Child]:
    if schema.is_current(settings.database_url, ROOT / "migrations" / "versions"):
        return []
    return [Child(name="migrations", command=_command("db", "upgrade"), once=True)]


def _start_link() -> Child:
    return Child(name="start-link", command=_command("start-link"), once=True, greets=True)


def _command(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "app.cli", *words)


def _worker(settings: Settings, number: int) -> Child:
    return _celery_worker(settings, f"worker-{number}", settings.worker_threads, [QueueName.GENERATE])


def _control(settings: Settings) -> Child:
    # Apart from those who follow jobs: however many of those there are, placing and sweeping never stand in their line.
    others = [queue for queue in QueueName if queue is not QueueName.GENERATE]
    return _celery_worker(settings, "control", CONTROL_THREADS, others)


def _celery_worker(settings: Settings, name: str, threads: int, queues: Sequence[QueueName]) -> Child:
    # threads: providers are waited for; prefork would cost a process a wait, and gevent never gets lost work back.
    options = ("--pool=threads", f"--concurrency={threads}", f"--queues={','.join(queues)}")
    # What workers tell each other is not needed here: the rows say who does what.
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    return Child(
        name=name,
        command=(*_celery("worker.app:celery", "worker", settings), f"--hostname={name}@%h", *options, *quiet),
        stop_within_s=WORKER_STOP_S,
    )


def _beat(settings: Settings) -> Child:
    schedule = settings.home / "run" / "beat-schedule"
    return Child(name="beat", command=(*_celery("worker.beat:celery", "beat", settings), f"--schedule={schedule}"))


def _celery(app: str, what: str, settings: Settings) -> tuple[str, ...]:
    return (sys.executable, "-m", "celery", "-A", app, what, f"--loglevel={settings.log_level}")


def _web(settings: Settings) -> Child:
    return Child(
        name="web",
        command=(sys.executable, "-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "wsgi:app"),
        ready=lambda: answers_http(settings.host, settings.port),
    )


def answers_http(host: str, port: int) -> bool:
    """Whether the web server answers the health page at all; what it says there is for operators."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - translated, not bound
    connection = http.client.HTTPConnection(reachable, port, timeout=1)
    try:
        connection.request("GET", HEALTH_PATH)
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()
