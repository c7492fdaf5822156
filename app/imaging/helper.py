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
from dataclasses import replace
from math import ceil
from typing import Any

from app.imaging.compositing import Ground, composed
from app.imaging.decode import sanitise, sanitise_with_pixels, written
from app.imaging.derive import derive, derive_from, probe_video
from app.imaging.errors import ImageRefused, ImageShapeRefused
from app.imaging.framing import NoSuchCanvas, Sides, SizeRule
from app.imaging.preparing import extension, fitted, repaint
from app.sidecar import wire
from app.sidecar.process import connection, die_with


def _admit(parts: list[bytes], _header: dict[str, Any]) -> list[Any]:
    decoded, image = sanitise_with_pixels(parts[0])
    return [decoded, derive_from(image, original_bytes=len(decoded.data))]


def _compose(parts: list[bytes], header: dict[str, Any]) -> list[Any]:
    """parts: the result first, then what the ground holds."""
    result, *stored = parts
    ground = wire.restore(Ground, header["ground"], stored)
    sides = None if ground.sides is None else Sides(**header["ground"]["sides"])
    image = composed(replace(ground, sides=sides), result)
    file = written(image)
    return [file, derive_from(image, original_bytes=len(file.data))]


def _rule(told: dict[str, Any]) -> SizeRule:
    return SizeRule(**{**told, "sizes": tuple((wide, high) for wide, high in told["sizes"])})


def _repaint(parts: list[bytes], header: dict[str, Any]) -> list[Any]:
    source, mask = parts
    return [repaint(source, mask, _rule(header["rule"]), header["form"])]


def _extend(parts: list[bytes], header: dict[str, Any]) -> list[Any]:
    sides = Sides(**header["sides"])
    return [extension(parts[0], sides, _rule(header["rule"]), header["form"], header["blank"])]


_WORK: dict[str, Callable[[list[bytes], dict[str, Any]], list[Any]]] = {
    "sanitise": lambda parts, _header: [sanitise(parts[0])],
    "derive": lambda parts, header: [derive(parts[0], header["mime"])],
    "admit": _admit,
    "compose": _compose,
    "fit": lambda parts, header: [fitted(parts[0], **header["limits"])],
    "repaint": _repaint,
    "extend": _extend,
    "probe_video": lambda parts, _header: [probe_video(parts[0])],
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
            answer, out = _answer(header, parts)
        except ImageRefused as refusal:
            answer, out = {"refused": refusal.code, "sentence": refusal.sentence}, []
        except NoSuchCanvas:
            answer, out = {"refused": ImageShapeRefused.code, "sentence": ImageShapeRefused().sentence}, []
        wire.send(pool, answer | {"retiring": left == 0}, out)


def _answer(header: dict[str, Any], parts: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    records: list[dict[str, Any]] = []
    out: list[bytes] = []
    for result in _WORK[header["work"]](parts, header):
        values, own = wire.flatten(result)
        records.append({"values": values, "from": len(out)})
        out += own
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
