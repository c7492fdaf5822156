"""What falls or hangs between the eye and the scene: snow, rain, fog."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from app.providers.sketch.arrays import Array, clamp, mix, ramp
from app.providers.sketch.brief import Brief


def _fog(brief: Brief, colour: Array, u: Array, v: Array) -> Array:
    drift = brief.noise("fog").clouds(u * 1.3 + 9, v * 3.2, octaves=3)
    low = ramp(0.75, -0.7, v * (1 / brief.half_h))
    return mix(colour, brief.light.haze * 0.95, clamp(0.32 + 0.5 * low * (0.4 + 1.1 * drift)))


def _rain(brief: Brief, colour: Array, u: Array, v: Array) -> Array:
    noise = brief.noise("rain")
    colour = mix(colour, brief.light.haze * 0.7, 0.3)
    for layer, (across, along) in enumerate(((34.0, 2.2), (58.0, 3.6))):
        x, y = (u + v * 0.12) * across, v * along + layer * 31
        streak = ramp(0.42, 0.1, np.abs(x - np.floor(x) - 0.5))
        fall = y + noise.cell(x, np.full_like(x, 7 + layer)) * 57
        here = ramp(0.8, 0.97, noise.cell(x, fall)) * ramp(0, 0.4, fall - np.floor(fall))
        colour = mix(colour, brief.light.horizon * 0.9 + 0.1, streak * here * 0.4)
    return colour


def _snowfall(brief: Brief, colour: Array, u: Array, v: Array) -> Array:
    noise = brief.noise("flakes")
    flake = brief.light.key * 0.3 + brief.light.fill * 0.5 + 0.25
    for layer, scale in enumerate((5.0, 9.0, 15.0, 24.0)):
        x, y = u * scale + layer * 19, v * scale + layer * 7
        dx = x - np.floor(x) - 0.25 - 0.5 * noise.cell(x, y)
        dy = y - np.floor(y) - 0.25 - 0.5 * noise.cell(x + 91, y)
        size = 0.05 + 0.14 * noise.cell(x, y + 57)
        here = noise.cell(x + 33, y + 11) < 0.55
        colour = mix(colour, flake, ramp(1.0, 0.4, np.sqrt(dx * dx + dy * dy) / size) * here * (0.9 - 0.12 * layer))
    return colour


_WEATHERS: dict[str, Callable[[Brief, Array, Array, Array], Array]] = {
    "fog": _fog,
    "rain": _rain,
    "snowfall": _snowfall,
}


def weathered(brief: Brief, colour: Array, u: Array, v: Array) -> Array:
    fall = _WEATHERS.get(brief.reading.weather)
    return colour if fall is None else fall(brief, colour, u, v)
