"""Waiting for work that a provider has taken: by looking again and again, never by sending again.

A look that fails says nothing about the work, which may have been paid for; so it is repeated, and only after many in
a row is the work given up. Looks run beside the follower, which therefore shows a sign of life however slow they are.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass

from app.imaging.containers import sniff
from app.outbound import HostNotAllowed, OutboundError, Reply
from app.providers import failures
from app.providers.contract import ErrorKind, Output, Progress, ProviderError

# How much longer than usual a pause after failed looks gets; and the longest that a provider may ask for.
_MOST_DOUBLED = 8
_MOST_ASKED_S = 60.0


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds between two looks: at first, and at most, growing by `growth` each time. sign_s: the longest a follower
    is silent. misses: failed looks in a row after which nobody is asked any more; the pauses between those double."""

    first_s: float = 0.7
    most_s: float = 2.0
    growth: float = 1.3
    sign_s: float = 1.5
    misses: int = 60


class Vigil:
    """One wait for one piece of work. fraction, message: what its progress is told as meanwhile."""

    def __init__(self, provider: str, rhythm: Rhythm) -> None:
        self._provider = provider
        self._rhythm = rhythm
        self._pause_s = rhythm.first_s
        self._missed = 0
        self.fraction = 0.0
        self.message = ""

    def until(self, look: Callable[[], Reply], tells: Callable[[Reply], bool]) -> Generator[Progress, None, Reply]:
        """Look until an answer tells something. Raises ProviderError when none does for too long, or when the address
        to look at is not the provider's."""
        while True:
            try:
                reply = yield from self._beside(look)
            except HostNotAllowed as error:
                raise self._lost(f"{type(error).__name__}: {error.detail}") from error
            except OutboundError as error:
                why, asked_s = f"{type(error).__name__}: {error.detail}", None
            else:
                if tells(reply):
                    self._missed = 0
                    return reply
                why, asked_s = f"status {reply.status}", failures.retry_after_s(reply)
            self._missed += 1
            if self._missed >= self._rhythm.misses:
                raise self._lost(why)
            longer_s = self._rhythm.most_s * min(2 ** (self._missed - 1), _MOST_DOUBLED)
            yield from self.pause(max(longer_s, min(asked_s or 0.0, _MOST_ASKED_S)))

    def file(self, url: str, download: Callable[[str], Reply]) -> Generator[Progress, None, Reply]:
        """What lies at an address, or the answer that it is gone."""
        return (yield from self.until(lambda: download(url), _is_there_or_gone))

    def pause(self, seconds: float | None = None) -> Generator[Progress, None, None]:
        """Until the next look is due, or so long."""
        left = self._pause_s if seconds is None else seconds
        self._pause_s = min(self._pause_s * self._rhythm.growth, self._rhythm.most_s)
        while left > 0:
            yield self._sign()
            time.sleep(min(left, self._rhythm.sign_s))
            left -= self._rhythm.sign_s

    def _beside(self, look: Callable[[], Reply]) -> Generator[Progress, None, Reply]:
        """The answer of a look in a thread of its own; whoever stops following leaves it to its own limits."""
        told: list[Reply | OutboundError] = []

        def run() -> None:
            try:
                told.append(look())
            except OutboundError as error:
                told.append(error)

        looking = threading.Thread(target=run, name=f"look at {self._provider}", daemon=True)
        looking.start()
        looking.join(self._rhythm.sign_s)
        while looking.is_alive():
            yield self._sign()
            looking.join(self._rhythm.sign_s)
        if not told:
            raise RuntimeError(f"a look at {self._provider} broke")  # its traceback was printed by the thread
        if isinstance(told[0], OutboundError):
            raise told[0]
        return told[0]

    def _sign(self) -> Progress:
        return Progress(min(max(self.fraction, 0.0), 0.99), message=self.message)

    def _lost(self, why: str) -> ProviderError:
        return ProviderError(
            ErrorKind.PROVIDER,
            f"{self._provider} took the work and could not be asked about it any more. It may have been charged once. "
            "Try again when you like.",
            may_have_cost=True,
            detail=why,
        )


def _is_there_or_gone(reply: Reply) -> bool:
    """Of a download: whether another look would tell no more."""
    return reply.ok or reply.status in {401, 403, 404, 410}


def forgotten(provider: str, *, detail: str) -> ProviderError:
    """It gave a name for the work, and knows nothing by that name any more."""
    return ProviderError(
        ErrorKind.PROVIDER,
        f"{provider} took the work and does not know of it any more. It may have been charged once. "
        "Try again when you like.",
        may_have_cost=True,
        detail=detail,
    )


def lost(provider: str, *, detail: str) -> ProviderError:
    """The work was done and its result cannot be had."""
    return ProviderError(
        ErrorKind.PROVIDER,
        f"{provider} made it, but its file was gone before we could fetch it. It may have been charged once. "
        "Try again when you like.",
        may_have_cost=True,
        detail=detail,
    )


def output_of(provider: str, data: bytes, part: tuple[float, float, float, float] | None = None) -> Output:
    """A file as an output, by what it is, not by what it is called. Raises ProviderError when it is neither picture nor
    video."""
    mime = sniff(data)
    if mime is None:
        raise failures.no_picture(provider, detail=f"{len(data)} bytes that are neither a picture nor a video")
    return Output(data, mime, part=part)
