"""A sunlit court: a wall with arches, a sphere, steps and long shadows."""

from __future__ import annotations

import numpy as np

from app.providers.sketch.arrays import Array, Painter, least, mix, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.colour import rgb, shift
from app.providers.sketch.shapes import ball, box, limb, rectangle
from app.providers.sketch.sky import sky
from app.providers.sketch.space import Body, Camera, Skin
from app.providers.sketch.tableau import Tableau

_WALLS = ("#dd9a3c", "#e07a5f", "#e9b7a0", "#d9c7a0", "#4f8a8b", "#c95f6a")


def compose(brief: Brief) -> Painter:
    dice = brief.dice("pose")
    camera = Camera(
        eye=(dice.between(-1.6, 1.6), dice.between(1.3, 1.9), 8.6),
        target=(dice.between(-0.3, 0.3), dice.between(1.15, 1.3), 0),
        lens=dice.between(3.7, 4.4),
    )
    court = _Court(brief)
    return Tableau(
        brief=brief,
        camera=camera,
        body=Body(court.distance, (0, 1.2, 0), 6.6),
        dress=court.dress,
        ground=court.floor,
        backdrop=sky(brief, camera.level(), clouds=0.25, disc=False),
        towards=brief.light.direction(brief.side),
        ruffle=0.05,
        depth=60,
    ).painter()


class _Court:
    def __init__(self, brief: Brief) -> None:
        dice = brief.dice("court")
        self.wall = brief.colour(dice.pick(_WALLS))
        self.inner = shift(self.wall, hue=-0.03, saturation=1.15, value=0.85)
        self.ball = shift(self.wall, hue=dice.pick((0.5, -0.06, 0.42)), saturation=1.2)
        self.every = dice.between(1.35, 1.75)
        self.half = self.every * dice.between(0.27, 0.34)
        self.tall = dice.between(1.0, 1.35)
        self.top = dice.between(2.3, 2.75)
        self.ball_at = (dice.between(-1.0, 1.0), dice.between(1.1, 1.7), dice.between(0.3, 0.48))
        self.side = dice.sign()
        self.noise = brief.noise("plaster")
        self.leaf = rgb("#4f7d3a") if brief.reading.season != "autumn" else rgb("#b5702a")
        self.ground = (
            rgb(brief.reading.places["ground"]) if "ground" in brief.reading.places else self.wall * 0.9 + 0.06
        )

    def distance(self, x: Array, y: Array, z: Array) -> Array:
        wall = box(x, y, z, (0, self.top / 2, -0.6), (5.6, self.top / 2, 0.32), 0.01)
        near = x - np.floor(x / self.every + 0.5) * self.every
        opening = np.minimum(
            rectangle(near, y, (0, self.tall / 2), (self.half, self.tall / 2)),
            np.sqrt(near * near + (y - self.tall) ** 2) - self.half,
        )
        # The cut ends inside the wall: niches, deep enough for shadow.
        wall = np.maximum(wall, -np.maximum(opening, -(z + 0.72)))
        r = self.ball_at[2]
        shapes = np.minimum(wall, ball(x, y, z, (self.ball_at[0], r, self.ball_at[1]), r))
        for i in range(3):
            centre = (self.side * 2.35, 0.13 + 0.26 * i, 0.25 - 0.28 * i)
            shapes = np.minimum(shapes, box(x, y, z, centre, (0.75, 0.13, 0.75 - 0.28 * i + 0.28), 0.01))
        tree_x = -self.side * 1.85
        tree = limb(x, y, z, (tree_x, 0, 0.75), (tree_x, 0.75, 0.75), 0.035, 0.03)
        return least(shapes, np.minimum(tree, ball(x, y, z, (tree_x, 1.02, 0.75), 0.34)))

    def dress(self, x: Array, y: Array, z: Array) -> Skin:
        speck = self.noise.clouds(x * 6 + 9, y * 6 + z * 4, octaves=3)
        colour = self.wall * (0.9 + 0.2 * speck)
        colour = mix(colour, self.inner, ramp(-0.36, -0.42, z) * ramp(self.top - 0.05, self.top - 0.1, y))
        r = self.ball_at[2]
        own = ball(x, y, z, (self.ball_at[0], r, self.ball_at[1]), r) < 0.01
        colour = np.where(own, self.ball, colour)
        tree_x = -self.side * 1.85
        crown = ball(x, y, z, (tree_x, 1.02, 0.75), 0.34) < 0.01
        leaves = self.leaf * (0.6 + 0.9 * self.noise.at(x * 34 + z * 17, y * 34))
        colour = np.where(crown, leaves, colour)
        trunk = (np.abs(x - tree_x) < 0.05) & (y < 0.72) & (z > 0.6)
        colour = np.where(trunk, rgb("#6b4a30"), colour)
        return Skin(colour, gloss=own * np.float32(0.35))

    def floor(self, x: Array, z: Array) -> Skin:
        return Skin(self.ground * (0.94 + 0.12 * self.noise.at(x * 14, z * 14)))
