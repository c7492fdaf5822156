"""The body of a request on its way in through gunicorn: in time and in order, or refused.

A client that is slow holds a greenlet and a place among the connections: a byte a second must not keep them for a day.
That ends in 408, chunks that make no sense in 400, and gunicorn closes the connection. Over the head of a request its
keepalive is the bound. A proxy that buffers makes all this idle.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest, RequestTimeout

from app import limits

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from _typeshed.wsgi import StartResponse, WSGIApplication

# Raises the exception in the block once the seconds are over, as gevent.Timeout does.
Alarm = Callable[[float, Exception], AbstractContextManager[Any]]


class IncomingBody:
    """WSGI middleware: a body may be waited for BODY_PATIENCE_S, and longer as long as BODY_BYTES_A_SECOND come."""

    def __init__(self, app: WSGIApplication, alarm: Alarm) -> None:
        self._app = app
        self._alarm = alarm

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"] = _Guarded(environ["wsgi.input"], self._alarm)
        return self._app(environ, start_response)


class _Guarded(io.RawIOBase):
    def __init__(self, body: Any, alarm: Alarm) -> None:
        self._body = body
        self._alarm = alarm
        self._n_bytes = 0
        self._waited_s = 0.0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        left_s = limits.BODY_PATIENCE_S + self._n_bytes / limits.BODY_BYTES_A_SECOND - self._waited_s
        began = time.monotonic()
        # At least a moment: nothing counts as late that lies here already.
        try:
            with self._alarm(max(left_s, 0.1), RequestTimeout()):
                data = self._body.read(len(view))
        except ParseException as broken:
            raise BadRequest from broken
        # What the app did between two reads is not the client's fault.
        self._waited_s += time.monotonic() - began
        self._n_bytes += len(data)
        view[: len(data)] = data
        return len(data)
