"""Sand dunes with sharp crests, their lee sides in shadow."""

from __future__ import annotations

import numpy as np

from app.providers.sketch.arrays import Array, Painter, mix, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.colour import shift
from app.providers.sketch.sky import sky
from app.providers.sketch.space import Body, Camera, Skin
from app.providers.sketch.tableau import Tableau

# Where along a dune's length its crest stands: a long windward side, a steep lee.
_CREST = 0.62


def compose(brief: Brief) -> Painter:
    dice = brief.dice("pose")
    height = 4.4 if brief.reading.framing == "aerial" else dice.between(2.6, 3.3)
    camera = Camera(
        eye=(0, height, 6.0), target=(0, height - (1.9 if height > 4 else 0.95), -4.0), lens=dice.between(1.9, 2.3)
    )
    dunes = _Dunes(brief)
    direction = brief.light.direction(brief.side)
    return Tableau(
        brief=brief,
        camera=camera,
        body=Body(dunes.distance, (0, 0, -12.0), 17.0),
        dress=dunes.dress,
        ground=dunes.plain,
        backdrop=sky(brief, camera.level(), clouds=0.35),
        towards=direction,
        rough=dunes.rough,
        depth=60,
    ).painter()


class _Dunes:
    def __init__(self, brief: Brief) -> None:
        dice = brief.dice("dunes")
        self.noise = brief.noise("dunes")
        self.sand = brief.colour("#dda25c")
        self.deep = shift(self.sand, hue=-0.02, saturation=1.2, value=0.8)
        self.turn = dice.between(-0.4, 0.4)
        self.side = -brief.side
        self.offset = dice.between(0, 90)
        self.haze = brief.light.haze

    def _height(self, x: Array, z: Array) -> Array:
        warp = self.noise.at(x * 0.13 + self.offset, z * 0.12) * 1.5 + self.noise.at(x * 0.45, z * 0.4 + 40) * 0.3
        along = (x * self.side + z * self.turn) * 0.13 + warp
        f = along - np.floor(along)
        profile = np.minimum(f * (1 / _CREST), (1 - f) * (1 / (1 - _CREST)))
        tall = 0.35 + 1.0 * self.noise.at(x * 0.16 + 70, z * 0.16 + self.offset)
        return (profile * profile * (1.6 - 0.6 * profile)) * tall + 0.02

    def distance(self, x: Array, y: Array, z: Array) -> Array:
        return (y - self._height(x, z)) * 0.55

    def rough(self, x: Array, y: Array, z: Array) -> Array:
        """With wind ripples, too fine to march through."""
        bend = self.noise.at(x * 1.3, z * 1.3) * 6
        return self.distance(x, y, z) - np.sin(x * 26 + z * 19 + bend) * 0.0011 * ramp(-9, 1, z)

    def dress(self, x: Array, y: Array, z: Array) -> Skin:
        grain = self.noise.clouds(x * 9, z * 9, octaves=2)
        colour = mix(self.deep, self.sand, ramp(-0.3, 0.7, y) * 0.7 + grain * 0.3)
        far = ramp(-3, -26, z)
        return Skin(colour * (1 - 0.75 * far), glow=self.haze * (far * 0.62))

    def plain(self, x: Array, z: Array) -> Skin:
        return Skin(mix(self.deep, self.sand, self.noise.at(x, z)))
