"""A striped lighthouse with its keeper's house on a rock in the sea."""

from __future__ import annotations

import numpy as np

from app.providers.sketch.arrays import Array, Painter, clamp, least, length, mix, most, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.colour import rgb
from app.providers.sketch.shapes import box, egg, melt, torus, turned
from app.providers.sketch.sky import sky
from app.providers.sketch.space import Body, Camera, Skin
from app.providers.sketch.tableau import Tableau
from app.providers.sketch.water import water

_FOOT, _GALLERY, _LANTERN, _ROOF = 0.42, 2.2, 2.62, 3.02


def compose(brief: Brief) -> Painter:
    dice = brief.dice("pose")
    aside = dice.between(0.15, 0.5) * dice.sign()
    camera = Camera(
        eye=(aside * -2.0, dice.between(1.1, 1.9), 11.5), target=(aside * -0.9, 1.28, 0), lens=dice.between(4.9, 5.5)
    )
    towards = brief.light.direction(brief.side)
    tower = _Tower(brief)
    painter = Tableau(
        brief=brief,
        camera=camera,
        body=Body(tower.distance, (0, 1.1, 0), 2.35),
        dress=tower.dress,
        ground=water(brief, camera, towards),
        backdrop=sky(brief, camera.level(), clouds=0.9),
        towards=towards,
        ruffle=0.1,
        depth=70,
        rough=tower.rough,
    ).painter()
    return _lamp(brief, painter, camera.place(0, 2.42, 0)) if brief.light.lamps else painter


def _lamp(brief: Brief, painter: Painter, at: tuple[float, float]) -> Painter:
    """The light at the top and its two beams."""
    tilt = brief.dice("lamp").between(-0.12, 0.16)
    warm = rgb("#ffdf9a") * brief.light.lamps

    def paint(u: Array, v: Array) -> Array:
        du, dv = u - at[0], v - at[1]
        across = dv - du * tilt
        away = length(du, dv)
        beam = ramp(0.03, 0.0, np.abs(across) - 0.012 - 0.1 * np.abs(du)) * ramp(1.7, 0.0, np.abs(du))
        return painter(u, v) + warm * (beam * 0.32 + 0.02 / (0.012 + away * away) * 0.35 * ramp(1.0, 0.1, away))

    return paint


