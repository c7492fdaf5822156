"""The place where animals sit: a clearing with trees behind, through the seasons."""

from __future__ import annotations

import numpy as np

from app.providers.sketch.arrays import Array, Painter, clamp, mix, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.colour import rgb
from app.providers.sketch.noise import Noise
from app.providers.sketch.sky import gradient
from app.providers.sketch.space import Skin
from app.providers.sketch.tableau import Ground, Overlay

_FLOORS = {
    "snow": ("#f2f4fa", "#d5deee"),
    "autumn": ("#c98a35", "#9a5a22"),
    "summer": ("#7fa548", "#54803a"),
    "spring": ("#a3c15c", "#78a24c"),
}
_LEAVES = {"snow": "#dfe6f0", "autumn": "#d9812a", "summer": "#4f7d3a", "spring": "#f3c3d0"}


def floor(brief: Brief) -> Ground:
    bright, deep = (rgb(code) for code in _FLOORS[brief.season])
    if (code := brief.reading.places.get("ground")) is not None:
        bright, deep = rgb(code), rgb(code) * 0.6
    noise = brief.noise("floor")
    rough = 0.35 if brief.season == "snow" else 1.0

    def ground(x: Array, z: Array) -> Skin:
        drifts = noise.clouds(x * 0.9 + 50, z * 0.7 + 50, octaves=2)
        blades = noise.at(x * 22, z * 11)
        fine = noise.at(x * 57 + 9, z * 29)
        value = drifts * 0.9 + (blades - 0.5) * 0.5 * rough + (fine - 0.5) * 0.4 * rough
        return Skin(mix(deep, bright, clamp(value * 1.5 - 0.2)))

    return ground


def backdrop(brief: Brief, horizon: float) -> Painter:
    """Sky glow and soft far foliage."""
    light = brief.light
    dice = brief.dice("glow")
    noise = brief.noise("foliage")
    crowns = rgb(_LEAVES[brief.season])
    leaves = mix(crowns * (light.fill * 0.75 + light.key * 0.25), light.haze, 0.5)
    glow_u = brief.side * dice.between(0.35, 0.75)
    shift = dice.between(0, 60)

    def paint(u: Array, v: Array) -> Array:
        height = (v - horizon) * (1 / (brief.half_h - horizon))
        colour = mix(gradient(brief, height * 0.8), light.haze, 0.35)
        du, dv = u - glow_u, v - horizon - 0.35
        glow = 1 / (1 + 2.2 * (du * du + dv * dv))
        colour = colour + light.key * light.disc * (0.22 * glow * glow)
        mass = noise.clouds(u * 1.5 + shift, v * 1.5, octaves=3)
        return mix(colour, leaves, ramp(0.42, 0.68, mass + 0.1 * height) * 0.6 * ramp(-0.05, 0.3, height))

    return paint


# Rows from far to near: trunks per unit, width, foot below the horizon, softness, share of haze.
_ROWS = ((3.6, 0.1, 0.05, 0.05, 0.7), (2.3, 0.15, 0.15, 0.03, 0.42), (1.25, 0.2, 0.34, 0.016, 0.1))


def trees(brief: Brief, horizon: float) -> Overlay:
    """Rows of trunks which fade into the haze with distance, out of focus as behind a portrait."""
    light = brief.light
    dice = brief.dice("trees")
    noise = brief.noise("trunks")
    birch = brief.reading.birch or dice.chance(0.35)
    bark = rgb("#e9e4dc") if birch else rgb("#4a3a35")
    shift = [dice.between(0, 60) for _ in _ROWS]

    def paint(u: Array, v: Array, colour: Array) -> Array:
        for row, (often, width, foot, soft, fade) in enumerate(_ROWS):
            cover, across = _trunks(noise, u + shift[row], v, row, often, width, soft, brief.sparse)
            tone = bark * (light.fill * 0.75 + light.key * (0.12 + 0.4 * clamp(0.4 + across * brief.side)))
            if birch:
                marks = ramp(0.7, 0.78, noise.at(u * 9 + shift[row], v * 16 + row * 40)) * (1 - fade)
                tone = mix(tone, rgb("#2d2a2c") * light.fill, marks * 0.85)
            tone = mix(tone, light.haze * 0.92, fade)
            root = horizon - foot + 0.035 * width * 5 * across * across
            colour = mix(colour, tone, cover * ramp(root - soft * 0.6, root + soft * 0.6, v))
        return colour

    return paint


def _trunks(
    noise: Noise, u: Array, v: Array, row: int, often: float, width: float, soft: float, sparse: float
) -> tuple[Array, Array]:
    """(cover 0..1, place across the trunk -1..1). At most one trunk per cell of a line of cells."""
    x = (u + 0.025 * v * (row - 1)) * often
    line = np.full_like(x, row * 5 + 3)
    centre = np.floor(x) + 0.3 + 0.4 * noise.cell(x, line)
    half = width * often * (0.22 + 0.3 * noise.cell(x, line + 1)) * (1.0 - 0.16 * v)
    here = noise.cell(x, line + 2) < 0.78 * sparse
    across = (x - centre) / half
    edge = soft * often / half
    return ramp(1 + edge, 1 - edge, np.abs(across)) * here, clamp(across, -1, 1)
