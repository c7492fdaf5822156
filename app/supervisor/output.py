"""What the processes say: all of it into files, the important lines to the terminal as well."""

from __future__ import annotations

import json
import os
import re
import select
from collections import deque
from pathlib import Path
from typing import TextIO

LOG_FILE_BYTES = 5_000_000
OLD_LOG_FILES = 3
# A line without end must not grow in memory.
LONGEST_LINE_BYTES = 65_536
# A write of this size to a pipe that is ready for writing cannot block.
TERMINAL_LINE_BYTES = 4_000
RECENT_LINES = 12
IMPORTANT = re.compile(r"\b(WARNING|ERROR|CRITICAL|FATAL)\b")
IMPORTANT_LEVELS = {"warning", "error", "critical"}
# Fields of a structured line that say nothing to the person at the terminal; the file has them.
FOR_FILES_ONLY = {"event", "level", "timestamp", "logger", "exception"}


class LogFile:
    """A file that starts anew at a size, keeping a few old ones. A full disk loses lines, never the process."""

    def __init__(self, path: Path, limit_bytes: int = LOG_FILE_BYTES, keep: int = OLD_LOG_FILES) -> None:
        self.path = path
        self._limit_bytes = limit_bytes
        self._keep = keep
        self._descriptor: int | None = None
        self._size = 0

    def write(self, content: bytes) -> None:
        try:
            if self._size + len(content) > self._limit_bytes:
                self._rotate()
            if self._descriptor is None:
                self._open()
            assert self._descriptor is not None  # noqa: S101 - _open sets it or raises
            self._size += os.write(self._descriptor, content)
        except OSError:
            self.close()

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._size = os.fstat(self._descriptor).st_size

    def _rotate(self) -> None:
        self.close()
        names = [self.path, *(self.path.with_name(f"{self.path.name}.{n}") for n in range(1, self._keep + 1))]
        for older, newer in zip(reversed(names), reversed(names[:-1]), strict=False):
            if newer.exists():
                newer.replace(older)
        self._size = 0


class Terminal:
    """The person's terminal. A stopped or closed one loses lines; it never holds up the processes."""

    def __init__(self, stream: TextIO) -> None:
        self._descriptor = stream.fileno()

    def say(self, text: str) -> None:
        content = text.encode(errors="replace")[: TERMINAL_LINE_BYTES - 1] + b"\n"
        try:
            ready = select.poll()
            ready.register(self._descriptor, select.POLLOUT)
            if any(event & select.POLLOUT for _, event in ready.poll(0)):
                os.write(self._descriptor, content)
        except OSError:
            return


class Voice:
    """One process's output: cut into lines, the last ones remembered.

    log: keeps them all, if there is one. terminal: is shown the important ones, if wanted.
    """

    def __init__(self, name: str, log: LogFile | None = None, terminal: Terminal | None = None) -> None:
        self._name = name
        self._terminal = terminal
        self._unfinished = b""
        self.log = log
        self.recent: deque[str] = deque(maxlen=RECENT_LINES)

    def hear(self, content: bytes) -> None:
        """Take the next bytes of the process's output."""
        *lines, self._unfinished = (self._unfinished + content).split(b"\n")
        if len(self._unfinished) > LONGEST_LINE_BYTES:
            lines.append(self._unfinished)
            self._unfinished = b""
        for line in lines:
            self._line(line)

    def end(self) -> None:
        """The process is gone: what it left without a line's end is a line too."""
        if self._unfinished:
            self._line(self._unfinished)
            self._unfinished = b""

    def _line(self, line: bytes) -> None:
        if self.log is not None:
            self.log.write(line + b"\n")
        text = line.decode(errors="replace").rstrip()
        if text:
            self.recent.append(text)
        important = important_part(text)
        if important and self._terminal is not None:
            self._terminal.say(f"{self._name}: {important}")


def important_part(line: str) -> str:
    """What of a log line the person at the terminal should see; mostly nothing."""
    try:
        record = json.loads(line) if line.startswith("{") else None
    except ValueError:
        record = None
    if not isinstance(record, dict):
        return line if IMPORTANT.search(line) else ""
    if record.get("level") not in IMPORTANT_LEVELS:
        return ""
    details = "".join(f" {name}={value}" for name, value in record.items() if name not in FOR_FILES_ONLY)
    return f"{record['level']}: {record.get('event', '')}{details}"
