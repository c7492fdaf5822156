"""A street of tall houses after dark, their windows and signs mirrored in the wet."""

from __future__ import annotations

import numpy as np

from app.providers.sketch.arrays import Array, Painter, clamp, mix, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.colour import rgb, shift
from app.providers.sketch.noise import Noise
from app.providers.sketch.reflection import mirrored
from app.providers.sketch.sky import sky

_SIGNS = ("#ff4fa3", "#3fd8ff", "#ffb52e", "#a86bff", "#58ff9a", "#ff5a3c")


def compose(brief: Brief) -> Painter:
    dice = brief.dice("city")
    noise = brief.noise("houses")
    light = brief.light
    street = -0.5 * brief.half_h
    wall = brief.colour("#3d4262")
    lamps = max(light.lamps, 0.12)
    window = rgb("#ffcf7a") if brief.reading.colour is None else mix(rgb("#ffcf7a"), rgb(brief.reading.colour), 0.45)
    signs = [rgb(code) for code in _SIGNS]
    if brief.reading.colour:
        signs[0] = signs[1] = shift(rgb(brief.reading.colour), saturation=1.2, value=1.3)
    offset = dice.between(0, 90)
    back = sky(brief, street, clouds=0.5, disc=False)
    # Rows from far to near: houses per unit, height, haze, windows per unit.
    rows = ((3.4, 1.35, 0.66, 62.0), (2.3, 1.0, 0.34, 46.0), (1.5, 0.62, 0.0, 34.0))

    def paint(u: Array, v: Array) -> Array:
        colour = back(u, v)
        glow = 1 / (1 + 6 * np.maximum(v - street, 0) ** 2)
        colour = colour + mix(rgb("#ff8a5a"), signs[0], 0.5) * (0.3 * lamps * glow)
        for number, (often, tall, haze, panes) in enumerate(rows):
            x = u * often + offset + number * 13
            line = np.full_like(x, number * 9 + 2)
            height = street + tall * brief.half_h * (0.35 + 0.9 * noise.cell(x, line) ** 1.4)
            inside = x - np.floor(x)
            # Setbacks: the upper part is narrower, some carry a mast.
            slim = 0.06 + 0.14 * noise.cell(x, line + 1)
            upper = (inside > slim) & (inside < 1 - slim)
            roof = np.where(upper, height, height - 0.16 * tall)
            mast = (np.abs(inside - 0.5) < 0.012 * often) & (noise.cell(x, line + 3) > 0.55)
            roof = np.where(mast, height + 0.14 * tall, roof)
            body = ramp(-brief.pixel, brief.pixel, roof - v)
            side = 0.55 + 0.45 * (inside * brief.side > 0.5 * brief.side)
            tone = wall * (0.6 + 0.8 * noise.cell(x, line + 4)) * (light.key * (0.5 * side) + light.fill * 0.8)
            tone = tone + light.horizon * 0.05
            if light.lamps < 0.5:
                tone = tone * 1.2
            # Whole houses burn warmer or cooler, and the street lights their feet.
            glass = mix(window, rgb("#a9d4ff"), 0.75 * (noise.cell(x, line + 6) > 0.68))
            tone = tone + glass * (_windows(noise, u, v, panes, number) * (0.95 * lamps) * ~mast)
            tone = tone + mix(window, signs[0], 0.4) * (0.22 * lamps / (1 + 30 * np.maximum(v - street, 0) ** 2))
            tone = _signs(noise, tone, u, v, x, inside, height, street, number, signs, lamps)
            tone = mix(tone, mix(light.haze, signs[0] * 0.3, 0.3 * lamps), haze * clamp(0.85 - 0.5 * (v - street)))
            colour = mix(colour, tone, body)
        return colour

    return mirrored(brief, paint, street, ripple=1.0, tint="#0a0d1c")


def _windows(noise: Noise, u: Array, v: Array, panes: float, number: int) -> Array:
    x, y = u * panes + number * 31, v * panes * 0.72 + number * 17
    fx, fy = x - np.floor(x), y - np.floor(y)
    pane = ramp(0.16, 0.24, fx) * ramp(0.84, 0.76, fx) * ramp(0.2, 0.3, fy) * ramp(0.85, 0.75, fy)
    lit = noise.cell(x, y)
    return pane * (lit > 0.64) * (0.15 + 1.2 * noise.cell(x + 60, y + 20))


def _signs(
    noise: Noise, tone: Array, u: Array, v: Array, x: Array, inside: Array, height: Array, street: float, number: int,
    signs: list[Array], lamps: float,
) -> Array:  # fmt: skip
    """Upright neon signs on some of the nearer houses, with their glow on the wall."""
    if number == 0:
        return tone
    line = np.full_like(x, number * 9 + 40)
    has = noise.cell(x, line) > 0.4
    middle = 0.25 + 0.5 * noise.cell(x, line + 1)
    low = street + 0.12 + 0.25 * noise.cell(x, line + 2)
    top = np.minimum(low + 0.22 + 0.3 * noise.cell(x, line + 3), height - 0.05)
    dx, dy = np.abs(inside - middle), np.maximum(np.maximum(low - v, v - top), 0)
    stroke = ramp(0.075, 0.055, dx) * (dy <= 0) * (1 - 0.75 * (np.abs(np.sin(v * 75 + x * 40)) < 0.25))
    halo = 1 / (1 + 130 * (dx * dx * 0.6 + dy * dy))
    kind = np.floor(noise.cell(x, line + 4) * len(signs) * 0.999)
    for i, sign in enumerate(signs):
        on = has & (kind == i)
        tone = tone + sign * ((stroke * 1.1 + halo * 0.3) * on * lamps)
    return tone
