"""A fuse before Redis: a server that hangs is waited for once, and then left alone for a moment.

One request asks Redis several things. Each may be done without, but a person must not wait for every one of them to
run out of time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisHangs
from redis.retry import Retry

Answer = TypeVar("Answer")

QUIET_S = 2.0


class Quiet(RedisAway):  # type: ignore[misc]  # redis is not typed for us
    """Not even asked: the server gave no answer a moment ago."""


class Fuse(Retry):  # type: ignore[misc]  # redis is not typed for us
    """Where the client keeps its policy of trying again: it never does, and after a silence not even the first time.

    A refusal costs no time, so it does not blow the fuse: a server that was restarted is back at once.
    """

    def __init__(self) -> None:
        super().__init__(NoBackoff(), 0)
        self._blown_until = 0.0

    def __deepcopy__(self, memo: dict[int, Any]) -> Fuse:
        # The client copies its policy for each connection; a fuse only protects if all of them share it.
        return self

    def call_with_retry(self, do: Callable[[], Answer], *args: Any, **kwargs: Any) -> Answer:
        """Raises Quiet at once while the fuse is blown."""
        if time.monotonic() < self._blown_until:
            raise Quiet("Redis gave no answer a moment ago")
        try:
            answer: Answer = super().call_with_retry(do, *args, **kwargs)
        except (RedisHangs, TimeoutError):
            self._blown_until = time.monotonic() + QUIET_S
            raise
        return answer
