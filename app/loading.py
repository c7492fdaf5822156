"""Loading a process's code and app without looking for garbage among them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Around what a process loads before its work and keeps to its end.

    Some 200,000 objects, none of them ever garbage: searched again and again they take a sixth of the loading, then
    hold up everything else for a fifth of a second at a time, and the exit once more. So they are set aside for good.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
