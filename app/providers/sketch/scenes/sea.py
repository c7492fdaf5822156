"""A small sailing boat on open water."""

from __future__ import annotations

import numpy as np

from app.providers.sketch.arrays import Array, Painter, least, length, mix, most, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.colour import rgb
from app.providers.sketch.shapes import egg, limb
from app.providers.sketch.sky import sky
from app.providers.sketch.space import Body, Camera, Skin
from app.providers.sketch.tableau import Tableau
from app.providers.sketch.water import water


def compose(brief: Brief) -> Painter:
    dice = brief.dice("pose")
    camera = Camera(
        eye=(0, dice.between(0.8, 1.3), 9.0),
        target=(dice.between(-0.5, 0.5), dice.between(0.9, 1.15), 0),
        lens=dice.between(3.6, 4.6),
    )
    towards = brief.light.direction(brief.side)
    boat = _Boat(brief)
    return Tableau(
        brief=brief,
        camera=camera,
        body=Body(boat.distance, (0, 0.95, 0), 1.45),
        dress=boat.dress,
        ground=water(brief, camera, towards, rough=1.3),
        backdrop=sky(brief, camera.level(), clouds=1.0),
        towards=towards,
        depth=70,
    ).painter()


class _Boat:
    def __init__(self, brief: Brief) -> None:
        dice = brief.dice("boat")
        heading, heel = dice.between(-0.7, 0.7), dice.between(-0.14, 0.14)
        self.c, self.s = float(np.cos(heading)), float(np.sin(heading))
        self.cr, self.sr = float(np.cos(heel)), float(np.sin(heel))
        self.sail = brief.colour("#f4ead6")
        self.hull = (
            rgb(dice.pick(("#8a2f24", "#23405c", "#2f5f4a"))) if brief.reading.colour is None else self.sail * 0.45
        )
        self.stripe = rgb("#f4ead6")

    def _local(self, x: Array, y: Array, z: Array) -> tuple[Array, Array, Array]:
        x, z = x * self.c - z * self.s, x * self.s + z * self.c
        return x * self.cr + y * self.sr, y * self.cr - x * self.sr, z

    def distance(self, x: Array, y: Array, z: Array) -> Array:
        x, y, z = self._local(x, y, z)
        sheer = 0.26 + 0.1 * x * x
        hull = np.maximum(egg(x, y, z, (0, 0.24, 0), (0.95, 0.34, 0.3)), y - sheer)
        mast = limb(x, y, z, (0.1, 0.2, 0), (0.1, 2.15, 0), 0.03, 0.018)
        # Sails: thin triangles that belly to one side.
        main = self._sail(x, y, z, 0.06, -0.85, 0.42, 2.05)
        jib = self._sail(-x, y, z, -0.16, -0.92, 0.4, 1.7)
        return least(np.minimum(hull, mast), np.minimum(main, jib))

    @staticmethod
    def _sail(x: Array, y: Array, z: Array, mast: float, tack: float, low: float, top: float) -> Array:
        up = (y - low) / (top - low)
        leech = tack + (mast - tack) * up
        belly = 0.16 * np.sin(np.clip((x - leech) / (mast - tack), 0, 1) * np.pi) * (1 - up)
        edge = np.maximum(np.maximum(leech - x, x - mast) * 0.86, low - y)
        return most(edge, np.abs(z - belly) * 0.8 - 0.014)

    def dress(self, x: Array, y: Array, z: Array) -> Skin:
        x, y, z = self._local(x, y, z)
        colour = mix(self.hull, self.stripe, ramp(0.06, 0.05, np.abs(y - 0.24 - 0.09 * x * x)))
        wood = ramp(0.055, 0.045, length(x - 0.1, z)) * ramp(0.3, 0.34, y)
        sail = ramp(0.385, 0.4, y) * (1 - wood)
        seam = 1 - 0.12 * ramp(0.9, 0.98, np.cos(y * 21 + x * 2))
        colour = mix(colour, self.sail * seam, sail)
        colour = mix(colour, rgb("#9a6a3c"), np.maximum(wood, ramp(0.24, 0.27, y - 0.1 * x * x) * ramp(0.4, 0.38, y)))
        return Skin(colour, gloss=(1 - sail) * 0.25, glow=self.sail * (sail * 0.06))
