"""Ranges of hills, one behind the other, each paler with distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.providers.sketch.arrays import Array, Painter, mix, most, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.noise import Noise


@dataclass(frozen=True, slots=True, eq=False)
class Range:
    """foot, tall: v of its valleys and height of its peaks. often: peaks per unit. haze: 0..1. pines: tree tops along
    the crest, their height. colour: (3, 1) linear, unlit."""

    foot: float
    tall: float
    often: float
    haze: float
    colour: Array
    pines: float = 0.0
    sharp: float = 0.0


def ranges(brief: Brief, behind: Painter, rows: list[Range]) -> Painter:
    """rows: from far to near."""
    light = brief.light
    noise = brief.noise("ridges")
    offset = brief.dice("ridges").between(0, 80)
    side = brief.side

    def crest(row: Range, number: int, u: Array) -> Array:
        x = u * row.often + offset + number * 11
        line = noise.skyline(x, number * 9 + 1, octaves=5)
        if row.sharp:
            peaks = 1 - np.abs(noise.skyline(x * 0.8, number * 9 + 5, octaves=4) * 2 - 1)
            line = mix(line, peaks * peaks, row.sharp)
        height = row.foot + row.tall * line
        if row.pines:
            height = height + _pines(noise, u * (0.9 / row.pines), number) * row.pines
        return height

    def paint(u: Array, v: Array) -> Array:
        colour = behind(u, v)
        for number, row in enumerate(rows):
            top = crest(row, number, u)
            slope = (crest(row, number, u + 0.03) - crest(row, number, u - 0.03)) * 16 if not row.pines else 0.0
            depth = top - v
            # Folds run down from the crest, so that slopes have a lit and a shaded side.
            fold = noise.at(u * row.often * 7 + offset + depth * 3, depth * 5 + number * 20) - 0.5
            sun = np.minimum(np.maximum(0.55 - side * slope * 0.35 + fold * 0.7, 0), 1)
            lit = row.colour * (light.key * (0.15 + 0.6 * sun) + light.fill * 0.75)
            # Mist gathers in the valleys.
            mist = row.haze + (1 - row.haze) * 0.42 * ramp(row.tall * 0.3, row.tall * 1.5, depth)
            lit = mix(lit, mix(light.haze, light.horizon, 0.35), mist)
            colour = mix(colour, lit, ramp(-brief.pixel, brief.pixel, depth))
        return colour

    return paint


def _pines(noise: Noise, x: Array, number: int) -> Array:
    """Height 0..1 of tree tops along a line of cells."""
    best = np.zeros_like(x)
    for shift in (0.0, 0.47):
        place = x + shift
        cell = np.floor(place)
        row = np.full_like(x, number * 3 + 100 + shift * 10)
        tall = 0.45 + 0.55 * noise.cell(place, row)
        away = np.abs(place - cell - 0.5) * 2
        # Branches: the slope of the tree goes down in steps.
        step = np.abs((away * 7) - np.floor(away * 7)) * 0.07
        best = np.maximum(best, (tall * (1 - away * 1.05) - step) * (noise.cell(place, row + 1) < 0.92))
    return most(best, 0)
