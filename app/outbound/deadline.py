"""A time after which a call is over, whatever the other side does.

Timeouts of sockets bound each silence; a sender of one byte a second is bounded only by a watchdog that shuts the
connection down from beside.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, cast

from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool

from app.outbound.errors import LostAnswer


class Deadline:
    """Use as a context: within it the connection given to `watch` is cut when the time is over."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends = time.monotonic() + seconds
        self._watchdog: threading.Timer | None = None
        self._beside: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watchdog is not None:
            self._watchdog.cancel()
        if self._beside is not None:
            self._beside.close()

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._ends

    def mind(self) -> None:
        """Raises LostAnswer when the time is over."""
        if self.is_over:
            raise LostAnswer(f"took over {self._seconds:g} s")

    @property
    def left_s(self) -> float:
        return max(self._ends - time.monotonic(), 0.001)

    def watch(self, connection: socket.socket) -> None:
        # A second descriptor of the same connection: the first belongs to TLS, which another thread must not touch.
        self._beside = socket.socket(fileno=os.dup(connection.fileno()))
        self._watchdog = threading.Timer(self.left_s, self._cut)
        self._watchdog.daemon = True
        self._watchdog.start()

    def _cut(self) -> None:
        if self._beside is not None:
            with suppress(OSError):  # it ended by itself meanwhile
                self._beside.shutdown(socket.SHUT_RDWR)


class WatchedAdapter(HTTPAdapter):
    """Requests' own transport, told of each connection it makes. connected: whether one ever came about."""

    def __init__(self, deadline: Deadline) -> None:
        super().__init__(max_retries=0)
        self._deadline = deadline
        self.connected = False

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        pool = cast(HTTPConnectionPool, super().get_connection_with_tls_context(*args, **kwargs))
        make = pool.ConnectionCls
        adapter = self

        class Watched(make):  # type: ignore[valid-type, misc] # which class it is depends on the scheme
            def connect(self) -> None:
                super().connect()
                adapter.connected = True
                adapter._deadline.watch(self.sock)
                # urllib3 lets a body take no longer to send than a connection to come about: far too little for
                # pictures on a slow line. How long an answer may take is set when it is waited for.
                self.timeout = adapter._deadline.left_s
                self.sock.settimeout(self.timeout)

        pool.ConnectionCls = Watched
        return pool
