"""Decode what strangers send in processes that may crash, swell or hang without harm to anyone else.

A pool keeps up to `size` helpers (see `helper`), started when first needed and used again. It works with threads, under
gevent's monkey patching and after a fork: it uses nothing but `subprocess`, `socket` and `threading`.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any, TypeVar

from app.imaging.compositing import Ground
from app.imaging.decode import DecodedImage
from app.imaging.derive import Derived
from app.imaging.errors import REFUSALS, FileTooLarge, ImageUnreadable
from app.imaging.framing import Sides, SizeRule
from app.imaging.limits import FILE_MAX_BYTES, HELPER_CPU_S, HELPER_MEMORY_BYTES, HELPER_WALL_S, VIDEO_MAX_BYTES
from app.imaging.preparing import Blank, Sheet, Sheets
from app.imaging.provider_masks import MaskForm
from app.sidecar import wire
from app.sidecar.process import Sidecar, Starter

log = logging.getLogger(__name__)

Record = TypeVar("Record")

_HELPER = "app.imaging.helper"


class PoolBusy(Exception):
    """No helper came free in time: the machine has more pictures to decode than it can."""

    status = 503
    code = "imaging_busy"
    sentence = "Too many pictures are being read right now: try again in a minute."

    def __init__(self) -> None:
        super().__init__(self.sentence)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A picture from outside made safe, and its small copies, from one decoding."""

    image: DecodedImage
    copies: Derived


