"""The last look over a picture: what mood words do to all of its colours."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from app.providers.sketch.arrays import Array, most
from app.providers.sketch.brief import Brief
from app.providers.sketch.colour import luma, rgb, saturate


def _contrast(colour: Array, amount: float) -> Array:
    # Around the middle grey of linear light, as a curve that never turns negative.
    return most(colour * (1 / 0.22), 0) ** np.float32(amount) * np.float32(0.22)


def _toned(colour: Array, dark: str, bright: str) -> Array:
    grey = np.sqrt(np.minimum(luma(colour), 1))
    return (rgb(dark) + (rgb(bright) - rgb(dark)) * grey) * (grey * 0.75 + 0.25)


def _balance(red: float, green: float, blue: float) -> Array:
    return np.array([[red], [green], [blue]], dtype=np.float32)


MOODS: dict[str, Callable[[Array], Array]] = {
    "calm": lambda c: _contrast(saturate(c, 0.85), 0.88) * 1.04,
    "dramatic": lambda c: _contrast(saturate(c, 1.12), 1.4),
    "dark": lambda c: _contrast(saturate(c, 0.9), 1.2) * 0.45,
    "bright": lambda c: c * 1.3 + 0.03,
    "pastel": lambda c: saturate(c, 0.8) * 0.62 + 0.3,
    "neon": lambda c: _contrast(saturate(c, 1.4), 1.2) * _balance(1.1, 0.86, 1.4),
    "vivid": lambda c: saturate(c, 1.45),
    "monochrome": lambda c: _contrast(saturate(c, 0.0), 1.1),
    "sepia": lambda c: _toned(c, "#2a1a10", "#f6e3bd"),
    "warm": lambda c: c * _balance(1.16, 1.0, 0.76),
    "cold": lambda c: c * _balance(0.8, 0.98, 1.2),
}


def graded(brief: Brief, colour: Array) -> Array:
    for mood in brief.reading.moods:
        colour = MOODS[mood](colour)
    return colour