class _Tower:
    def __init__(self, brief: Brief) -> None:
        dice = brief.dice("tower")
        self.noise = brief.noise("rock")
        self.stripe = brief.colour("#c22a26")
        self.stripes = dice.whole(4, 6)
        self.spiral = dice.between(0.6, 1.2) if dice.chance(0.3) else 0.0
        self.wall = rgb("#f2ece0")
        self.stone = rgb(dice.pick(("#6f6257", "#5b5a60", "#7a6a58")))
        self.house = dice.sign()
        self.reach = dice.between(0.75, 0.95)
        self.lamps = brief.light.lamps
        self.snow = 0.9 if brief.reading.season == "snow" else 0.0
        self.grass = rgb("#7d9148") if brief.reading.season in ("", "summer", "spring") else self.stone

    def distance(self, x: Array, y: Array, z: Array) -> Array:
        return self._solid(x, y, z, self._lumps(x, y, z))

    def rough(self, x: Array, y: Array, z: Array) -> Array:
        """With the small cracks in the rock that only its shading needs."""
        lumps = self._lumps(x, y, z)
        cracks = (self.noise.clouds(x * 5.2 + z * 2, y * 6.4 + z * 4, octaves=3) - 0.5) * 0.12
        return self._solid(x, y, z, lumps + cracks * ramp(0.5, 0.3, y))

    def _lumps(self, x: Array, y: Array, z: Array) -> Array:
        return (self.noise.clouds(x * 1.7 + z * 0.9 + 20, y * 2.1 + z * 1.5, octaves=2) - 0.5) * 0.4

    def _solid(self, x: Array, y: Array, z: Array, lumps: Array) -> Array:
        rock = egg(x, y, z, (0.2 * self.house, -0.1, 0), (1.5, 0.58, 1.1)) * 0.8 + lumps
        r = length(x, z)
        tower = turned(r, y, [(0.2, 0.5), (_GALLERY, 0.3)])
        tower = np.minimum(tower, turned(r, y, [(_GALLERY, 0.42), (_GALLERY + 0.05, 0.42)], 0.015))
        tower = np.minimum(tower, turned(r, y, [(_GALLERY, 0.2), (_LANTERN, 0.2)], 0.01))
        rail = torus(x, y, z, (0, _GALLERY + 0.2, 0), 0.41, 0.016)
        tower = np.minimum(tower, rail)
        tower = np.minimum(tower, turned(r, y, [(_LANTERN, 0.29), (_ROOF - 0.06, 0.04), (_ROOF, 0.035)], 0.02))
        hx = (x - self.house * self.reach) * 1.0
        walls = box(hx, y, z, (0, 0.62, 0.1), (0.42, 0.3, 0.3))
        # A gable roof: two planes over the walls.
        slope = (np.abs(z - 0.1) * 0.72 + (y - 1.14)) * 0.81
        roof = np.maximum(np.maximum(slope, 0.86 - y), np.abs(hx) - 0.47)
        chimney = box(hx, y, z, (0.2, 1.12, 0.0), (0.07, 0.18, 0.07))
        house = np.minimum(np.minimum(walls, roof), chimney)
        return least(melt(rock, tower, 0.05), house)

    def dress(self, x: Array, y: Array, z: Array) -> Skin:
        r = length(x, z)
        band = (y - _FOOT) / (_GALLERY - _FOOT) * self.stripes * 2 - 0.02
        band = band + self.spiral * np.arctan2(x, z) / np.pi
        red = ramp(0.46, 0.5, np.abs(band - 2 * np.floor(band / 2) - 0.5) * -1 + 0.98)
        wall = mix(self.wall, self.stripe, red)
        iron = rgb("#26262c")
        colour = mix(wall, iron, ramp(_GALLERY - 0.04, _GALLERY - 0.03, y))
        glass = (
            ramp(_GALLERY + 0.06, _GALLERY + 0.08, y) * ramp(_LANTERN - 0.02, _LANTERN - 0.04, y) * ramp(0.26, 0.24, r)
        )
        bars = ramp(0.8, 0.9, np.cos(np.arctan2(x, z) * 8))
        colour = mix(colour, rgb("#9fc4d4"), glass * (1 - bars))
        colour = mix(colour, self.stripe * 0.85, ramp(_LANTERN - 0.01, _LANTERN + 0.01, y) * ramp(0.36, 0.33, r))
        # The house.
        hx = x - self.house * self.reach
        in_house = ramp(0.5, 0.49, np.abs(hx)) * ramp(0.46, 0.5, r) * ramp(0.36, 0.38, y)
        front = ramp(0.38, 0.395, z)
        wx = np.abs(hx) - 0.19
        window = ramp(0.075, 0.07, np.abs(wx)) * ramp(0.1, 0.095, np.abs(y - 0.64)) * front * in_house
        cross = np.maximum(ramp(0.012, 0.008, np.abs(wx)), ramp(0.012, 0.008, np.abs(y - 0.64)))
        house = mix(self.wall, self.stripe * 0.8, ramp(0.86, 0.88, y))
        colour = mix(colour, house, in_house)
        lit = window * (1 - cross) + glass * (1 - bars) * 0.9
        colour = mix(colour, rgb("#31404c"), window * (1 - cross))
        # The rock, grass on its flat top.
        rock = ramp(0.36, 0.3, y) if self.grass is self.stone else ramp(0.4, 0.33, y)
        tower = 0.5 - 0.1 * (y - 0.2)
        rock = most(rock, ramp(0.03, 0.06, r - tower) * ramp(1.2, 1.0, y))
        speck = self.noise.clouds(x * 7 + 5, y * 7 + z * 5, octaves=2)
        stone = mix(self.stone * 0.55, self.stone * 1.25, speck)
        stone = mix(stone, self.stone * 0.3, ramp(0.1, 0.0, y))
        stone = mix(stone, self.grass * (0.7 + 0.6 * speck), ramp(0.2, 0.3, y + 0.16 * (speck - 0.5)))
        colour = mix(colour, stone, clamp(rock * (1 - in_house)))
        if self.snow:
            top = ramp(0.22, 0.34, y + 0.1 * speck) * rock + in_house * ramp(0.9, 0.96, y)
            colour = mix(colour, rgb("#f1f4fa"), clamp(top) * self.snow)
        return Skin(colour, gloss=glass * 0.6 + window * 0.3, glow=rgb("#ffc766") * (lit * 1.5 * self.lamps))