class HelperPool:
    """size: helpers at most. wall_s, cpu_s, memory_bytes: what one piece of work may take. pieces: how many of them a
    helper does before a fresh one takes over, so that what libraries leak stays small. queue_s: how long to wait for a
    free helper before PoolBusy."""

    def __init__(
        self,
        size: int = 2,
        *,
        wall_s: float = HELPER_WALL_S,
        cpu_s: int = HELPER_CPU_S,
        memory_bytes: int = HELPER_MEMORY_BYTES,
        pieces: int = 1000,
        queue_s: float = 60.0,
    ) -> None:
        self._size = size
        self._idle: list[Sidecar] = []
        self._wall_s = wall_s
        self._queue_s = queue_s
        self._arguments = [str(memory_bytes), str(cpu_s), str(pieces)]
        self._forget()

    def sanitise(self, data: bytes) -> DecodedImage:
        """`decode.sanitise` in a helper. Raises ImageRefused, PoolBusy."""
        _check_length(data, FILE_MAX_BYTES)
        answer, parts = self._ask("sanitise", data)
        return _restored(DecodedImage, answer["records"][0], parts)

    def admit(self, data: bytes) -> Admitted:
        """`sanitise` and `derive` from one decoding, for every picture that comes in. Raises ImageRefused, PoolBusy."""
        _check_length(data, FILE_MAX_BYTES)
        answer, parts = self._ask("admit", data)
        image, copies = answer["records"]
        return Admitted(_restored(DecodedImage, image, parts), _restored(Derived, copies, parts))

    def compose(self, result: bytes, ground: Ground) -> Admitted:
        """`compositing.composed` in a helper, as a lossless file with its copies. Raises ImageRefused, PoolBusy."""
        _check_length(result, FILE_MAX_BYTES)
        values, stored = wire.flatten(ground)
        answer, parts = self._ask("compose", result, *stored, ground=values)
        image, copies = answer["records"]
        return Admitted(_restored(DecodedImage, image, parts), _restored(Derived, copies, parts))

    def derive(self, data: bytes, mime: str) -> Derived:
        """`derive.derive` in a helper. Raises ImageRefused, PoolBusy."""
        answer, parts = self._ask("derive", data, mime=mime)
        return _restored(Derived, answer["records"][0], parts)

    def probe_video(self, data: bytes) -> Derived:
        """`derive.probe_video` in a helper. Raises ImageRefused, PoolBusy."""
        _check_length(data, VIDEO_MAX_BYTES)
        answer, parts = self._ask("probe_video", data)
        return _restored(Derived, answer["records"][0], parts)

    def fit(self, stored: bytes, **limits: int | None) -> Sheet:
        """`preparing.fitted` in a helper. Raises ImageRefused, PoolBusy."""
        answer, parts = self._ask("fit", stored, limits=limits)
        return _restored(Sheet, answer["records"][0], parts)

    def repaint(self, stored: bytes, mask: bytes, rule: SizeRule, form: MaskForm) -> Sheets:
        """`preparing.repaint` in a helper. Raises ImageRefused, PoolBusy."""
        return self._sheets("repaint", stored, mask, rule=asdict(rule), form=form)

    def extend(self, stored: bytes, sides: Sides, rule: SizeRule, form: MaskForm, blank: Blank) -> Sheets:
        """`preparing.extension` in a helper. Raises ImageRefused, PoolBusy."""
        return self._sheets("extend", stored, sides=sides.as_params(), rule=asdict(rule), form=form, blank=blank)

    def close(self) -> None:
        """End the idle helpers; busy ones end with their work. The pool may be used again afterwards."""
        with self._lock:
            idle, self._idle = self._idle, []
        for helper in idle:
            helper.end()

    def _sheets(self, work: str, *data: bytes, **told: Any) -> Sheets:
        answer, parts = self._ask(work, *data, **told)
        sheets = _restored(Sheets, answer["records"][0], parts)
        if sheets.part is None:
            return sheets
        left, top, right, bottom = sheets.part
        return replace(sheets, part=(left, top, right, bottom))

    def _ask(self, work: str, *data: bytes, **told: Any) -> tuple[dict[str, Any], list[bytes]]:
        if os.getpid() != self._pid:
            self._forget()  # forked: the helpers belong to the parent
        if not self._slots.acquire(timeout=self._queue_s):
            raise PoolBusy
        try:
            answer, parts = self._ask_one({"work": work, **told}, data)
        finally:
            self._slots.release()
        if "refused" in answer:
            raise REFUSALS.get(answer["refused"], ImageUnreadable)(answer["sentence"])
        return answer, parts

    def _ask_one(self, header: dict[str, Any], data: Sequence[bytes]) -> tuple[dict[str, Any], list[bytes]]:
        helper = self._take()
        deadline = time.monotonic() + self._wall_s
        try:
            try:
                _hand_over(helper, header, data, deadline)
            except (BrokenPipeError, ConnectionResetError, wire.Disconnected):
                # It died while idle: it had not taken the picture yet, which is therefore innocent.
                helper.end()
                helper = self._start()
                _hand_over(helper, header, data, deadline)
            answer, parts = helper.receive(deadline)
        except (OSError, wire.Disconnected) as error:
            log.warning(
                "imaging helper ended: %s after %s, %d bytes", _how(helper, error), header["work"], sum(map(len, data))
            )
            raise ImageUnreadable from error
        except BaseException:
            helper.end()  # in the middle of a conversation, as when a greenlet is killed: never to be used again
            raise
        if answer.get("retiring"):
            helper.end()
        else:
            with self._lock:
                self._idle.append(helper)
        return answer, parts

    def _take(self) -> Sidecar:
        while True:
            with self._lock:
                helper = self._idle.pop() if self._idle else None
            if helper is None:
                return self._start()
            if helper.alive():
                return helper
            helper.end()

    def _start(self) -> Sidecar:
        return self._starter.start(_HELPER, self._arguments)

    def _forget(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(self._size)
        self._idle = []
        self._starter = Starter()


# Two decodes at once keep a small machine's cores busy without letting uploads starve the web server.
_HELPERS = 2


@cache
def helpers() -> HelperPool:
    """The pool of this process, in which everything from outside is decoded."""
    return HelperPool(_HELPERS)


def _hand_over(helper: Sidecar, header: dict[str, Any], data: Sequence[bytes], deadline: float) -> None:
    """Returns when all of it has been taken."""
    helper.send(header, data, deadline=deadline)
    helper.receive(deadline)


def _how(helper: Sidecar, error: Exception) -> str:
    timed_out = isinstance(error, TimeoutError)
    status = helper.end()
    return "time is up" if timed_out else f"status {status}"


def _restored(kind: type[Record], record: dict[str, Any], parts: list[bytes]) -> Record:
    return wire.restore(kind, record["values"], parts[record["from"] :])


def _check_length(data: bytes, limit_bytes: int) -> None:
    if len(data) > limit_bytes:
        raise FileTooLarge.over(limit_bytes)
