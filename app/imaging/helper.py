"""The process in which pictures and videos from outside are decoded: `python -m app.imaging.helper`, started by `pool`.

It speaks `wire` over the socket it finds as standard input, does one piece of work at a time, and lets the kernel bound
it: address space, processor seconds per piece, no file may be written, and it dies with its parent. When the kernel
ends it in the middle of a piece, the pool answers for it.
"""

from __future__ import annotations

import resource
import socket
import sys
from collections.abc import Callable
from math import ceil
from typing import Any

from app.imaging.decode import sanitise, sanitise_with_pixels
from app.imaging.derive import derive, derive_from, probe_video
from app.imaging.errors import ImageRefused
from app.sidecar import wire
from app.sidecar.process import connection, die_with


def _admit(data: bytes, _mime: str) -> list[Any]:
    decoded, image = sanitise_with_pixels(data)
    return [decoded, derive_from(image, original_bytes=len(decoded.data))]


_WORK: dict[str, Callable[[bytes, str], list[Any]]] = {
    "sanitise": lambda data, _mime: [sanitise(data)],
    "derive": lambda data, mime: [derive(data, mime)],
    "admit": _admit,
    "probe_video": lambda data, _mime: [probe_video(data)],
}


def serve(pool: socket.socket, cpu_s: int, pieces: int) -> None:
    """Answer until the other side closes, or until so many pieces of work are done."""
    wire.send(pool, {"ready": True})
    for left in reversed(range(pieces)):
        try:
            header, parts = wire.receive(pool)
        except wire.Disconnected:
            return
        wire.send(pool, {"taken": True})  # from here on, what happens to us is the picture's doing
        _allow_cpu(cpu_s)
        try:
            answer, out = _answer(header, parts[0])
        except ImageRefused as refusal:
            answer, out = {"refused": refusal.code, "sentence": refusal.sentence}, []
        wire.send(pool, answer | {"retiring": left == 0}, out)


def _answer(header: dict[str, Any], data: bytes) -> tuple[dict[str, Any], list[bytes]]:
    records: list[dict[str, Any]] = []
    out: list[bytes] = []
    for result in _WORK[header["work"]](data, header.get("mime", "")):
        values, parts = wire.flatten(result)
        records.append({"values": values, "from": len(out)})
        out += parts
    return {"records": records}, out


def _allow_cpu(seconds: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = ceil(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def confine(parent_pid: int, memory_bytes: int) -> None:
    """Give up everything decoding does not need."""
    die_with(parent_pid)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def main() -> None:
    parent_pid, memory_bytes, cpu_s, pieces = (int(argument) for argument in sys.argv[1:5])
    confine(parent_pid, memory_bytes)
    with connection() as pool:
        try:
            serve(pool, cpu_s, pieces)
        except (BrokenPipeError, ConnectionResetError):
            return


if __name__ == "__main__":
    main()
