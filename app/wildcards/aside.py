"""Slow work without I/O, done where it keeps nobody waiting but the one who asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import gevent
from gevent import monkey

Result = TypeVar("Result")


def aside(work: Callable[[], Result]) -> Result:
    """Call `work`; in a gevent process on a thread of its own, so that other requests are answered meanwhile."""
    if not monkey.is_module_patched("threading"):
        return work()

    def caught() -> tuple[Result | None, Exception | None]:
        try:
            return work(), None
        except Exception as error:  # noqa: BLE001 - raised again below; the thread pool would print it first
            return None, error

    result, error = gevent.get_hub().threadpool.apply(caught)
    if error is not None:
        raise error
    return cast(Result, result)
