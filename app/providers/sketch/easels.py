"""Painters at their easels: one process for each job that is being painted, kept for the next one."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Generator, Mapping
from decimal import Decimal
from typing import Any

from app.providers.contract import ErrorKind, Output, Outputs, Progress, ProviderError
from app.sidecar import wire
from app.sidecar.process import Sidecar, Starter

_PAINTER = "app.providers.sketch.painter"
# A painter is looked at this often, so that whoever waits for it can change their mind.
_LOOK_S = 0.25
# What passes between two processes of one machine is not slow; only a stopped one is.
_PASS_S = 60.0
# Idle painters hold memory; more than there are cores never helped anyone.
_MOST_IDLE = os.cpu_count() or 2


class Easels:
    """Safe for many threads; after a fork the child starts painters of its own."""

    def __init__(self) -> None:
        self._idle: list[Sidecar] = []
        self._forget()

    def paint(self, handle: Mapping[str, Any]) -> Generator[Progress | Outputs | None]:
        """Paint a job in a painter's process. Yields None whenever there is nothing new to tell for a moment. Closing
        the generator stops the painter. Raises ProviderError, also for a painter that was killed."""
        painter = self._take()
        told: dict[str, Any] = {}
        try:
            painter.send({"job": dict(handle)}, deadline=_deadline())
            while "mimes" not in told and "error" not in told:
                if not select.select([painter.connection], [], [], _LOOK_S)[0]:
                    yield None
                    continue
                told, parts = painter.receive(_deadline())
                if "fraction" in told:
                    yield Progress(told["fraction"], preview=parts[0] if parts else None, resumable=False)
        except (OSError, wire.Disconnected) as error:
            detail = f"painter: {error!r}, status {painter.end()}"
            sentence = "Sketch's painter was stopped in the middle of this. Try again."
            raise ProviderError(ErrorKind.PROVIDER, sentence, retryable=True, detail=detail) from error
        except BaseException:
            painter.end()  # in the middle of a picture nobody waits for
            raise
        self._give_back(painter)
        if "error" in told:
            raise ProviderError(**told["error"] | {"kind": ErrorKind(told["error"]["kind"])})
        items = tuple(Output(data, mime, trusted=True) for data, mime in zip(parts, told["mimes"], strict=True))
        yield Outputs(items, cost=Decimal(0), notes=told["notes"])

    def close(self) -> None:
        """End the idle painters."""
        with self._lock:
            idle, self._idle = self._idle, []
        for painter in idle:
            painter.end()

    def _take(self) -> Sidecar:
        if os.getpid() != self._pid:
            self._forget()  # forked: the painters belong to the parent
        while True:
            with self._lock:
                painter = self._idle.pop() if self._idle else None
            if painter is None:
                return self._starter.start(_PAINTER)
            if painter.alive():
                return painter
            painter.end()

    def _give_back(self, painter: Sidecar) -> None:
        with self._lock:
            room = len(self._idle) < _MOST_IDLE
            if room:
                self._idle.append(painter)
        if not room:
            painter.end()

    def _forget(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._idle = []
        self._starter = Starter()


def _deadline() -> float:
    return time.monotonic() + _PASS_S
