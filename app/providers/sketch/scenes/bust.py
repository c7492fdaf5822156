"""Head and shoulders of somebody made of clay, quiet before a plain wall."""

from __future__ import annotations

import numpy as np

from app.providers.sketch import studio
from app.providers.sketch.arrays import Array, Painter, least, length, mix, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.colour import rgb
from app.providers.sketch.shapes import ball, egg, limb, melt, torus
from app.providers.sketch.space import Body, Camera, Skin
from app.providers.sketch.tableau import Tableau

_SKINS = ("#f0c8a4", "#d99e72", "#b87748", "#8a5230", "#5f3722")
_HAIR = ("#1d1614", "#3a2418", "#7a3a1a", "#b3702c", "#c9c2b8", "#8f2a1e")
_WALLS = ("#7d3b33", "#1f6b66", "#e0912f", "#3d4f7a", "#d9c7a8", "#5a3f66", "#c95f4a", "#8fa58a")
_CLOTHES = ("#23405c", "#d9c9ae", "#8a2f24", "#2f5f4a", "#d9a425", "#2b2b31")
_STYLES = ("bob", "bun", "curls", "short", "long")


def compose(brief: Brief) -> Painter:
    dice = brief.dice("pose")
    camera = Camera(
        eye=(dice.between(-0.7, 0.7), dice.between(1.5, 1.9), 8.0), target=(0, 1.36, 0), lens=dice.between(5.7, 6.2)
    )
    wall = rgb(brief.reading.places.get("sky") or dice.pick(_WALLS))
    person = _Person(brief)
    return Tableau(
        brief=brief,
        camera=camera,
        body=Body(person.distance, (0, 1.05, 0), 1.75),
        dress=person.dress,
        ground=studio.table(brief, wall * 0.8),
        backdrop=studio.wall(brief, wall),
        towards=brief.light.direction(brief.side),
        ruffle=0.05,
        depth=20,
    ).painter()


