"""Chance that can be repeated: every choice in a picture comes from a named stream of a hash."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Dice:
    """Random choices that depend on nothing but the given words, the same in every process."""

    def __init__(self, *names: object) -> None:
        digest = hashlib.sha256("\x1f".join(str(name) for name in names).encode(errors="surrogatepass")).digest()
        self._bits = np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * float(self._bits.random())

    def whole(self, low: int, high: int) -> int:
        """A whole number in low..high, both included."""
        return int(self._bits.integers(low, high + 1))

    def pick(self, items: Sequence[T]) -> T:
        return items[self.whole(0, len(items) - 1)]

    def chance(self, probability: float) -> bool:
        return self.between(0, 1) < probability

    def sign(self) -> float:
        return 1.0 if self.chance(0.5) else -1.0

    def table(self, *shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        """Numbers in 0..1 of that shape."""
        return self._bits.random(shape, dtype=np.float32)
