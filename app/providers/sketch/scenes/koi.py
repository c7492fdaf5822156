"""Koi under lily pads, seen from above."""

from __future__ import annotations

import numpy as np

from app.providers.sketch.arrays import Array, Painter, clamp, mix, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.colour import rgb, shift
from app.providers.sketch.noise import Noise

_PATTERNS = (
    ("#f4efe6", "#e2502b"),
    ("#e8612c", "#f4efe6"),
    ("#f0a53a", "#d9822b"),
    ("#f4efe6", "#2b2b31"),
    ("#d9412b", "#2b2b31"),
)


def compose(brief: Brief) -> Painter:
    dice = brief.dice("koi")
    noise = brief.noise("pond")
    light = brief.light
    deep = rgb(brief.reading.places.get("ground", "#0f4a45"))
    fish = []
    for i in range(2 if brief.sparse < 1 else dice.whole(4, 6)):
        base, patch = (rgb(code) for code in dice.pick(_PATTERNS))
        if brief.reading.colour:
            base, patch = (
                (rgb(brief.reading.colour), rgb("#f4efe6"))
                if i % 2 == 0
                else (rgb("#f4efe6"), rgb(brief.reading.colour))
            )
        a = i * 2.4 + dice.between(-0.4, 0.4)
        r = 0.12 + 0.62 * ((i + 0.4) / 6) ** 0.5
        at = (r * float(np.cos(a)) * brief.half_w * 1.05, r * float(np.sin(a)) * brief.half_h * 1.05)
        fish.append(
            _Koi(
                at, dice.between(0.34, 0.5), a + dice.between(1.1, 2.0), dice.between(-1.1, 1.1), base, patch, i, noise
            )
        )
    pads = []
    for _ in range(3 if brief.sparse < 1 else dice.whole(6, 9)):
        a, r = dice.between(0, 6.28), dice.between(0.75, 1.2)
        pads.append(
            (
                r * np.cos(a) * brief.half_w,
                r * np.sin(a) * brief.half_h,
                dice.between(0.12, 0.27),
                dice.between(0, 6.28),
            )
        )
    lx, ly, _ = light.direction(brief.side)
    lily = (dice.whole(0, len(pads) - 1), rgb(dice.pick(("#f7d6e2", "#f4efe6", "#f3e08a"))))
    tone = light.key * 0.55 + light.fill * 0.8

    def paint(u: Array, v: Array) -> Array:
        murk = noise.clouds(u * 1.2 + 20, v * 1.2, octaves=3)
        colour = deep * tone * (0.45 + 0.75 * murk)
        pebbles = noise.at(u * 16, v * 16) * noise.at(u * 31 + 9, v * 31)
        colour = colour * (0.82 + 0.5 * pebbles)
        wx, wy = noise.at(u * 3 + 60, v * 3) - 0.5, noise.at(u * 3, v * 3 + 60) - 0.5
        web = np.abs(noise.at(u * 4.2 + wx * 1.8, v * 4.2 + wy * 1.8) - 0.5) * 2
        colour = colour + light.key * deep * (ramp(0.16, 0.0, web) * 0.55)
        for koi in fish:
            colour = koi.shadow(colour, u + lx * 0.09, v + ly * 0.09)
        for koi in fish:
            colour = koi.paint(colour, u + wx * 0.02, v + wy * 0.02, tone)
        for px, py, r, _turn in pads:
            colour = colour * (1 - 0.45 * ramp(1.1, 0.85, _around(u + lx * 0.05, v + ly * 0.05, px, py) / r))
        for i, (px, py, r, turn) in enumerate(pads):
            colour = _pad(colour, noise, u, v, (px, py, r, turn), tone, brief.pixel, i)
        px, py, r, turn = pads[lily[0]]
        colour = _lily(colour, u, v, (px, py, r * 0.75, turn), lily[1], tone)
        glare = ramp(0.72, 0.92, noise.clouds(u * 0.9 + 70, v * 2.0, octaves=3))
        return colour + light.horizon * (glare * 0.16)

    return paint


def _around(u: Array, v: Array, x: float, y: float) -> Array:
    return np.sqrt((u - x) ** 2 + (v - y) ** 2).astype(np.float32)


def _pad(
    colour: Array,
    noise: Noise,
    u: Array,
    v: Array,
    pad: tuple[float, float, float, float],
    tone: Array,
    pixel: float,
    i: int,
) -> Array:
    px, py, r, turn = pad
    away = _around(u, v, px, py) / r
    angle = np.arctan2(v - py, u - px) - turn
    angle = angle - 2 * np.pi * np.floor(angle / (2 * np.pi) + 0.5)
    slit = ramp(0.0, 0.05, np.abs(angle) - 0.18 * away)
    cover = ramp(1 + pixel / r, 1 - pixel / r, away + 0.02 * np.sin(angle * 9)) * slit
    vein = ramp(0.82, 1.0, np.cos(angle * 14)) * ramp(0.0, 0.3, away)
    leaf = mix(rgb("#2c6b34"), rgb("#79a83e"), clamp(0.25 + 0.5 * noise.at(u * 5 + i * 9, v * 5) + 0.3 * vein))
    edge = ramp(0.9, 1.0, away)
    return mix(colour, leaf * tone * (1.0 - 0.35 * edge), cover)


