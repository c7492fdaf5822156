"""One child of the tree: its process, whether it is ready, and when it may be started again."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

from app.supervisor.output import Voice
from app.supervisor.processes import Child

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
# A child that lived this long was healthy: its next end is a new story.
HEALTHY_AFTER_S = 30.0
READ_BYTES = 65_536
# From <sys/prctl.h>; other systems than Linux have no such call, there the guard alone clears up.
PR_SET_PDEATHSIG = 1


def pause_s(earlier_ends: int) -> float:
    """Seconds to wait before starting a child again that ended `earlier_ends` times shortly before."""
    # The power is capped as well: a child that fails for weeks must not overflow a float.
    return min(FIRST_PAUSE_S * 2.0 ** min(earlier_ends, 16), LONGEST_PAUSE_S)


class Keeper:
    """Starts, watches and ends the process of one child. `output` is the file to read while it runs."""

    def __init__(self, child: Child, voice: Voice) -> None:
        self.child = child
        self.voice = voice
        self.process: subprocess.Popen[bytes] | None = None
        self.output: int | None = None
        self.is_ready = False
        self.last_status: int | None = None
        self.restart_at: float | None = None
        # Ends in a row without ever having been ready.
        self.refusals = 0
        self._ends = 0
        self._started_at = 0.0

    def start(self, environment: Mapping[str, str]) -> int:
        """Start the process in a group of its own; return its id, which is the group's too."""
        self.is_ready = False
        self.restart_at = None
        self._started_at = time.monotonic()
        self.output, its_end = os.pipe()
        os.set_blocking(self.output, False)
        try:
            self.process = subprocess.Popen(
                self.child.command,
                env={**environment, **self.child.environment},
                stdin=subprocess.DEVNULL,
                stdout=its_end,
                # Among what is told to the person only what is meant for them; the rest where ours goes.
                stderr=None if self.child.greets else its_end,
                # Its own group: Ctrl-C reaches the supervisor alone, which then stops the children in order.
                process_group=0,
                preexec_fn=_die_with_parent(os.getpid()),  # noqa: PLW1509 - the supervisor has one thread
            )
        finally:
            os.close(its_end)
        return self.process.pid

    def listen(self) -> bool:
        """Take what the process has said; False at the end of its output."""
        content = self._read()
        if content:
            self.voice.hear(content)
        return content is None or bool(content)

    def check_ready(self) -> bool:
        """Whether it became ready just now."""
        if self.is_ready or self.process is None or self.child.once:
            return False
        self.is_ready = self.child.ready is None or self.child.ready()
        return self.is_ready

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def is_overdue(self) -> bool:
        """Whether the process that runs now should have been ready by now."""
        waiting = self.process is not None and not self.is_ready
        return waiting and time.monotonic() - self._started_at > self.child.ready_within_s

    def collect(self) -> int:
        """Settle the end of the process: its last words, its leftovers, when to try again. Returns its group."""
        assert self.process is not None  # noqa: S101 - called after has_ended()
        assert self.output is not None  # noqa: S101 - opened with the process
        group, self.last_status, self.process = self.process.pid, self.process.returncode, None
        # Its own children are nobody's now. The group's number cannot be given away while they live.
        _kill_group(group)
        while content := self._read():
            self.voice.hear(content)
        self.voice.end()
        os.close(self.output)
        self.output = None
        if self.child.once:
            self.is_ready = self.last_status == 0
        else:
            self._plan_restart()
        return group

    def _plan_restart(self) -> None:
        now = time.monotonic()
        if now - self._started_at >= HEALTHY_AFTER_S:
            self._ends = 0
        self.restart_at = now + pause_s(self._ends)
        self._ends += 1
        self.refusals = 0 if self.is_ready else self.refusals + 1
        self.is_ready = False

    def _read(self) -> bytes | None:
        """The next output; nothing at its end; None while there is none."""
        assert self.output is not None  # noqa: S101 - called between start() and collect()
        try:
            return os.read(self.output, READ_BYTES)
        except BlockingIOError:
            return None

    def signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)

    def kill(self) -> None:
        """End it and everything it started, at once."""
        if self.process is not None:
            _kill_group(self.process.pid)

    @property
    def how_it_ended(self) -> str:
        if self.last_status is not None and self.last_status < 0:
            return f"was killed by {signal.Signals(-self.last_status).name}"
        last_line = f" ({self.voice.recent[-1]})" if self.last_status and self.voice.recent else ""
        return f"ended with status {self.last_status}{last_line}"


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _die_with_parent(parent: int) -> Callable[[], None] | None:
    """What a new process does between fork and exec so that the kernel kills it when the supervisor dies."""
    if not sys.platform.startswith("linux"):
        return None

    def bind() -> None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the call above
            os._exit(1)

    return bind


# Loaded before any fork: a new process must not look for libraries between fork and exec.
_LIBC = ctypes.CDLL(None)
