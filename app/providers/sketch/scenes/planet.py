"""A ringed planet among stars."""

from __future__ import annotations

import numpy as np

from app.providers.sketch.arrays import Array, Painter, clamp, mix, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.colour import rgb, shift


def compose(brief: Brief) -> Painter:
    dice = brief.dice("planet")
    noise = brief.noise("bands")
    stars = brief.noise("space")
    own = brief.colour(dice.pick(("#d9b27c", "#c98a5a", "#7fb0c4", "#b48ac8", "#8fae7a")))
    dark, pale = shift(own, hue=0.02, value=0.62), shift(own, hue=-0.02, saturation=0.55, value=1.15)
    radius = dice.between(0.44, 0.56)
    cx, cy = dice.between(-0.15, 0.15), dice.between(-0.08, 0.08)
    tilt = dice.between(-0.55, 0.55)
    squash = dice.between(0.2, 0.36)
    ring = dice.chance(0.85)
    c, s = float(np.cos(tilt)), float(np.sin(tilt))
    lx, ly, lz = -0.72 * brief.side, 0.35, 0.6
    nebula = [rgb(code) for code in dice.pick((("#3a1a5c", "#0f3d5c"), ("#5c1a3a", "#1a2a5c"), ("#0f4a4a", "#2a1a5c")))]
    if "sky" in brief.reading.places:
        nebula = [brief.light.middle, brief.light.zenith]
    key = brief.light.key * (1.7 / float(brief.light.key.max())) * 0.75 + brief.light.disc * 0.4
    moon = (cx + dice.sign() * dice.between(0.75, 0.9), cy + dice.between(0.3, 0.6), dice.between(0.05, 0.1))

    def ball(x: Array, y: Array, z: Array) -> Array:
        band = y * 5.5 + (noise.clouds(x * 2 + z + 30, y * 6, octaves=3) - 0.5) * 1.1
        tone = noise.along(band + 40, 3) * 0.7 + noise.along(band * 3.3 + 9, 4) * 0.3
        storm = ramp(0.16, 0.05, np.sqrt((x - 0.3) ** 2 * 0.35 + (y + 0.35) ** 2))
        return mix(mix(dark, pale, ramp(0.25, 0.75, tone)), shift(dark, hue=-0.06, saturation=1.3), storm * 0.8)

    def paint(u: Array, v: Array) -> Array:
        gas = stars.clouds(u * 1.1 + 20, v * 1.1 + 5, octaves=5)
        colour: Array = rgb("#03040a") + nebula[0] * ramp(0.45, 0.85, gas) * 0.9
        colour = colour + nebula[1] * ramp(0.4, 0.8, stars.clouds(u * 0.8 + 60, v * 0.9 + 31, octaves=4)) * 0.7
        for scale, size in ((14.0, 0.08), (30.0, 0.1)):
            x, y = u * scale, v * scale
            dx = x - np.floor(x) - 0.2 - 0.6 * stars.cell(x, y)
            dy = y - np.floor(y) - 0.2 - 0.6 * stars.cell(x + 70, y)
            colour = colour + ramp(0.65, 1, stars.cell(x, y + 40)) * ramp(size, 0, np.sqrt(dx * dx + dy * dy))
        mx, my = (u - moon[0]) / moon[2], (v - moon[1]) / moon[2]
        flat = mx * mx + my * my
        lit = clamp(mx * lx + my * ly + np.sqrt(np.maximum(1 - flat, 0)) * lz)
        crater = 0.7 + 0.5 * noise.clouds(mx * 2 + 9, my * 2, octaves=3)
        colour = mix(colour, rgb("#b9b2a8") * key * (lit * crater * 0.8), ramp(1.03, 0.97, flat))
        x, y = ((u - cx) * c + (v - cy) * s) / radius, ((v - cy) * c - (u - cx) * s) / radius
        flat = x * x + y * y
        z = np.sqrt(np.maximum(1 - flat, 0))
        tlx, tly = lx * c + ly * s, ly * c - lx * s
        sun = clamp(x * tlx + y * tly + z * lz)
        # The ring's shadow falls as a band across the ball.
        band = np.abs((y - z * 0.42) + 0.02)
        shade = 1 - (0.45 * ramp(0.13, 0.05, band) if ring else 0.0)
        rim = (1 - z) ** 3
        globe = ball(x, y, z) * (key * (sun * shade) + 0.03) + own * rim * sun * 0.7
        glow = ramp(1.45, 0.98, flat) * clamp(x * tlx + y * tly + 0.3)
        colour = colour + own * (glow * 0.16)
        colour = mix(colour, globe, ramp(1.012, 0.988, flat))
        if not ring:
            return colour
        r = np.sqrt(x * x + (y / squash) ** 2)
        grain = noise.along(r * 26 + 7, 11) * 0.6 + noise.along(r * 70, 12) * 0.4
        cover = (
            ramp(1.28, 1.34, r)
            * ramp(2.12, 2.04, r)
            * (0.25 + 0.75 * grain)
            * (1 - 0.85 * ramp(0.05, 0.02, np.abs(r - 1.78)))
        )
        front = (y < 0) | (flat > 1)
        behind = ramp(1.0, 0.9, np.abs(y * 0.9 + x * tly * 0.2)) * (x * tlx < 0) * (np.abs(y) < 0.9) * (y > 0)
        tint = mix(pale, dark, noise.along(r * 9, 13)) * key * (0.85 - 0.7 * behind * ramp(2.0, 1.2, np.abs(x)))
        return mix(colour, tint, cover * front * 0.92)

    return paint
