"""Leases renewed from the side, while the threads that hold them are held up in one long call each.

A provider that answers only when the picture is done may take minutes. Were its job taken over meanwhile, a result
that was paid for would be thrown away. One thread looks after all calls of the process: most are over long before
their lease needs anything, and a thread for each of them would cost more than they do.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from flask import Flask, current_app

from app.db import db
from app.extensions import settings
from app.generation import leases
from app.generation.models import Job

log = structlog.get_logger(__name__)

# Rounds in the length of a lease. A call that began just after one is due at the second, a third of its lease later.
_ROUNDS = 6


@dataclass(eq=False, slots=True)
class _Call:
    """A call that somebody is held up in. renewed_at, gives_up_at: of the monotonic clock."""

    app: Flask
    job: Job
    every_s: float
    renewed_at: float
    gives_up_at: float


class _Keeper:
    def __init__(self) -> None:
        self._calls: set[_Call] = set()
        self._changed = threading.Condition()
        self._pause_s: float | None = None
        self._thread = threading.Thread()

    def add(self, call: _Call) -> None:
        with self._changed:
            self._calls.add(call)
            if not self._thread.is_alive():
                self._thread = threading.Thread(target=self._keep, name="leases", daemon=True)
                self._thread.start()
            elif self._pause_s is None or call.every_s < self._pause_s:
                self._changed.notify()

    def remove(self, call: _Call) -> None:
        with self._changed:
            self._calls.discard(call)

    def _keep(self) -> None:
        while True:
            with self._changed:
                self._pause_s = min((call.every_s for call in self._calls), default=None)
                self._changed.wait(self._pause_s)
                now = time.monotonic()
                due = [call for call in self._calls if now - call.renewed_at >= call.every_s]
            for call in due:
                if now >= call.gives_up_at or not _renewed(call):
                    self.remove(call)


def _renewed(call: _Call) -> bool:
    """Whether the call is still worth keeping the lease for."""
    with call.app.app_context():
        try:
            if leases.renew(call.job) is None:
                return False
            call.renewed_at = time.monotonic()
        except Exception as error:  # noqa: BLE001 - see below
            # Whatever it was, it must not end the watch over all other calls. The next round tries again; the lease
            # outlasts some missed ones.
            db.session.rollback()
            log.warning("lease_not_renewed", error=type(error).__name__)
    return True


_keeper = _Keeper()


@contextmanager
def kept(job: Job, most_s: float) -> Iterator[None]:
    """Renew the job's lease while this thread is held up in one long call, for at most `most_s` seconds."""
    now = time.monotonic()
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's own door, which typeshed lacks
    call = _Call(app, job, settings().lease_s / _ROUNDS, renewed_at=now, gives_up_at=now + most_s)
    _keeper.add(call)
    try:
        yield
    finally:
        _keeper.remove(call)
