"""A path through tall trees, light falling between them."""

from __future__ import annotations

import numpy as np

from app.providers.sketch import woods
from app.providers.sketch.arrays import Array, Painter, mix, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.colour import rgb
from app.providers.sketch.noise import Noise

_CROWNS = {"snow": "#e3e9f2", "autumn": "#d97a22", "summer": "#3f7a36", "spring": "#8fbf4a"}
_FLOOR = {"snow": "#eef2f8", "autumn": "#b5702a", "summer": "#4a7038", "spring": "#7fa548"}


def compose(brief: Brief) -> Painter:
    dice = brief.dice("forest")
    noise = brief.noise("forest")
    light = brief.light
    horizon = dice.between(-0.3, -0.15) * brief.half_h
    crowns, floor = brief.colour(_CROWNS[brief.season]), brief.tinted("floor", _FLOOR[brief.season])
    back, trunks = woods.backdrop(brief, horizon), woods.trees(brief, horizon)
    bend, wind = dice.between(-0.5, 0.5), dice.between(0.7, 1.4)
    path = rgb("#cdb894") if brief.season != "snow" else rgb("#c3cfe2")
    source_u = brief.side * dice.between(0.3, 0.7)
    offset = dice.between(0, 50)

    def ground(u: Array, v: Array) -> Array:
        depth = 0.35 / (horizon - v + 0.05)
        x = u * depth
        lush = noise.clouds(x * 5 + offset, depth * 9, octaves=3)
        middle = (
            (bend * (1 - 1 / (1 + depth * 0.3)) + 0.25 * np.sin(depth * wind + offset)) * 0.6 * ramp(0.1, 1.4, depth)
        )
        track = ramp(0.3, 0.22, np.abs(x - middle) + 0.1 * (lush - 0.5))
        tone = mix(floor * (0.55 + 0.8 * lush), path * (0.8 + 0.3 * lush), track)
        # Long shadows of the trunks run towards the eye.
        bars = ramp(0.42, 0.62, noise.along((u - source_u * 0.5) / (horizon - v + 0.25) * 2.2 + offset, 5))
        lit = tone * (light.key * (0.12 + 0.75 * bars) + light.fill * 0.8)
        return mix(lit, light.haze, ramp(0.9, 5.0, depth) * 0.8)

    def paint(u: Array, v: Array) -> Array:
        colour = np.where(v > horizon, back(u, v), ground(u, np.minimum(v, horizon)))
        colour = trunks(u, v, colour)
        rays = noise.along(np.arctan2(v - 1.3 * brief.half_h, u - source_u) * 9 + offset, 8)
        shaft = ramp(0.5, 0.9, rays) * ramp(-0.9, 0.9, v)
        colour = colour + light.key * light.disc * (shaft * 0.13)
        # Near leaves hang in from above, lit through.
        for layer, (scale, low) in enumerate(((4.0, 0.28), (2.6, 0.5))):
            leaf = noise.clouds(u * scale + offset + layer * 20, v * scale * 0.8, octaves=4)
            edge = low + 0.2 * noise.along(u * 1.7 + layer * 9, 14)
            cover = ramp(0.47, 0.54, leaf + 0.35 * (v / brief.half_h - edge))
            for size in (7.0, 11.0):
                dab, tone = _leaves(noise, u * scale * size * 0.6, v * scale * size * 0.6)
                lit = crowns * (light.key * (0.15 + 0.8 * tone * (1.0 - layer * 0.25)) + light.fill * 0.7)
                colour = mix(colour, mix(lit, light.haze, 0.35 - 0.3 * layer), dab * cover * (v > horizon))
        return colour

    return paint


def _leaves(noise: Noise, x: Array, y: Array) -> tuple[Array, Array]:
    """(cover, tone 0..1) of one turned oval leaf per lattice cell."""
    turn = noise.cell(x + 13, y + 71) * 3.1
    dx = x - np.floor(x) - 0.35 - 0.3 * noise.cell(x, y)
    dy = y - np.floor(y) - 0.35 - 0.3 * noise.cell(x + 51, y)
    c, s = np.cos(turn), np.sin(turn)
    along, across = dx * c + dy * s, (dy * c - dx * s) * 1.8
    return ramp(0.42, 0.34, np.sqrt(along * along + across * across)), noise.cell(x + 29, y + 5)
