"""Glowing jellyfish rising through dark water."""

from __future__ import annotations

import numpy as np

from app.providers.sketch.arrays import Array, Painter, mix, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.colour import rgb, shift
from app.providers.sketch.noise import Noise

_GLOWS = ("#38d6ff", "#ff6ad5", "#8f7bff", "#5affc8", "#ffb46a")


def compose(brief: Brief) -> Painter:
    dice = brief.dice("jellyfish")
    noise = brief.noise("drift")
    light = brief.light
    lead = brief.colour(dice.pick(_GLOWS))
    count = 1 if brief.sparse < 1 else dice.whole(3, 5)
    swarm = []
    for i in range(count):
        size = dice.between(0.34, 0.42) if i == 0 else dice.between(0.1, 0.2)
        at = (dice.between(-0.2, 0.2), dice.between(0.15, 0.35))
        if i:
            aside = dice.between(0.32, 0.77) * dice.sign()
            at = (aside * brief.half_w, dice.between(-0.6, 0.75) * brief.half_h)
        tone = (
            lead
            if i == 0
            else (shift(lead, hue=dice.between(-0.15, 0.15)) if brief.reading.colour else rgb(dice.pick(_GLOWS)))
        )
        swarm.append(_Jelly(at, size, tone, dice.between(-0.35, 0.35), dice.between(0, 50), noise))
    swarm.sort(key=lambda jelly: jelly.size)
    top, bottom = mix(light.middle, rgb("#0a4a78"), 0.6) * 0.55, mix(light.zenith, rgb("#020817"), 0.75) * 0.6

    def paint(u: Array, v: Array) -> Array:
        colour = mix(bottom, top, ramp(-1.1, 1.1, v / brief.half_h))
        beam = noise.along(np.arctan2(v - 2.2 * brief.half_h, u + brief.side * 0.4) * 14, 3)
        colour = colour + (light.horizon * 0.5 + top) * (
            ramp(0.45, 0.9, beam) * ramp(-0.8, 1.2, v / brief.half_h) * 0.22
        )
        for scale in (9.0, 17.0):
            x, y = u * scale + 7, v * scale
            dx = x - np.floor(x) - 0.2 - 0.6 * noise.cell(x, y)
            dy = y - np.floor(y) - 0.2 - 0.6 * noise.cell(x + 70, y)
            here = noise.cell(x, y + 31) > 0.6
            colour = colour + lead * (ramp(0.1, 0.0, np.sqrt(dx * dx + dy * dy)) * here * 0.35)
        for jelly in swarm:
            colour = jelly.paint(colour, u, v)
        return colour

    return paint


class _Jelly:
    def __init__(
        self, at: tuple[float, float], size: float, tone: Array, lean: float, phase: float, noise: Noise
    ) -> None:
        self.at, self.size, self.tone, self.lean, self.phase, self.noise = at, size, tone, lean, phase, noise
        self.pale = shift(tone, hue=0.05, saturation=0.45, value=1.3)

    def paint(self, colour: Array, u: Array, v: Array) -> Array:
        c, s = float(np.cos(self.lean)), float(np.sin(self.lean))
        x0, y0 = (u - self.at[0]) / self.size, (v - self.at[1]) / self.size
        x, y = x0 * c + y0 * s, y0 * c - x0 * s
        away = x * x + y * y
        colour = colour + self.tone * (0.16 / (0.4 + away))
        # Arms: thin lines swaying below the bell, the frilled ones thicker and shorter.
        fall = np.maximum(-y, 0)
        for i in range(9):
            root = (i - 4) * 0.2
            sway = 0.28 * (self.noise.along(fall * 0.9 + self.phase + i * 5, 10 + i) - 0.5) * fall
            wave = 0.035 * np.sin(fall * 7 + self.phase + i * 1.7) * fall
            frill = i in (3, 4, 5)
            reach = 1.9 if frill else 2.9 - 0.12 * abs(i - 4)
            wide = (0.085 + 0.02 * np.sin(fall * 26 + i)) * ramp(1.9, 0.0, fall) if frill else 0.014
            dx = np.abs(x - root * (1 + 0.12 * fall) - sway - wave)
            line = ramp(wide + 0.05, wide * 0.4, dx) * ramp(reach, reach * 0.35, fall) * (y < -0.02)
            colour = colour + self.tone * (line * (0.42 if frill else 0.5)) + self.pale * (line * line * 0.12)
        # The bell: a dome with a scalloped hem, brightest at its rim and along its ribs.
        hem = -0.12 + 0.05 * np.cos(x * 22)
        dome = np.sqrt(np.maximum(x * x + (np.maximum(y, 0) * 1.08) ** 2 + (np.minimum(y, 0) * 0.9) ** 2, 1e-6))
        inside = np.minimum(1 - dome, y - hem)
        bell = ramp(-0.02, 0.03, inside)
        rim = np.exp(-np.maximum(inside, 0) * 9.0).astype(np.float32)
        across = np.clip(x / np.sqrt(np.maximum(1 - np.maximum(y, 0) ** 2, 0.05)), -1, 1)
        ribs = ramp(0.75, 1.0, np.cos(np.arcsin(across) * 12))
        heart = ramp(0.5, 0.0, np.sqrt(x * x * 1.3 + (y - 0.42) ** 2 * 2.2))
        body = self.tone * (0.24 + 0.9 * rim + 0.22 * ribs) + self.pale * (0.75 * heart + 0.35 * rim * rim)
        shine = ramp(0.24, 0.0, np.sqrt((x + 0.35) ** 2 + (y - 0.6) ** 2 * 2.5))
        return mix(colour, colour * 0.35 + body + self.pale * (shine * 0.4), bell)
