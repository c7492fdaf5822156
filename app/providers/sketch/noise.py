"""Value noise on a repeating lattice: the one texture behind hills, clouds, fur, waves and grain."""

from __future__ import annotations

import numpy as np

from app.providers.sketch.arrays import Array
from app.providers.sketch.chance import Dice

_SIDE = 256


class Noise:
    """Smooth random values in 0..1 over the plane, one lattice cell per unit; repeats after 256 units."""

    def __init__(self, dice: Dice) -> None:
        self._lattice = dice.table(_SIDE * _SIDE)

    def at(self, x: Array, y: Array) -> Array:
        fx, fy = np.floor(x), np.floor(y)
        tx, ty = x - fx, y - fy
        tx = tx * tx * (3.0 - 2.0 * tx)
        ty = ty * ty * (3.0 - 2.0 * ty)
        column = fx.astype(np.int32) & (_SIDE - 1)
        right = (column + 1) & (_SIDE - 1)
        row = (fy.astype(np.int32) & (_SIDE - 1)) << 8
        above = (row + _SIDE) & (_SIDE * _SIDE - 1)
        take = self._lattice.take
        low = take(row + column)
        low += (take(row + right) - low) * tx
        high = take(above + column)
        high += (take(above + right) - high) * tx
        low += (high - low) * ty
        return low

    def along(self, x: Array, row: int = 0) -> Array:
        """The same over a line; `row` tells lines apart."""
        fx = np.floor(x)
        t = x - fx
        t = t * t * (3.0 - 2.0 * t)
        column = fx.astype(np.int32) & (_SIDE - 1)
        base = (row & (_SIDE - 1)) << 8
        a = self._lattice.take(base + column)
        return a + (self._lattice.take(base + ((column + 1) & (_SIDE - 1))) - a) * t

    def cell(self, column: Array, row: Array) -> Array:
        """One constant random value per lattice cell."""
        i = np.floor(column).astype(np.int32) & (_SIDE - 1)
        j = (np.floor(row).astype(np.int32) & (_SIDE - 1)) << 8
        return self._lattice.take(i + j)

    def clouds(self, x: Array, y: Array, octaves: int = 4) -> Array:
        """Sum of octaves, each turned and half as strong; still 0..1, around 0.5."""
        total = np.zeros_like(x)
        weight, norm = 1.0, 0.0
        for _ in range(octaves):
            total += self.at(x, y) * weight
            norm += weight
            weight *= 0.5
            # A turn by about 37 degrees hides the lattice; the shift keeps octaves from sharing a corner at 0, 0.
            x, y = x * 1.6 + y * 1.2 + 17.3, y * 1.6 - x * 1.2 + 9.1
        return total * (1.0 / norm)

    def ridges(self, x: Array, y: Array, octaves: int = 4) -> Array:
        """Sharp crests at 1 between round valleys, as rock makes them."""
        total = np.zeros_like(x)
        weight, norm = 1.0, 0.0
        for _ in range(octaves):
            crest = 1.0 - np.abs(self.at(x, y) * 2.0 - 1.0)
            total += crest * crest * weight
            norm += weight
            weight *= 0.5
            x, y = x * 1.6 + y * 1.2 + 31.7, y * 1.6 - x * 1.2 + 4.9
        return total * (1.0 / norm)

    def skyline(self, x: Array, row: int, octaves: int = 4) -> Array:
        """`clouds` over a line."""
        total = np.zeros_like(x)
        weight, norm = 1.0, 0.0
        for octave in range(octaves):
            total += self.along(x, row * 7 + octave) * weight
            norm += weight
            weight *= 0.5
            x = x * 2.0 + 13.7
        return total * (1.0 / norm)
