"""Sketch's own books, kept on "the provider's side": what was submitted, when, and how it ended.

The engine never reads them to decide anything; tests and benchmarks do, to see that nothing was charged twice.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS charges (
    id INTEGER PRIMARY KEY,
    reference TEXT NOT NULL,
    at REAL NOT NULL,
    operation TEXT NOT NULL,
    request TEXT NOT NULL,
    outcome TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS charges_by_reference ON charges (reference, id);
CREATE TABLE IF NOT EXISTS cancellations (reference TEXT PRIMARY KEY, at REAL NOT NULL);
"""

ACCEPTED = "accepted"
REFUSED = "refused"
_BUSY_S = 20.0


@dataclass(frozen=True, slots=True)
class Charge:
    """One submit. outcome: `accepted` until the work ends, then `finished`, `cancelled` or `failed: <kind>`; `refused`
    when Sketch turned it away at the door, which costs nothing."""

    reference: str
    at: datetime
    operation: str
    request: dict[str, Any]
    outcome: str


class Ledger:
    """An SQLite file that many threads and processes share, with one connection per thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()

    def enter(self, reference: str, operation: str, request: Mapping[str, Any], *, outcome: str = ACCEPTED) -> int:
        """Write one submit and return the row's number. The same reference again adds a second row, on purpose: a
        double charge must show."""
        row = (reference, time.time(), operation, json.dumps(dict(request)), outcome)
        insert = "INSERT INTO charges (reference, at, operation, request, outcome) VALUES (?, ?, ?, ?, ?)"
        number = self._connection().execute(insert, row).lastrowid
        assert number is not None  # noqa: S101 - an INSERT always has one; this only tells mypy
        return number

    def close(self, reference: str, outcome: str) -> None:
        """Note how the newest submit under this reference ended."""
        newest = "SELECT max(id) FROM charges WHERE reference = ?"
        self._connection().execute(f"UPDATE charges SET outcome = ? WHERE id = ({newest})", (outcome, reference))  # noqa: S608 - constant text

    def cancel(self, reference: str) -> None:
        self._connection().execute("INSERT OR IGNORE INTO cancellations VALUES (?, ?)", (reference, time.time()))

    def is_cancelled(self, reference: str) -> bool:
        query = "SELECT 1 FROM cancellations WHERE reference = ?"
        return self._connection().execute(query, (reference,)).fetchone() is not None

    def accepted(self, reference: str) -> Charge | None:
        """The newest submit under this reference that was not refused."""
        query = (
            "SELECT reference, at, operation, request, outcome FROM charges "
            "WHERE reference = ? AND outcome != ? ORDER BY id DESC LIMIT 1"
        )
        row = self._connection().execute(query, (reference, REFUSED)).fetchone()
        return None if row is None else _charge(row)

    def charges(self) -> list[Charge]:
        """Every submit in the order it came, refused ones included."""
        query = "SELECT reference, at, operation, request, outcome FROM charges ORDER BY id"
        return [_charge(row) for row in self._connection().execute(query)]

    def count_by_reference(self) -> Counter[str]:
        """How often each reference was charged; anything above 1 is money paid twice."""
        query = "SELECT reference, count(*) FROM charges WHERE outcome != ? GROUP BY reference"
        return Counter(dict(self._connection().execute(query, (REFUSED,)).fetchall()))

    def _connection(self) -> sqlite3.Connection:
        known: sqlite3.Connection | None = getattr(self._local, "connection", None)
        # A connection must not be carried over a fork: SQLite's locks belong to the process that took them.
        if known is not None and self._local.process == os.getpid():
            return known
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # The timeout goes first: switching a fresh file to WAL already needs its lock.
        connection = sqlite3.connect(self.path, timeout=_BUSY_S, isolation_level=None)
        _prepare(connection)
        self._local.connection, self._local.process = connection, os.getpid()
        return connection


def _prepare(connection: sqlite3.Connection) -> None:
    deadline = time.monotonic() + _BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(_SCHEMA)
        except sqlite3.OperationalError as error:
            # The switch to WAL does not wait for the busy timeout when another process is switching too.
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _charge(row: tuple[str, float, str, str, str]) -> Charge:
    reference, at, operation, request, outcome = row
    return Charge(reference, datetime.fromtimestamp(at, UTC), operation, json.loads(request), outcome)