class _Person:
    def __init__(self, brief: Brief) -> None:
        dice = brief.dice("person")
        yaw, roll = dice.between(-0.6, 0.6), dice.between(-0.1, 0.1)
        self.cy, self.sy = float(np.cos(yaw)), float(np.sin(yaw))
        self.cr, self.sr = float(np.cos(roll)), float(np.sin(roll))
        self.skin = rgb(dice.pick(_SKINS))
        self.hair = rgb(dice.pick(_HAIR))
        self.style = dice.pick(_STYLES)
        self.clothes = brief.colour(dice.pick(_CLOTHES))
        self.lips = mix(self.skin, rgb("#a8322f"), 0.55)
        self.metal = rgb("#e0b04a")
        self.earrings = dice.chance(0.7)
        self.hat = dice.chance(0.25)
        self.collar = dice.chance(0.5)
        self.noise = brief.noise("curls")

    def _head_space(self, x: Array, y: Array, z: Array) -> tuple[Array, Array, Array]:
        y = y - 1.62
        x, z = x * self.cy - z * self.sy, x * self.sy + z * self.cy
        return x * self.cr + y * self.sr, y * self.cr - x * self.sr, z

    def distance(self, x: Array, y: Array, z: Array) -> Array:
        return least(np.minimum(self._flesh(x, y, z), self._cloth(x, y, z)), self._crown(x, y, z))

    def _flesh(self, x: Array, y: Array, z: Array) -> Array:
        hx, hy, hz = self._head_space(x, y, z)
        m = np.abs(hx)
        head = egg(m, hy, hz, (0, 0.06, -0.02), (0.4, 0.47, 0.44))
        head = melt(head, egg(m, hy, hz, (0, -0.24, 0.1), (0.27, 0.25, 0.28)), 0.18)
        nose = limb(m, hy, hz, (0, 0.06, 0.4), (0, -0.12, 0.5), 0.04, 0.062)
        head = melt(head, nose, 0.06)
        head = melt(head, egg(m, hy, hz, (0, -0.27, 0.375), (0.1, 0.036, 0.04)), 0.03)
        # Closed lids: gentle domes.
        head = melt(head, egg(m, hy, hz, (0.16, 0.04, 0.345), (0.09, 0.06, 0.06)), 0.04)
        head = melt(head, egg(m, hy, hz, (0.41, -0.02, -0.02), (0.05, 0.11, 0.08)), 0.03)
        if self.earrings:
            head = np.minimum(head, ball(m, hy, hz, (0.44, -0.2, 0.0), 0.055))
        neck = limb(x, y, z, (0, 0.6, -0.06), (0, 1.35, -0.04), 0.22, 0.17)
        return melt(head, neck, 0.08)

    def _cloth(self, x: Array, y: Array, z: Array) -> Array:
        m = np.abs(x)
        body = limb(m, y, z, (0.2, 0.4, -0.06), (0.54, 0.3, -0.06), 0.36, 0.27)
        body = melt(body, egg(x, y, z, (0, 0.42, -0.05), (0.5, 0.42, 0.42)), 0.3)
        body = melt(body, egg(m, y, z, (0.0, -0.15, -0.05), (0.72, 0.75, 0.42)), 0.2)
        if self.collar:
            return melt(body, limb(x, y, z, (0, 0.7, -0.06), (0, 1.02, -0.05), 0.29, 0.235), 0.1)
        return melt(body, torus(x, y * 1.0, z, (0, 0.8, -0.04), 0.25, 0.05), 0.06)

    def _crown(self, x: Array, y: Array, z: Array) -> Array:
        """Hair, and the hat over it."""
        hx, hy, hz = self._head_space(x, y, z)
        m = np.abs(hx)
        cap = egg(m, hy, hz, (0, 0.15, -0.08), (0.47, 0.47, 0.49))
        # The face stays free: hair is cut along a slanted plane in front.
        cut = hz * 0.86 - hy * 0.5 - 0.13
        if self.style == "curls":
            bumps = np.sin(hx * 17) * np.sin(hy * 17 + 1) * np.sin(hz * 17 + 2)
            cap = egg(m, hy, hz, (0, 0.2, -0.1), (0.6, 0.55, 0.56)) - 0.045 * bumps
            hair = np.maximum(cap, cut)
        elif self.style == "bun":
            hair = np.minimum(np.maximum(cap, cut), ball(m, hy, hz, (0, 0.66, -0.2), 0.24))
        elif self.style == "bob":
            bob = egg(m, hy, hz, (0, -0.02, -0.1), (0.53, 0.55, 0.47))
            hair = np.maximum(
                np.maximum(melt(cap, bob, 0.1), hz * 0.9 - np.maximum(hy - 0.18, 0) * 1.4 - 0.1), -0.42 - hy
            )
        elif self.style == "long":
            fall = limb(m, hy, hz, (0.2, 0.2, -0.2), (0.34, -0.85, -0.16), 0.3, 0.16)
            hair = np.maximum(melt(cap, fall, 0.15), hz * 0.9 - np.maximum(hy - 0.12, 0) * 1.2 - 0.1)
        else:
            hair = np.maximum(cap, np.maximum(cut, -0.22 - hy))
        if self.hat:
            brim = egg(m, hy, hz, (0, 0.36, -0.04), (0.86, 0.045, 0.86))
            top = egg(m, hy, hz, (0, 0.45, -0.06), (0.45, 0.36, 0.45))
            hair = np.minimum(hair, melt(brim, np.maximum(top, 0.36 - hy), 0.05))
        return hair * 0.85

    def dress(self, x: Array, y: Array, z: Array) -> Skin:
        hx, hy, hz = self._head_space(x, y, z)
        m = np.abs(hx)
        flesh, cloth, crown = self._flesh(x, y, z), self._cloth(x, y, z), self._crown(x, y, z)
        front = ramp(0.2, 0.3, hz)
        blush = ramp(0.16, 0.04, length(m - 0.23, hy + 0.13)) * front
        face = mix(self.skin, mix(self.skin, rgb("#d8574a"), 0.5), blush * 0.55)
        lips = ramp(1.05, 0.85, length((hx) / 0.1, (hy + 0.27 + 0.015 * np.cos(hx * 40)) / 0.042)) * front
        face = mix(face, self.lips, lips)
        parted = ramp(0.009, 0.004, np.abs(hy + 0.268 - 0.1 * m * m)) * ramp(0.095, 0.08, m) * front
        face = mix(face, self.lips * 0.35, parted)
        # Lashes curve under each lid, brows above.
        lash = ramp(0.014, 0.007, np.abs(hy - 0.02 + 0.035 - 3.2 * (m - 0.16) ** 2)) * ramp(
            0.1, 0.085, np.abs(m - 0.16)
        )
        brow = ramp(0.022, 0.012, np.abs(hy - 0.19 + 1.6 * (m - 0.17) ** 2)) * ramp(0.115, 0.095, np.abs(m - 0.17))
        face = mix(face, self.hair * 0.4, np.maximum(lash, brow * 0.85) * front)
        ring = self.earrings * (ball(m, hy, hz, (0.44, -0.2, 0.0), 0.055) < 0.01)
        face = mix(face, self.metal, ring.astype(np.float32))
        strands = 0.8 + 0.4 * self.noise.at(hx * 26 + hz * 9, hy * 4 + hz * 3)
        hair = self.hair * strands
        if self.hat:
            band = ramp(0.34, 0.35, hy) * ramp(0.5, 0.48, hy) * ramp(0.5, 0.49, length(hx, hz))
            hair = mix(hair, mix(self.clothes * 0.9, self.clothes * 0.35, band), ramp(0.3, 0.31, hy))
        colour = np.where(
            flesh < np.minimum(cloth, crown), face, np.where(cloth < crown, self.clothes + 0 * face, hair)
        )
        is_hair = (crown < np.minimum(flesh, cloth)) * 1.0
        return Skin(colour, gloss=(0.12 + 0.25 * is_hair + 0.5 * ring).astype(np.float32))
