"""A provider's stand-in as a real HTTP server on loopback, for adapters to be tried against.

Subclass `Wire` and answer each request in `handle`; be stricter than the provider. Whatever would cost money goes into
the `ledger`. Faults are scripted one by one: the next matching request meets the next of them.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it came. query: the last value of each name."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Message
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def parts(self) -> list[tuple[str, str | None, str, bytes]]:
        """A multipart form in order: field, file name, media type, content."""
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        form = BytesParser(policy=HTTP).parsebytes(head + self.body)
        return [
            (
                str(part.get_param("name", header="content-disposition")),
                part.get_filename(),
                part.get_content_type(),
                bytes(part.get_payload(decode=True) or b""),
            )
            for part in form.iter_parts()
        ]


@dataclass(frozen=True, slots=True)
class Said:
    """An answer. A body that is neither bytes nor text is sent as JSON; `pieces` go one by one, `pause_s` apart."""

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: tuple[bytes, ...] = ()
    pause_s: float = 0.0

    def encoded(self) -> tuple[bytes, str]:
        if isinstance(self.body, bytes):
            return self.body, "application/octet-stream"
        if isinstance(self.body, str):
            return self.body.encode(), "text/html; charset=utf-8"
        return json.dumps(self.body).encode(), "application/json"


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with the next request of `method` whose path starts with `path`.

    kind: `answer` sends `said` instead of handling it; `hang` says nothing until the client goes; `cut` handles it, so
    that it is charged, and closes without a word; `drip` handles it and sends the answer a byte at a time, `pause_s`
    apart; `garbage` sends bytes that are no HTTP.
    """

    kind: Literal["answer", "hang", "cut", "drip", "garbage"]
    said: Said = Said()
    method: str = "POST"
    path: str = "/"
    pause_s: float = 0.05

    def meets(self, seen: Seen) -> bool:
        return seen.method == self.method and seen.path.startswith(self.path)


HTML = Said(200, "<html><body>Bad gateway, but with a smile</body></html>")


@dataclass(frozen=True, slots=True)
class Charge:
    what: str
    amount: Decimal


class Wire:
    """Use as a context: it listens on a free port of loopback while it is entered."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.ledger: list[Charge] = []
        self.faults: deque[Fault] = deque()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._closing = threading.Event()

    def handle(self, seen: Seen) -> Said:
        raise NotImplementedError

    def charge(self, what: str, amount: str | Decimal) -> None:
        with self._lock:
            self.ledger.append(Charge(what, Decimal(amount)))

    @property
    def charged(self) -> Decimal:
        return sum((charge.amount for charge in self.ledger), Decimal(0))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def calls(self, method: str, path: str = "/") -> list[Seen]:
        return [seen for seen in self.seen if seen.method == method and seen.path.startswith(path)]

    def __enter__(self) -> Self:
        wire = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                wire._serve(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _any

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        self._open.add(handler.connection)
        try:
            parts = urlsplit(handler.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            length = int(handler.headers.get("Content-Length", "0"))
            seen = Seen(handler.command, parts.path, query, handler.headers, handler.rfile.read(length))
            with self._lock:
                self.seen.append(seen)
                fault = next((each for each in self.faults if each.meets(seen)), None)
                if fault is not None:
                    self.faults.remove(fault)
            with suppress(OSError):
                self._answer(handler, seen, fault)
        finally:
            self._open.discard(handler.connection)

    def _answer(self, handler: BaseHTTPRequestHandler, seen: Seen, fault: Fault | None) -> None:
        handler.close_connection = True
        if fault is None:
            self._send(handler, self.handle(seen))
        elif fault.kind == "answer":
            self._send(handler, fault.said)
        elif fault.kind == "hang":
            handler.connection.settimeout(30)
            handler.connection.recv(1)
        elif fault.kind == "cut":
            self.handle(seen)
        elif fault.kind == "garbage":
            handler.wfile.write(b"\x00\x01garbage\r\n\r\n")
        else:
            body, kind = self.handle(seen).encoded()
            pieces = tuple(body[index : index + 1] for index in range(len(body)))
            self._send(handler, Said(headers={"Content-Type": kind}, pieces=pieces, pause_s=fault.pause_s))

    def _send(self, handler: BaseHTTPRequestHandler, said: Said) -> None:
        body, kind = said.encoded()
        handler.send_response(said.status)
        handler.send_header("Connection", "close")
        for name, value in {"Content-Type": kind, **said.headers}.items():
            handler.send_header(name, value)
        if said.pieces:
            handler.end_headers()
            for piece in said.pieces:
                handler.wfile.write(piece)
                handler.wfile.flush()
                if self._closing.is_set():
                    return
                time.sleep(said.pause_s)
            return
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
