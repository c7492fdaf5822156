"""What passes between a process and its sidecar: a JSON header and the bytes it announces, over a socket pair."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any, TypeVar

Record = TypeVar("Record")

HEADER_MAX_BYTES = 4 * 2**20
PARTS_MAX_BYTES = 512 * 2**20


class Disconnected(Exception):
    """The other side is gone, or does not speak the protocol."""


def send(
    connection: socket.socket, header: dict[str, Any], parts: Sequence[bytes] = (), *, deadline: float | None = None
) -> None:
    """Raises TimeoutError past the deadline (monotonic seconds; None waits for ever)."""
    text = json.dumps(header | {"parts": [len(part) for part in parts]}).encode("ascii")
    for piece in (struct.pack(">I", len(text)) + text, *parts):
        _hurry(connection, deadline)
        connection.sendall(piece)


def receive(connection: socket.socket, *, deadline: float | None = None) -> tuple[dict[str, Any], list[bytes]]:
    """Raises Disconnected at the end of the stream and for what nobody would send, TimeoutError past the deadline."""
    (length,) = struct.unpack(">I", _exactly(connection, 4, deadline))
    if length > HEADER_MAX_BYTES:
        raise Disconnected("the header is too long")
    try:
        header = json.loads(_exactly(connection, length, deadline))
        sizes = [int(size) for size in header.pop("parts")]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Disconnected("the header makes no sense") from error
    if sum(sizes) > PARTS_MAX_BYTES or min(sizes, default=0) < 0:
        raise Disconnected("the parts are too long")
    return header, [_exactly(connection, size, deadline) for size in sizes]


def _exactly(connection: socket.socket, size: int, deadline: float | None) -> bytes:
    buffer = bytearray(size)
    view = memoryview(buffer)
    while view:
        _hurry(connection, deadline)
        count = connection.recv_into(view)
        if count == 0:
            raise Disconnected("the stream ended")
        view = view[count:]
    return bytes(buffer)


def _hurry(connection: socket.socket, deadline: float | None) -> None:
    if deadline is None:
        return
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    connection.settimeout(left)


def flatten(record: Any) -> tuple[dict[str, Any], list[bytes]]:
    """A dataclass as JSON values; each bytes field becomes its place among the parts."""
    values: dict[str, Any] = asdict(record)
    parts: list[bytes] = []
    for name, value in values.items():
        if isinstance(value, bytes):
            values[name] = {"part": len(parts)}
            parts.append(value)
    return values, parts


def restore(kind: type[Record], values: dict[str, Any], parts: Sequence[bytes]) -> Record:
    """The dataclass that `flatten` took apart."""
    wanted = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # any dataclass; no bound names them all
    plain = {
        name: parts[value["part"]] if isinstance(value, dict) and set(value) == {"part"} else value
        for name, value in values.items()
        if name in wanted
    }
    return kind(**plain)
