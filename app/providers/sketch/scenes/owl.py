"""An owl on a stump, looking at you."""

from __future__ import annotations

import numpy as np

from app.providers.sketch import woods
from app.providers.sketch.arrays import Array, Painter, least, length, mix, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.colour import luma, rgb, shift
from app.providers.sketch.shapes import ball, egg, limb, melt, turned
from app.providers.sketch.space import Body, Camera, Skin
from app.providers.sketch.tableau import Tableau

_STUMP = 0.5


def compose(brief: Brief) -> Painter:
    dice = brief.dice("pose")
    camera = Camera(
        eye=(dice.between(-1.0, 1.0), dice.between(1.2, 1.7), 6.6), target=(dice.between(-0.2, 0.2), 1.08, 0), lens=4.5
    )
    owl = _Owl(brief)
    return Tableau(
        brief=brief,
        camera=camera,
        body=Body(owl.distance, (0, 0.95, 0), 1.35),
        dress=owl.dress,
        ground=woods.floor(brief),
        backdrop=woods.backdrop(brief, camera.level()),
        standing=woods.trees(brief, camera.level()),
        towards=brief.light.direction(brief.side),
        ruffle=0.4,
    ).painter()


class _Owl:
    def __init__(self, brief: Brief) -> None:
        dice = brief.dice("owl")
        yaw, roll = dice.between(-0.55, 0.55), dice.between(-0.25, 0.25)
        self.cy, self.sy = float(np.cos(yaw)), float(np.sin(yaw))
        self.cr, self.sr = float(np.cos(roll)), float(np.sin(roll))
        self.tufts = dice.between(0.1, 0.3)
        self.coat = brief.colour("#8a6445")
        light = float(luma(self.coat)[0]) > 0.5
        self.face = self.coat * 0.9 + 0.05 if light else mix(self.coat, rgb("#f6ead6"), 0.78)
        self.dark = self.coat * (0.62 if light else 0.4)
        self.iris = rgb(dice.pick(("#f2b01e", "#f27f1e", "#e8d23a")))
        self.bark = rgb("#5c4636")
        self.top = shift(rgb("#b58d62"), value=dice.between(0.9, 1.1))
        self.moss = dice.between(0, 20)
        self.noise = brief.noise("bark")

    def _head_space(self, x: Array, y: Array, z: Array) -> tuple[Array, Array, Array]:
        y = y - 1.5
        x, z = x * self.cy - z * self.sy, x * self.sy + z * self.cy
        return x * self.cr + y * self.sr, y * self.cr - x * self.sr, z

    def distance(self, x: Array, y: Array, z: Array) -> Array:
        m = np.abs(x)
        body = egg(x, y, z, (0, 0.98, -0.02), (0.46, 0.54, 0.42))
        body = melt(body, egg(m, y, z, (0.42, 0.94, -0.06), (0.13, 0.46, 0.3)), 0.05)
        body = melt(body, egg(m, y, z, (0.16, 0.5, 0.24), (0.11, 0.06, 0.17)), 0.03)
        body = melt(body, limb(x, y, z, (0, 0.75, -0.3), (0, 0.42, -0.5), 0.18, 0.1), 0.1)
        hx, hy, hz = self._head_space(x, y, z)
        h = np.abs(hx)
        head = egg(h, hy, hz, (0, 0, 0), (0.47, 0.38, 0.4))
        head = melt(head, limb(h, hy, hz * 1.4, (0.26, 0.26, 0.1), (0.36, 0.34 + self.tufts, 0.02), 0.11, 0.02), 0.08)
        # The discs around the eyes are shallow bowls.
        head = melt(head, egg(h, hy, hz, (0.19, 0.02, 0.28), (0.2, 0.2, 0.13)), 0.06)
        head = np.minimum(head, ball(h, hy, hz, (0.19, 0.03, 0.34), 0.115))
        head = np.minimum(head, limb(h, hy, hz, (0, -0.03, 0.42), (0, -0.15, 0.45), 0.06, 0.015))
        stump = turned(length(x, z), y, [(-0.1, 0.66), (0.1, 0.56), (_STUMP - 0.06, 0.5)], 0.04)
        return least(melt(body, head, 0.1), stump)

    def dress(self, x: Array, y: Array, z: Array) -> Skin:
        hx, hy, hz = self._head_space(x, y, z)
        h = np.abs(hx)
        in_head = ramp(-0.42, -0.32, hy)
        # Breast feathers: rows of small dark arcs on a pale front, each row half a step aside.
        row = np.floor(y * 9)
        place = x * 8 + row * 0.5
        arc = y * 9 - row - 0.25 - 1.6 * (place - np.floor(place) - 0.5) ** 2
        scallop = ramp(0.26, 0.1, np.abs(arc))
        front = ramp(0.4, 0.3, np.abs(x)) * ramp(0.05, 0.2, z)
        colour = mix(self.coat, mix(self.face, self.dark, scallop * 0.8), front)
        bars = ramp(0.2, 0.6, np.sin(y * 30 + np.abs(x) * 9)) * (1 - front)
        colour = mix(colour, self.dark, bars * 0.5)
        feet = ramp(0.58, 0.54, y) * ramp(0.1, 0.2, z)
        colour = mix(colour, rgb("#d99a35"), feet)
        # Head: coat above, pale discs with a dark rim.
        disc = length(h - 0.19, hy - 0.02)
        head = mix(self.coat * 0.9, self.face, ramp(0.235, 0.205, disc) * ramp(0.1, 0.2, hz))
        head = mix(head, self.dark, ramp(0.03, 0.01, np.abs(disc - 0.225)) * ramp(0.1, 0.2, hz) * 0.9)
        rays = ramp(0.3, 0.9, np.sin(np.arctan2(hy - 0.02, h - 0.19) * 22)) * ramp(0.13, 0.2, disc)
        head = mix(head, self.dark, rays * 0.25 * ramp(0.1, 0.2, hz))
        colour = mix(colour, head, in_head)
        eye = ramp(0.128, 0.118, length(h - 0.19, hy - 0.03, hz - 0.34))
        round_ = length(h - 0.19, hy - 0.03)
        ball_ = mix(self.iris, rgb("#0b0908"), ramp(0.068, 0.058, round_))
        ball_ = mix(ball_, rgb("#0b0908"), ramp(0.098, 0.108, round_))
        colour = mix(colour, ball_, eye)
        beak = ramp(0.07, 0.05, h) * ramp(0.4, 0.43, hz) * ramp(0.03, 0.0, hy) * in_head
        colour = mix(colour, rgb("#e0a637"), beak)
        glint = eye * ramp(0.026, 0.014, length(h - 0.16, hy - 0.075))
        wood = ramp(_STUMP + 0.012, _STUMP - 0.012, y)
        radius = length(x, z)
        rings = mix(self.top, self.top * 0.6, ramp(0.3, 0.8, np.sin(radius * 60 + self.noise.at(x * 3, z * 3) * 5)))
        rough = self.noise.at(np.arctan2(z, x) * 9 + 60, y * 2.2 + 40)
        bark = mix(self.bark * 0.5, self.bark * 1.2, rough)
        mossy = ramp(0.5, 0.65, self.noise.clouds(x * 3 + self.moss, y * 3 + z * 2, octaves=2) + 0.2 * (0.3 - y))
        bark = mix(bark, rgb("#6f8a3c"), mossy)
        stump = mix(bark, rings, ramp(_STUMP - 0.06, _STUMP - 0.02, y))
        # Feet and tail stand above the cut; what is below it and far out belongs to the stump.
        colour = mix(
            colour, stump, np.maximum(wood * ramp(0.0, 0.02, radius - 0.0), 0) * (1 - feet * ramp(0.44, 0.47, y))
        )
        return Skin(colour, gloss=eye * 0.9 + beak * 0.4, glow=glint * 0.9)
