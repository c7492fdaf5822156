"""A bystander that outlives the supervisor by a moment: when the supervisor is killed, it kills what is left.

Direct children die with the supervisor by the kernel's word (on Linux), but their own children, such as web workers
and image helpers, would stay. Both ends of the pipe stand here: `Guard` is the supervisor's, the rest is run as a
plain script, which imports nothing of the product.

The script reads lines `+GROUP` and `-GROUP` (process group ids). At the end of its input, which the death of the
supervisor brings about however it died, it kills every group still noted. It keeps the instance lock open until then,
so that a new start waits for the clearing.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from types import TracebackType

CLEARING_TIMEOUT_S = 2.0


class Guard:
    """The supervisor's end: notes process groups with the bystander, and keeps the bystander alive."""

    def __init__(self, lock_descriptor: int | None) -> None:
        self._inherited = () if lock_descriptor is None else (lock_descriptor,)
        self._groups: set[int] = set()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Guard:
        self.revive()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The end of its input: it clears what is still noted, and ends."""
        assert self._process is not None  # noqa: S101 - set in __enter__
        assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()

    def revive(self) -> None:
        """Start it unless it runs."""
        if self._process is not None and self._process.poll() is None:
            return
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=self._inherited,
            process_group=0,
        )
        for group in self._groups:
            self._tell(f"+{group}")

    def watch(self, group: int) -> None:
        self._groups.add(group)
        self._tell(f"+{group}")

    def forget(self, group: int) -> None:
        self._groups.discard(group)
        self._tell(f"-{group}")

    def _tell(self, line: str) -> None:
        assert self._process is not None  # noqa: S101 - set in __enter__
        assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
        # Killed by somebody: revive() starts another and tells it everything.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line.startswith("+"):
            groups.add(group)
        else:
            groups.discard(group)
    kill(groups)


def kill(groups: set[int]) -> None:
    """Kill all groups and wait until they are gone (or a moment longer, for dead ones that nobody collects)."""
    deadline = time.monotonic() + CLEARING_TIMEOUT_S
    while groups and time.monotonic() < deadline:
        for group in list(groups):
            try:
                os.killpg(group, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                groups.discard(group)
        time.sleep(0.02)


if __name__ == "__main__":
    main()
