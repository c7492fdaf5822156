"""Northern lights over a range and its lake."""

from __future__ import annotations

import numpy as np

from app.providers.sketch.arrays import Array, Painter, mix, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.colour import rgb, shift
from app.providers.sketch.reflection import mirrored
from app.providers.sketch.ridges import Range, ranges
from app.providers.sketch.sky import sky


def compose(brief: Brief) -> Painter:
    dice = brief.dice("aurora")
    h = brief.half_h
    shore = dice.between(-0.5, -0.38) * h
    night = sky(brief, shore, clouds=0.0, disc=False)
    noise = brief.noise("curtains")
    green = brief.colour(dice.pick(("#2df08f", "#35e8b0", "#4df06a")))
    crown = shift(green, hue=dice.between(0.22, 0.38), saturation=0.9)
    bands = [
        (dice.between(0.05, 0.5) * h, dice.between(0.5, 1.1), dice.between(0, 60)) for _ in range(dice.whole(2, 3))
    ]

    def curtains(u: Array, v: Array) -> Array:
        colour = night(u, v)
        for i, (base, bend, at) in enumerate(bands):
            x = u * bend + at
            line = base + shore * 0.25 + (noise.along(x, i) - 0.5) * 0.95 + (noise.along(x * 3.1, i + 9) - 0.5) * 0.22
            up = v - line
            strand = 0.35 + 0.65 * noise.along(x * 16 + noise.along(x * 4, i + 3) * 6, i + 20)
            strand = strand * (0.3 + 0.7 * noise.along(x * 2.3, i + 30))
            foot = ramp(-0.035, 0.03, up)
            fall = foot / (1 + np.maximum(up, 0) ** 2 * 9 + np.maximum(up, 0) * 1.5)
            tone = mix(green, crown, ramp(0.05, 0.75, up))
            colour = colour + tone * (fall * strand * 1.5) + green * (0.1 / (1 + up * up * 7))
        return colour

    rows = [
        Range(shore - 0.02, 0.62 * h, 1.3, 0.25, rgb("#3d4f74"), sharp=0.9),
        Range(shore - 0.05, 0.34 * h, 1.1, 0.08, rgb("#1d2a44"), pines=0.09),
    ]
    return mirrored(brief, ranges(brief, curtains, rows), shore, ripple=0.7, tint="#06131f")
