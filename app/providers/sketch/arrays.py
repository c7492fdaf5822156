"""The array shapes everything here speaks in: numbers per point, and colours as three rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.floating[Any]]
"""(N,) one number per point, or (3, N) linear RGB. In practice float32: half the memory to move. The type is wider only
because NumPy's annotations lose the width in mixed arithmetic."""

Pixels: TypeAlias = npt.NDArray[np.uint8]
"""(H, W, 3) sRGB."""

Painter: TypeAlias = Callable[[Array, Array], Array]
"""Scene coordinates u (right) and v (up), each (N,), to linear RGB (3, N). The short side of a picture spans -1..1."""


def least(first: Array, *others: Array | float) -> Array:
    """The smallest of each; of distances, the union of bodies."""
    for other in others:
        first = np.minimum(first, other)
    return first


def most(first: Array, *others: Array | float) -> Array:
    """The largest of each; of distances, what bodies have in common."""
    for other in others:
        first = np.maximum(first, other)
    return first


def clamp(a: Array, low: float = 0.0, high: float = 1.0) -> Array:
    return least(most(a, low), high)


def ramp(edge0: Array | float, edge1: Array | float, a: Array) -> Array:
    """Smooth step from 0 at edge0 to 1 at edge1 (edge0 may be the larger one)."""
    t = clamp((a - edge0) * (1.0 / (edge1 - edge0)))
    return t * t * (3.0 - 2.0 * t)


def mix(a: Array, b: Array, t: Array | float) -> Array:
    """Blend colours (3, N) or (3, 1), or plain numbers, by t in 0..1."""
    return a + (b - a) * t


def length(*parts: Array) -> Array:
    total = parts[0] * parts[0]
    for part in parts[1:]:
        total = total + part * part
    root: Array = np.sqrt(total)
    return root