def _lily(colour: Array, u: Array, v: Array, at: tuple[float, float, float, float], petal: Array, tone: Array) -> Array:
    px, py, r, turn = at
    angle = np.arctan2(v - py, u - px) + turn
    away = _around(u, v, px, py) / r
    for ring in range(3):
        reach = 1.0 - 0.26 * ring
        w = np.abs(((angle + ring * 0.4) * (8 / (2 * np.pi))) % 1.0 - 0.5) * 2
        inside = reach * (1 - 0.62 * w * w) - away
        lit = petal * tone * (0.62 + 0.4 * (away / reach) + 0.1 * ring) * (1 - 0.25 * ramp(0.7, 1.0, w))
        colour = mix(colour * (1 - 0.3 * ramp(-0.12, 0, inside)), lit.astype(np.float32), ramp(0, 0.04, inside))
    return mix(colour, rgb("#f0b93a") * tone, ramp(0.22, 0.16, away))


class _Koi:
    """A bent spindle with a tail fan and two fins. heading: where the head points; bend: curve of the spine."""

    def __init__(
        self,
        at: tuple[float, float],
        size: float,
        heading: float,
        bend: float,
        base: Array,
        patch: Array,
        number: int,
        noise: Noise,
    ) -> None:
        self.at, self.size, self.bend, self.base, self.patch, self.number, self.noise = (
            at,
            size,
            bend,
            base,
            patch,
            number,
            noise,
        )
        self.c, self.s = float(np.cos(heading)), float(np.sin(heading))
        self.fin = shift(base, saturation=0.7, value=1.05)

    def _local(self, u: Array, v: Array) -> tuple[Array, Array]:
        """Along the spine (1 the nose, -1 the root of the tail) and across it."""
        x0, y0 = (u - self.at[0]) / self.size, (v - self.at[1]) / self.size
        x, y = x0 * self.c + y0 * self.s, y0 * self.c - x0 * self.s
        return x, y - self.bend * 0.28 * (x * x - 0.3) + 0.05 * np.sin(x * 4 + self.number)

    def _outline(self, x: Array, y: Array) -> tuple[Array, Array, Array]:
        """Signed insides of body, tail fan and side fins."""
        t = clamp((x + 1) * 0.5)
        half = 0.3 * np.sqrt(np.maximum(t * (1.0 - t), 0)) * (0.7 + 0.75 * t) * 1.35
        body = np.minimum(half - np.abs(y), np.minimum(1 - x, x + 1) + 0.02)
        back = -0.82 - x
        spread = 0.05 + 0.42 * back
        tail = np.minimum(
            np.minimum(back, spread - np.abs(y)), 0.62 - back - 0.2 * np.cos(np.abs(y) / np.maximum(spread, 0.05) * 2.2)
        )
        m = np.abs(y) - 0.2
        out = m + (0.42 - x) * 0.25
        fins = np.minimum(0.13 - np.abs((x - 0.36) + m * 0.75) - 0.12 * m, np.minimum(out, 0.36 - m))
        return body, tail, fins

    def shadow(self, colour: Array, u: Array, v: Array) -> Array:
        x, y = self._local(u, v)
        body, tail, fins = self._outline(x, y)
        return colour * (1 - 0.42 * ramp(-0.08, 0.1, np.maximum(body, np.maximum(tail, fins))))

    def paint(self, colour: Array, u: Array, v: Array, tone: Array) -> Array:
        x, y = self._local(u, v)
        body, tail, fins = self._outline(x, y)
        rays = 0.75 + 0.25 * np.cos(np.arctan2(y, -x - 0.6) * 40)
        rays_fin = 0.75 + 0.25 * np.cos((x - 0.36 + (np.abs(y) - 0.2) * 0.75) * 90)
        colour = mix(colour, self.fin * tone * rays, ramp(0.0, 0.04, tail) * 0.72)
        colour = mix(colour, self.fin * tone * rays_fin, ramp(0.0, 0.03, fins) * 0.75)
        blot = self.noise.clouds(x * 1.7 + self.number * 11, y * 2.2 + self.number * 7, octaves=2)
        skin = mix(self.base, self.patch, ramp(0.5, 0.54, blot))
        row = np.floor(x * 26)
        scale = np.abs((y * 24 + 0.5 * row) % 1.0 - 0.5)
        skin = skin * (0.94 + 0.12 * scale)
        round_ = ramp(0.0, 0.2, body)
        ridge = ramp(0.03, 0.0, np.abs(y)) * ramp(0.5, 0.2, x) * ramp(-0.8, -0.4, x)
        lit: Array = skin * tone * (0.55 + 0.6 * round_ + 0.15 * ridge)
        eye = ramp(0.045, 0.03, np.sqrt((x - 0.8) ** 2 + (np.abs(y) - 0.12) ** 2))
        lit = mix(lit, rgb("#15110f"), eye)
        return mix(colour, lit, ramp(0.0, 0.025, body))
