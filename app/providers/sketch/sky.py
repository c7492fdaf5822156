"""Skies: the hour's gradient, clouds, stars, sun or moon."""

from __future__ import annotations

import numpy as np

from app.providers.sketch.arrays import Array, Painter, mix, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.noise import Noise


def gradient(brief: Brief, height: Array) -> Array:
    """Sky colour by height above the horizon, 0 at the horizon, 1 at the zenith."""
    light = brief.light
    low = mix(light.horizon, light.middle, ramp(0.0, 0.5, height))
    return mix(low, light.zenith, ramp(0.35, 1.25, height))


def sky(brief: Brief, horizon: float, *, clouds: float = 0.6, disc: bool = True, side: float | None = None) -> Painter:
    """clouds: how much of them, 0..1. disc: show the sun or moon. side: where it stands, else where the light comes
    from."""
    dice = brief.dice("sky")
    noise = brief.noise("clouds")
    light = brief.light
    side = brief.side if side is None else side
    rise = brief.half_h - horizon
    sun_u = side * brief.half_w * dice.between(0.3, 0.6)
    sun_v = horizon + rise * min(0.78, 0.1 + light.elevation * 0.75)
    radius = 0.085 if light.dark else 0.1
    shape = dice.between(0, 100)

    def paint(u: Array, v: Array) -> Array:
        height = (v - horizon) * (1 / rise)
        colour = gradient(brief, height)
        if light.stars:
            colour = colour + _stars(noise_for_stars, u, v) * (light.stars * ramp(0.0, 0.35, height))
        du, dv = u - sun_u, v - sun_v
        away = np.sqrt(du * du + dv * dv)
        if disc:
            colour = colour + light.disc * (light.key * (0.3 / (1 + 14 * away * away) ** 1))
        if clouds:
            # Clouds flatten towards the horizon, as they do when they lie on a plane above.
            far = 1.0 / (np.maximum(height, 0) + 0.25)
            puff = noise.clouds(u * 0.9 * far + shape, far * 3.4 + shape, octaves=4)
            body = ramp(0.62 - 0.2 * clouds, 0.92 - 0.2 * clouds, puff) * ramp(0.02, 0.25, height)
            lit = mix(light.horizon * 0.95, light.key * 0.42 + light.fill * 0.45, ramp(0.4, 0.85, puff))
            colour = mix(colour, lit, body * (0.75 * clouds))
        if disc:
            edge = brief.pixel * 1.5
            colour = mix(colour, light.disc * (0.95 if light.dark else 1.3), ramp(radius + edge, radius - edge, away))
        return colour

    noise_for_stars = brief.noise("stars")
    return paint


def _stars(noise: Noise, u: Array, v: Array) -> Array:
    total = np.zeros_like(u)
    for scale, size in ((16.0, 0.09), (31.0, 0.11)):
        x, y = u * scale, v * scale
        dx = x - np.floor(x) - 0.2 - 0.6 * noise.cell(x, y)
        dy = y - np.floor(y) - 0.2 - 0.6 * noise.cell(x + 77, y)
        bright = ramp(0.62, 1.0, noise.cell(x, y + 50))
        total += bright * ramp(size, size * 0.2, np.sqrt(dx * dx + dy * dy))
    return total
