"""Snow-capped rock over a lake."""

from __future__ import annotations

import numpy as np

from app.providers.sketch.arrays import Array, Painter, mix, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.colour import rgb
from app.providers.sketch.reflection import mirrored
from app.providers.sketch.sky import sky
from app.providers.sketch.space import Body, Camera, Skin
from app.providers.sketch.tableau import Tableau

# Where the land meets the lake: z in scene units, the camera stands at 9.
_SHORE = -1.0


def compose(brief: Brief) -> Painter:
    dice = brief.dice("pose")
    aerial = brief.reading.framing == "aerial"
    eye = 6.0 if aerial else dice.between(0.7, 1.1)
    camera = Camera(eye=(0, eye, 9.0), target=(0, 1.0 if aerial else eye + dice.between(0.35, 0.6), -6.0), lens=2.7)
    range_ = _Range(brief)
    scene = Tableau(
        brief=brief,
        camera=camera,
        body=Body(range_.distance, (0, 0, -8.0), 16.0),
        dress=range_.dress,
        ground=range_.shore,
        backdrop=sky(brief, camera.level(), clouds=0.7),
        towards=brief.light.direction(brief.side),
        rough=range_.rough,
        depth=70,
    ).painter()
    shore = camera.place(0, 0, _SHORE)[1]
    return scene if aerial else mirrored(brief, scene, shore, ripple=0.8, tint="#123f52")


class _Range:
    def __init__(self, brief: Brief) -> None:
        dice = brief.dice("range")
        self.noise = brief.noise("range")
        self.rock = brief.colour("#6a6468")
        self.offset = dice.between(0, 90)
        self.peak = (dice.between(-2.4, 2.4), dice.between(-7.5, -5.5), dice.between(2.8, 3.6))
        self.haze = brief.light.haze
        season = brief.reading.season or "alpine"
        self.snowline = {"snow": 0.25, "summer": 2.6, "autumn": 1.9}.get(season, 1.35)
        self.slope = rgb({"autumn": "#b8722e", "spring": "#86a34e", "snow": "#8d98a5"}.get(season, "#56733f"))

    def _base(self, x: Array, z: Array, octaves: int) -> Array:
        px, pz, tall = self.peak
        dx, dz = (x - px) * 0.33, (z - pz) * 0.36
        massif = tall / (1 + dx * dx + dz * dz)
        shore = ramp(_SHORE + 1.5, _SHORE - 4.0, z)
        crags = self.noise.ridges(x * 0.3 + self.offset, z * 0.3 + 20, octaves=octaves)
        out: Array = (massif * (0.5 + 0.6 * crags) + crags * 1.4) * shore - 0.2
        return out

    def distance(self, x: Array, y: Array, z: Array) -> Array:
        return (y - self._base(x, z, 3)) * 0.5

    def rough(self, x: Array, y: Array, z: Array) -> Array:
        return (y - self._base(x, z, 6)) * 0.5

    def dress(self, x: Array, y: Array, z: Array) -> Skin:
        reach = 0.08
        here = self._base(x, z, 4)
        steep, toward = self._base(x + reach, z, 4) - here, self._base(x, z + reach, 4) - here
        flat = 1.0 / np.sqrt(1 + (steep * steep + toward * toward) * (1 / reach**2))
        speck = self.noise.clouds(x * 5 + 9, z * 5 + y * 6, octaves=4)
        rock = mix(self.rock * 0.55, self.rock * 1.2, speck)
        meadow = ramp(0.95, 0.35, y + 0.5 * (speck - 0.5)) * ramp(0.45, 0.62, flat)
        colour = mix(rock, self.slope * (0.6 + 0.7 * speck), meadow)
        snow = ramp(self.snowline - 0.25, self.snowline + 0.25, y + 0.9 * (speck - 0.5)) * ramp(
            0.4, 0.58, flat + 0.25 * (speck - 0.5)
        )
        colour = mix(colour, rgb("#f3f6fc"), snow)
        far = ramp(-4, -24, z) * 0.75
        return Skin(colour * (1 - far), glow=self.haze * (far * 0.8))

    def shore(self, x: Array, z: Array) -> Skin:
        return Skin(mix(self.slope * 0.7, self.slope, self.noise.at(x * 3, z * 3)))
