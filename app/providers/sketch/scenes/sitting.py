"""Four-legged animals that sit and look at you: one anatomy, several animals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.providers.sketch import woods
from app.providers.sketch.arrays import Array, Painter, clamp, least, mix, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.colour import luma, rgb
from app.providers.sketch.shapes import ball, egg, limb, melt
from app.providers.sketch.space import Body, Camera, Skin
from app.providers.sketch.tableau import Tableau


@dataclass(frozen=True, slots=True)
class Animal:
    """coat, pale, socks: sRGB codes. ear: (reach out, height, root radius, tip radius). muzzle: length, thickness.
    stout: width of the body. tail: radii at root, middle, tip. belly: how far the pale front reaches."""

    coat: str
    pale: str
    socks: str
    ear: tuple[float, float, float, float]
    muzzle: tuple[float, float]
    head: tuple[float, float, float]
    stout: float
    tail: tuple[float, float, float]
    tail_tip: str
    iris: str = "#1b1512"
    mask: float = 1.0


ANIMALS = {
    "fox": Animal("#dd6a22", "#f6efe6", "#2b1d18", (0.1, 0.42, 0.17, 0.035), (0.36, 0.15), (0.4, 0.33, 0.35), 1.0,
                  (0.12, 0.24, 0.1), "#f6efe6"),
    "wolf": Animal("#7d848e", "#eceef0", "#646a73", (0.07, 0.36, 0.16, 0.04), (0.4, 0.18), (0.4, 0.35, 0.36), 1.12,
                   (0.13, 0.2, 0.1), "#4d525b", iris="#c9952c"),
    "dog": Animal("#c98b4a", "#f7efe2", "#f1e4d0", (0.12, 0.34, 0.16, 0.06), (0.34, 0.19), (0.4, 0.36, 0.37), 1.1,
                  (0.11, 0.15, 0.12), "#f7efe2"),
    "cat": Animal("#8d7a6a", "#f4ece2", "#f4ece2", (0.07, 0.3, 0.16, 0.03), (0.1, 0.15), (0.4, 0.34, 0.34), 0.95,
                  (0.09, 0.09, 0.08), "#5c4d42", iris="#7fae3e", mask=0.35),
    "rabbit": Animal("#b49a80", "#f6efe6", "#d8c8b4", (0.08, 0.5, 0.1, 0.09), (0.1, 0.17), (0.35, 0.33, 0.36), 1.0,
                     (0.15, 0.17, 0.12), "#f8f4ee", mask=0.3),
    "bear": Animal("#6b4327", "#b98a5c", "#4a2d1a", (0.1, 0.12, 0.14, 0.13), (0.24, 0.2), (0.43, 0.38, 0.38), 1.35,
                   (0.12, 0.13, 0.1), "#6b4327", mask=0.15),
}  # fmt: skip

# Heights above which there are no limbs, and below which there is no head.
_SHOULDERS, _CHIN = 0.87, 1.06


def compose(brief: Brief) -> Painter:
    animal = ANIMALS[brief.reading.subject.variant]
    dice = brief.dice("pose")
    camera = Camera(
        eye=(dice.between(-0.9, 0.9), dice.between(1.0, 1.5), 6.6),
        target=(dice.between(-0.25, 0.25), 1.02, 0.0),
        lens=dice.between(4.3, 4.9),
    )
    sitter = _Sitter(animal, brief)
    return Tableau(
        brief=brief,
        camera=camera,
        body=Body(sitter.distance, (0.1, 1.1, 0.0), 1.5 if animal.ear[1] < 0.6 else 1.75),
        dress=sitter.dress,
        ground=woods.floor(brief),
        backdrop=woods.backdrop(brief, camera.level()),
        standing=woods.trees(brief, camera.level()),
        towards=brief.light.direction(brief.side),
        ruffle=0.5,
    ).painter()


class _Sitter:
    """The animal in its pose. Its head turns and tilts about the neck; left and right are mirrored in head space."""

    def __init__(self, animal: Animal, brief: Brief) -> None:
        self.animal = animal
        dice = brief.dice("sitter")
        yaw, roll = dice.between(-0.5, 0.5), dice.between(-0.16, 0.16)
        self.cy, self.sy = float(np.cos(yaw)), float(np.sin(yaw))
        self.cr, self.sr = float(np.cos(roll)), float(np.sin(roll))
        self.tail_side = dice.sign()
        self.curl = dice.between(0.15, 0.5)
        self.coat = brief.colour(animal.coat)
        # A white or silver animal keeps a visible face: its pale parts turn a shade of its own coat instead.
        asked = float(luma(self.coat)[0])
        self.pale = rgb(animal.pale) if asked < 0.5 else self.coat * 0.94 + 0.05
        self.socks = rgb(animal.socks) if brief.reading.colour is None else self.coat * (0.16 if asked < 0.5 else 0.8)
        self.tip = rgb(animal.tail_tip) if brief.reading.colour is None else self.pale
        self.iris = rgb(animal.iris)

    def _head_space(self, x: Array, y: Array, z: Array) -> tuple[Array, Array, Array]:
        """Around the head's centre; x mirrored by the caller where wanted."""
        y = y - 1.46
        z = z - 0.1
        x, z = x * self.cy - z * self.sy, x * self.sy + z * self.cy
        return x * self.cr + y * self.sr, y * self.cr - x * self.sr, z

    def distance(self, x: Array, y: Array, z: Array) -> Array:
        """Limbs are measured only low down and the head only high up. Elsewhere a bound stands in for them that is
        short enough to be safe, and far enough from 0 to draw nothing."""
        s = self.animal.stout
        body = egg(x, y, z, (0, 0.6, -0.08), (0.4 * s, 0.6, 0.42 * s))
        body = melt(body, egg(x, y, z, (0, 0.92, 0.1), (0.29 * s, 0.42, 0.27)), 0.25)
        low = y < _SHOULDERS + 0.24
        high = y > _CHIN - 0.24
        out = least(body, np.where(low, np.float32(9), y - _SHOULDERS), np.where(high, np.float32(9), _CHIN - y))
        (here,) = np.nonzero(low)
        out[here] = self._limbs(out[here], x[here], y[here], z[here])
        (here,) = np.nonzero(high)
        hx, hy, hz = self._head_space(x[here], y[here], z[here])
        out[here] = melt(out[here], self._head(np.abs(hx), hy, hz), 0.16)
        return out

    def _limbs(self, body: Array, x: Array, y: Array, z: Array) -> Array:
        s = self.animal.stout
        m = np.abs(x)
        body = melt(body, egg(m, y, z, (0.31 * s, 0.3, 0.06), (0.22, 0.3, 0.36)), 0.14)
        body = melt(body, limb(m, y, z, (0.15 * s, 0.72, 0.22), (0.16 * s, 0.08, 0.36), 0.13, 0.085), 0.1)
        body = melt(body, egg(m, y, z, (0.16 * s, 0.06, 0.42), (0.1, 0.07, 0.14)), 0.05)
        body = melt(body, egg(m, y, z, (0.36 * s, 0.06, 0.36), (0.11, 0.07, 0.18)), 0.06)
        return melt(body, self._tail(x, y, z), 0.08)

    def _tail(self, x: Array, y: Array, z: Array) -> Array:
        x = x * self.tail_side
        root, middle, tip = self.animal.tail
        first = limb(x, y, z, (0.22, 0.16, -0.34), (0.66, middle, -0.12), root, middle)
        second = limb(x, y, z, (0.66, middle, -0.12), (0.74, middle + 0.02, 0.2), middle, middle * 0.92)
        third = limb(x, y, z, (0.74, middle + 0.02, 0.2), (0.56, tip + 0.08, 0.2 + self.curl), middle * 0.92, tip)
        return melt(melt(first, second, 0.12), third, 0.12)

    def _head(self, m: Array, y: Array, z: Array) -> Array:
        a = self.animal
        reach, tall, root, tip = a.ear
        long, thick = a.muzzle
        head = egg(m, y, z, (0, 0, 0), a.head)
        head = melt(head, egg(m, y, z, (0.21, -0.1, 0.1), (0.2, 0.15, 0.17)), 0.12)
        head = melt(head, limb(m, y, z, (0, -0.07, 0.22), (0, -0.13, 0.26 + long), thick, thick * 0.52), 0.1)
        # Ears are flat: measured in a space squeezed front to back.
        ear = limb(m, y, (z + 0.03) * 1.7, (0.21, 0.17, 0), (0.21 + reach, 0.2 + tall, 0), root, tip) * 0.62
        head = melt(head, ear, 0.05)
        head = np.minimum(head, ball(m, y, z, (0, -0.1, 0.27 + long), 0.062))
        return least(head, ball(m, y, z, (0.155, 0.055, a.head[2] * 0.84), 0.062))

    def dress(self, x: Array, y: Array, z: Array) -> Skin:
        a = self.animal
        hx, hy, hz = self._head_space(x, y, z)
        m = np.abs(hx)
        in_head = ramp(1.12, 1.2, y) * ramp(0.95, 0.85, m)
        coat = mix(self.coat * 0.72, self.coat * 1.08, ramp(0.1, 1.5, y))
        # The bib and the belly.
        bib = ramp(0.24, 0.14, np.abs(x) - 0.12 * ramp(0.5, 1.1, y)) * ramp(0.12, 0.22, z) * ramp(0.42, 0.6, y)
        colour = mix(coat, self.pale, bib * (1 - in_head))
        # Cheeks and the underside of the muzzle.
        cheek = ramp(-0.02, -0.09, hy - 0.34 * (m - 0.12) * a.mask - 0.02) * ramp(-0.05, 0.12, hz)
        colour = mix(colour, self.pale, cheek * in_head)
        # Socks, ears and the tail's tip.
        legs = ramp(0.42, 0.16, y) * ramp(0.12, 0.22, z) * ramp(0.5, 0.42, np.abs(x))
        colour = mix(colour, self.socks, legs * (1 - in_head))
        side = x * self.tail_side
        tip = ramp(0.2 + self.curl * 0.35, 0.26 + self.curl * 0.5, z) * ramp(0.44, 0.5, side) * ramp(0.6, 0.5, y)
        colour = mix(colour, self.tip, tip)
        inner = ramp(0.12, 0.06, np.abs(m - 0.22 - a.ear[0] * 0.45)) * ramp(0.22, 0.28, hy) * ramp(-0.03, 0.03, hz)
        colour = mix(
            colour, self.socks * 0.7 + self.pale * 0.22, inner * in_head * ramp(0.2 + a.ear[1], 0.1 + a.ear[1], hy)
        )
        tips = ramp(0.1 + a.ear[1] * 0.7, 0.2 + a.ear[1], hy)
        colour = mix(colour, self.socks, tips * in_head)
        # Eyes and nose: dark, wet, with the light in them.
        nose = ramp(0.085, 0.07, np.sqrt(m * m + (hy + 0.1) ** 2 + (hz - 0.27 - a.muzzle[0]) ** 2))
        ex, ey, ez = m - 0.155, hy - 0.055, hz - a.head[2] * 0.84
        eye = ramp(0.075, 0.066, np.sqrt(ex * ex + ey * ey + ez * ez))
        pupil = ramp(0.034, 0.024, np.sqrt(ex * ex + ey * ey))
        wet = np.maximum(nose, eye)
        colour = mix(colour, rgb("#141010"), nose)
        colour = mix(colour, mix(self.iris, rgb("#0c0a0a"), pupil), eye)
        gx, gy = hx * np.sign(hx) - 0.14, hy - 0.08
        glint = ramp(0.018, 0.008, np.sqrt(gx * gx + gy * gy)) * eye
        return Skin(colour, gloss=wet * 0.9, glow=clamp(glint) * 0.9)
