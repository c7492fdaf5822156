"""Hills in the mist, pines in front."""

from __future__ import annotations

from app.providers.sketch.arrays import Painter
from app.providers.sketch.brief import Brief
from app.providers.sketch.colour import rgb
from app.providers.sketch.ridges import Range, ranges
from app.providers.sketch.sky import sky

_NEAR = {"snow": "#cfd9e8", "autumn": "#8a4a1e", "spring": "#6f9a45", "summer": "#3f6b39"}


def compose(brief: Brief) -> Painter:
    dice = brief.dice("hills")
    h = brief.half_h
    horizon = -0.15 * h
    near = brief.colour(_NEAR[brief.season])
    count = dice.whole(4, 6)
    rows = []
    for i in range(count):
        t = i / (count - 1)
        foot = horizon + h * (0.18 - 0.85 * t)
        colour = rgb("#6d7f96") * (1 - t) + near * t
        pines = (0.05 + 0.16 * t) if t > 0.6 else 0.0
        rows.append(
            Range(
                foot,
                h * (0.62 - 0.2 * t),
                0.8 + 0.6 * (1 - t),
                0.6 * (1 - t) ** 1.2,
                colour,
                pines,
                sharp=0.6 * (1 - t),
            )
        )
    return ranges(brief, sky(brief, horizon, clouds=0.8), rows)
