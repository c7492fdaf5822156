"""A mirror at the foot of a picture: still water shows the scene above it upside down."""

from __future__ import annotations

import numpy as np

from app.providers.sketch.arrays import Array, Painter, mix, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.colour import rgb


def mirrored(
    brief: Brief, painter: Painter, waterline: float, *, ripple: float = 1.0, tint: str = "#0d3a52"
) -> Painter:
    """waterline: v below which there is water. ripple: 0 glass, 1 a breath of wind."""
    noise = brief.noise("ripples")
    deep = rgb(brief.reading.places.get("ground", tint)) * (brief.light.fill + brief.light.key * 0.2)

    def paint(u: Array, v: Array) -> Array:
        depth = np.maximum(waterline - v, 0)
        # Ripples shrink towards the waterline, where they are far away.
        near = 1.0 / (depth + 0.05)
        wave = noise.at(u * near * 0.8 + 50, near * 4.5) - 0.5
        small = noise.at(u * near * 2.6, near * 13.0) - 0.5
        below = depth > 0
        bend = (wave * 0.09 + small * 0.05) * ripple * (0.25 + depth)
        seen = painter(u + np.where(below, bend * 0.4, 0), np.where(below, waterline + depth + bend, v))
        dim = np.where(below, 0.12 + 0.3 * ramp(0.0, 1.1, depth), 0.0)
        shore = ramp(0.012, 0.0, depth) * below * 0.25
        out: Array = mix(seen, deep, (dim + shore).astype(np.float32)) + brief.light.horizon * (
            below * ramp(0.2, 0.42, small) * 0.05
        )
        return out

    return paint
