"""Events from the moment they are published to five hundred open sockets."""

from __future__ import annotations

import json
import re
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path

import requests
import websocket

from app import create_app
from app.config import Settings
from app.db import db
from app.live import publish
from bench.ground import EMAIL, PASSWORD, person
from bench.measurement import Row, row
from bench.product import product

SOCKETS = 500
EVENTS = 20
_READY_S = 60.0


def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="darkroom-bench-") as folder, product(Path(folder)) as address:
        environ = {"DARKROOM_ENV": "test", "DARKROOM_HOME": folder, "DARKROOM_LOG_LEVEL": "ERROR"}
        with create_app(Settings.from_environ(environ)).app_context():
            owner_id = person().owner_id
            db.session.rollback()
            listeners = _listen(address, _signed_in(address))
            delays = []
            for number in range(EVENTS):
                publish(owner_id, "notice", {"number": number})
                time.sleep(0.3)
            time.sleep(2)
            for listener in listeners:
                listener.stop()
                delays += listener.delays_ms
            db.engine.dispose()
    expected = SOCKETS * EVENTS
    delays.sort()
    p99 = delays[int(len(delays) * 0.99)]
    note = f"{len(delays):,} of {expected:,} delivered; p99 {p99:.0f} ms (budget 100); listeners on the same cores"
    return [row(f"live event to {SOCKETS} open sockets", delays, "ms", note=note)]


def _signed_in(address: str) -> str:
    """A session's cookies as one header."""
    session = requests.Session()
    page = session.get(f"{address}/auth/login", timeout=30).text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token is not None
    form = {"csrf_token": token.group(1), "email": EMAIL, "password": PASSWORD}
    session.post(f"{address}/auth/login", data=form, headers={"Origin": address}, timeout=30).raise_for_status()
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in session.cookies)


class _Listener(threading.Thread):
    """One open page."""

    def __init__(self, address: str, cookie: str) -> None:
        super().__init__(daemon=True)
        url = address.replace("http", "ws", 1) + "/live"
        self._socket = websocket.create_connection(url, cookie=cookie, origin=address, timeout=_READY_S)
        self.delays_ms: list[float] = []

    def run(self) -> None:
        while True:
            try:
                event = json.loads(self._socket.recv())
            except (websocket.WebSocketException, OSError, ValueError):
                return
            if event["type"] == "notice":
                self.delays_ms.append((time.time() - datetime.fromisoformat(event["at"]).timestamp()) * 1000)

    def stop(self) -> None:
        self._socket.close()


def _listen(address: str, cookie: str) -> list[_Listener]:
    listeners = []
    for _ in range(SOCKETS):
        listener = _Listener(address, cookie)
        listener.start()
        listeners.append(listener)
    return listeners
