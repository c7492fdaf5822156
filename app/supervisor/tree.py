"""The process tree: started in order, kept alive, stopped in reverse, and gone when the supervisor is gone.

One thread, one loop, which waits for output, for signals and for the clock. One thread also because the kernel ties
"die with your parent" to the thread that started a process.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

from app.supervisor.guard import Guard
from app.supervisor.keeper import Keeper
from app.supervisor.output import LogFile, Terminal, Voice
from app.supervisor.processes import Child

# Ends in a row without ever having been ready, before the last resort is taken or the start given up.
REFUSALS = 3
# How long one turn of the loop waits at most: with a child that is not ready yet, and with nothing to wait for.
SHORT_TURN_S = 0.05
LONG_TURN_S = 1.0
# A shell or `make` may pass on a signal that the terminal has sent already; a person needs longer to repeat it.
SAME_SIGNAL_S = 0.3
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StartFailed(Exception):
    """A child could not be brought up; the message says which one, and what it said last."""


class Tree:
    """Runs children until told to stop.

    children: in starting order. environment: theirs, under what each child adds. logs: folder of their output.
    lock_descriptor: an open file that stays open until the last process is gone. greeting: said when all are ready.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        environment: Mapping[str, str],
        logs: Path,
        terminal: Terminal,
        greeting: str,
        lock_descriptor: int | None = None,
    ) -> None:
        self._environment = environment
        self._terminal = terminal
        self._greeting = greeting
        self._logs = logs
        self._log = LogFile(logs / "supervisor.log")
        self._guard = Guard(lock_descriptor)
        self._selector = selectors.DefaultSelector()
        self._stop_asked_at: float | None = None
        self._hurry = False
        self._restarting = True
        self._resorted: set[str] = set()
        self._keepers = [Keeper(child, self._voice(child)) for child in children]
        self._unheard = [keeper for keeper in self._keepers if keeper.child.greets]

    def run(self) -> int:
        """Start all, keep them running, stop them. Returns the exit status: 0 after a stop that was asked for."""
        with self._signals_heard(), self._guard:
            try:
                self._start_all()
                while not self._stopping:
                    self._pass_on_greetings()
                    self._turn(LONG_TURN_S)
            except StartFailed as failure:
                self._say(str(failure))
                return 1
            finally:
                self._stop_all()
        return 0

    def _voice(self, child: Child) -> Voice:
        if child.greets:  # no file: what it says may be a secret
            return Voice(child.name)
        log = LogFile(self._logs / f"{child.name}.log")
        return Voice(child.name, log, self._terminal if child.repeats_warnings else None)

    @property
    def _stopping(self) -> bool:
        return self._stop_asked_at is not None

    def _start_all(self) -> None:
        for keeper in self._keepers:
            self._start(keeper)
            if not keeper.child.greets:
                self._wait_until_ready(keeper)
            if self._stopping:
                return
        self._say(self._greeting)

    def _pass_on_greetings(self) -> None:
        """Tell the person what was printed for them, once and in whole, or what became of it."""
        for keeper in [keeper for keeper in self._unheard if keeper.process is None]:
            self._unheard.remove(keeper)
            if keeper.is_ready:
                for line in keeper.voice.recent:
                    self._terminal.say(line)
            else:
                name = keeper.child.name
                self._say(f"{name} {keeper.how_it_ended}; to try again, beside this: darkroom {name}")

    def _start(self, keeper: Keeper) -> None:
        self._guard.watch(keeper.start(self._environment))
        assert keeper.output is not None  # noqa: S101 - opened by start()
        self._selector.register(keeper.output, selectors.EVENT_READ, keeper)

    def _wait_until_ready(self, keeper: Keeper) -> None:
        child = keeper.child
        deadline = time.monotonic() + child.ready_within_s
        while not keeper.is_ready and not self._stopping:
            if child.once and keeper.process is None:
                raise StartFailed(_last_words(keeper, keeper.how_it_ended))
            if keeper.refusals >= REFUSALS:
                raise StartFailed(_last_words(keeper, f"cannot be started: it {keeper.how_it_ended}"))
            if time.monotonic() > deadline:
                raise StartFailed(_last_words(keeper, f"was not ready within {child.ready_within_s:g} s"))
            self._turn(SHORT_TURN_S)

    def _turn(self, longest_s: float) -> None:
        """Wait until something happens, at most that long; then see to every child."""
        now = time.monotonic()
        restarts = [keeper.restart_at - now for keeper in self._keepers if keeper.restart_at is not None]
        waiting = any(keeper.process and not keeper.is_ready for keeper in self._keepers)
        for key, _ in self._selector.select(max(0, min([SHORT_TURN_S if waiting else longest_s, *restarts]))):
            if key.data is None:
                os.read(key.fd, 512)
            elif not key.data.listen():
                self._selector.unregister(key.fd)
        self._guard.revive()
        for keeper in self._keepers:
            if keeper.has_ended():
                self._collect(keeper)
            elif self._restarting and keeper.check_ready() and keeper.last_status is not None:
                self._say(f"{keeper.child.name} is back")
            elif keeper.child.greets and keeper.is_overdue():
                keeper.kill()
            if self._restarting and keeper.restart_at is not None and time.monotonic() >= keeper.restart_at:
                self._start(keeper)

    def _collect(self, keeper: Keeper) -> None:
        with contextlib.suppress(KeyError, ValueError):  # at the end of its output it was let go of already
            self._selector.unregister(keeper.output or -1)
        self._guard.forget(keeper.collect())
        if not self._restarting or keeper.restart_at is None:
            return
        child = keeper.child
        pause_s = keeper.restart_at - time.monotonic()
        self._say(f"{child.name} {keeper.how_it_ended}; starting it again in {pause_s:.1f} s")
        if keeper.refusals == REFUSALS and child.last_resort is not None and child.name not in self._resorted:
            self._resorted.add(child.name)
            keeper.refusals = 0
            self._say(f"{child.name}: {child.last_resort()}")

    def _stop_all(self) -> None:
        """Stop what came last first, all at the same time; then what they needed to the end."""
        self._restarting = False
        for needed in (False, True):
            self._stop([keeper for keeper in reversed(self._keepers) if keeper.child.needed_to_the_end is needed])
        self._log.close()

    def _stop(self, keepers: Sequence[Keeper]) -> None:
        asked_at = time.monotonic()
        for keeper in keepers:
            keeper.signal(keeper.child.stop_signal)
        while any(keeper.process for keeper in keepers):
            waited_s = time.monotonic() - asked_at
            for keeper in keepers:
                if self._hurry or waited_s >= keeper.child.stop_within_s:
                    keeper.kill()
            self._turn(SHORT_TURN_S)

    @contextlib.contextmanager
    def _signals_heard(self) -> Iterator[None]:
        """Stop signals are noted, and they and the end of a child wake the loop."""
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        os.set_blocking(writer, False)
        self._selector.register(reader, selectors.EVENT_READ, None)
        earlier = {number: signal.signal(number, self._on_stop) for number in STOP_SIGNALS}
        if earlier[signal.SIGHUP] == signal.SIG_IGN:  # started with nohup: it shall outlive its terminal
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        earlier[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        waking = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(waking)
            for number, handler in earlier.items():
                signal.signal(number, handler)
            self._selector.close()
            os.close(reader)
            os.close(writer)

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._stop_asked_at is None:
            self._stop_asked_at = now
            self._terminal.say("Stopping (Ctrl-C again: at once)")
        elif now - self._stop_asked_at > SAME_SIGNAL_S:
            self._hurry = True

    def _say(self, text: str) -> None:
        self._terminal.say(text)
        self._log.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {text}\n".encode())


def _last_words(keeper: Keeper, what: str) -> str:
    said = "".join(f"\n  {line}" for line in keeper.voice.recent)
    where = f" All it said is in {keeper.voice.log.path}; the end of it:" if keeper.voice.log else ""
    return f"{keeper.child.name} {what}.{where}{said}"
