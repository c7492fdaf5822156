"""Hot-air balloons over misty hills."""

from __future__ import annotations

import numpy as np

from app.providers.sketch.arrays import Array, Painter, clamp, mix, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.chance import Dice
from app.providers.sketch.colour import rgb, shift
from app.providers.sketch.ridges import Range, ranges
from app.providers.sketch.sky import sky

_PALETTE = ("#d8432f", "#e9a13b", "#2f7f8e", "#e7d9b8", "#a34f8f", "#4d7f4a", "#3b5b9a")


def compose(brief: Brief) -> Painter:
    dice = brief.dice("balloons")
    h = brief.half_h
    horizon = -0.45 * h
    hills = [
        Range(horizon - 0.1, 0.5 * h, 1.0, 0.75, rgb("#8496a8"), sharp=0.5),
        Range(horizon - 0.3, 0.5 * h, 0.9, 0.5, rgb("#8a6f5a"), sharp=0.3),
        Range(horizon - 0.55 * h, 0.45 * h, 0.8, 0.15, rgb("#5a5a3a"), pines=0.1),
    ]
    land = ranges(brief, sky(brief, horizon, clouds=0.8), hills)
    count = 2 if brief.sparse < 1 else dice.whole(4, 7)
    own = brief.reading.colour
    flock: list[_Balloon] = []
    for i in range(count):
        size = 0.42 if i == 0 else dice.between(0.08, 0.27)
        at = (dice.between(-0.3, 0.3), dice.between(0.2, 0.35)) if i == 0 else _apart(dice, flock, brief, size)
        first = rgb(own) if own else rgb(dice.pick(_PALETTE))
        second = rgb("#f3ead6") if own and i == 0 else rgb(dice.pick(_PALETTE))
        if own and i:
            first = shift(first, hue=dice.between(-0.06, 0.06), value=dice.between(0.75, 1.1))
        flock.append(_Balloon(brief, at, size, first, second, dice.whole(8, 14), dice.whole(0, 2)))
    flock.sort(key=lambda balloon: balloon.size)

    def paint(u: Array, v: Array) -> Array:
        colour = land(u, v)
        for balloon in flock:
            colour = balloon.paint(colour, u, v)
        return colour

    return paint


def _apart(dice: Dice, flock: list[_Balloon], brief: Brief, size: float) -> tuple[float, float]:
    """A place in the sky clear of the others, if one turns up in a few tries."""
    for _ in range(30):
        at = (dice.between(-0.85, 0.85) * brief.half_w, dice.between(-0.3, 0.85) * brief.half_h)
        if all(np.hypot(at[0] - b.at[0], at[1] - b.at[1]) > 1.25 * (size + b.size) for b in flock):
            break
    return at


class _Balloon:
    """at: centre of the envelope. size: its radius. stripes around it; bands: 0 plain, 1 one belt, 2 zigzag."""

    def __init__(
        self, brief: Brief, at: tuple[float, float], size: float, first: Array, second: Array, stripes: int, bands: int
    ) -> None:
        self.at, self.size = at, size
        self.first, self.second, self.stripes, self.bands = first, second, stripes, bands
        self.light, self.pixel = brief.light, brief.pixel
        self.towards = brief.light.direction(brief.side)
        self.haze = float(np.clip(0.5 - size * 1.3, 0.0, 0.5))
        self.glow = 0.7 * brief.light.lamps

    def paint(self, colour: Array, u: Array, v: Array) -> Array:
        near = np.flatnonzero(
            (np.abs(u - self.at[0]) < self.size * 1.1) & (np.abs(v - self.at[1] + self.size * 0.4) < self.size * 1.6)
        )
        if near.size == 0:
            return colour
        x, y = (u[near] - self.at[0]) / self.size, (v[near] - self.at[1]) / self.size
        colour[:, near] = self._over(colour[:, near], x, y)
        return colour

    def _over(self, colour: Array, x: Array, y: Array) -> Array:
        light = self.light
        soft = self.pixel / self.size
        # The envelope: a ball whose lower half narrows to the mouth.
        taper = np.where(y < 0, 1 - 0.42 * (y * y) - 0.1 * np.abs(y), 1.0).astype(np.float32)
        half = np.sqrt(np.maximum(1 - np.maximum(y, 0) ** 2, 0)) * taper
        inside = np.minimum((half - np.abs(x)), (y + 1.12))
        cover = ramp(-soft, soft, inside)
        nx = clamp(x / np.maximum(half, 0.05), -1, 1)
        nz = np.sqrt(np.maximum(1 - nx * nx, 0))
        ny = y * 0.85
        gore = np.floor((np.arcsin(nx) / np.pi + 0.5) * self.stripes)
        odd = (gore - 2 * np.floor(gore / 2)) > 0.5
        if self.bands == 1:
            odd = odd ^ (np.abs(y - 0.1) < 0.16)
        if self.bands == 2:
            fold = np.abs((np.arcsin(nx) / np.pi + 0.5) * self.stripes - gore - 0.5)
            odd = odd ^ (y > 0.15 + fold * 0.5)
        cloth = np.where(odd, self.first, self.second)
        seam = (np.arcsin(nx) / np.pi + 0.5) * self.stripes - gore
        lx, ly, lz = self.towards
        puff = (seam - 0.5) * 0.5
        sun = clamp((nx + puff) * lx + ny * ly + nz * lz * 0.9 + 0.12)
        lit = cloth * (light.key * sun + light.fill * (0.55 + 0.35 * ny) + light.bounce * 0.5)
        lit = lit + cloth * rgb("#ffb54a") * (self.glow * 1.6 * ramp(0.9, -1.0, y))
        lit = mix(lit, light.haze, self.haze)
        # Ropes and basket.
        rope = ramp(soft + 0.012, 0.012, np.abs(np.abs(x) - 0.13 - (y + 1.5) * 0.14)) * (y < -1.05) * (y > -1.5)
        basket = ramp(-soft, soft, np.minimum(0.15 - np.abs(x), np.minimum(-1.42 - y, y + 1.68)))
        wicker = rgb("#7a5230") * (light.key * (0.5 + 0.4 * np.sign(x * lx)) + light.fill)
        colour = mix(colour, rgb("#2b2622") * light.fill, rope * 0.7 * (1 - self.haze))
        colour = mix(colour, mix(wicker, light.haze, self.haze), basket)
        return mix(colour, lit, cover)
