"""One large flower, petals in whorls, seen from the front."""

from __future__ import annotations

import numpy as np

from app.providers.sketch.arrays import Array, Painter, clamp, mix, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.colour import rgb, shift

_COLOURS = ("#d8345f", "#e8572b", "#f0a8c0", "#8a4fd6", "#f3c92b", "#e9e4ee")


def compose(brief: Brief) -> Painter:
    dice = brief.dice("flower")
    noise = brief.noise("petals")
    light = brief.light
    own = brief.colour(dice.pick(_COLOURS))
    heart = shift(own, hue=dice.pick((0.08, -0.06)), saturation=1.05, value=1.05)
    deep = shift(own, hue=-0.03, saturation=1.2, value=0.4)
    whorls, petals = dice.whole(7, 11), dice.whole(12, 20)
    cx, cy = dice.between(-0.12, 0.12), dice.between(-0.1, 0.1)
    pointed = dice.between(0.5, 1.3)
    twist = dice.between(0, 6.28)
    leaf = rgb("#2f5f3a") if brief.reading.season != "autumn" else rgb("#8a6a2a")
    lx, ly, lz = light.direction(brief.side)
    back = mix(light.zenith, light.haze, 0.25) * 0.35
    rings = [
        (0.86 * (1 - 0.86 * (i / whorls) ** 0.85), twist + i * np.pi / petals * 1.0 + i * 0.13, i / (whorls - 1))
        for i in range(whorls)
    ]

    def backdrop(u: Array, v: Array) -> Array:
        soft = noise.clouds(u * 1.4 + 40, v * 1.4, octaves=3)
        bokeh = ramp(0.55, 0.75, noise.at(u * 3 + 9, v * 3))
        base = back + leaf * (light.key * 0.3 + light.fill * 0.5) * ramp(0.35, 0.7, soft)
        colour: Array = base + light.horizon * light.key * (bokeh * 0.05)
        for i in range(5):
            a = twist + i * 1.257
            x, y = (u - cx) * np.cos(a) + (v - cy) * np.sin(a), (v - cy) * np.cos(a) - (u - cx) * np.sin(a)
            half = 0.26 * np.sqrt(np.maximum(1 - ((x - 0.85) / 0.42) ** 2, 0))
            inside = half - np.abs(y)
            vein = ramp(0.02, 0.005, np.abs(y)) + 0.5 * ramp(0.75, 0.95, np.sin((x - np.abs(y)) * 46))
            tone = leaf * (light.key * (0.45 + 0.3 * np.sign(y) * lx) + light.fill * 0.8) * (1 + 0.25 * vein)
            colour = mix(colour, tone.astype(np.float32), ramp(0, 0.012, inside))
        return colour

    def paint(u: Array, v: Array) -> Array:
        colour = backdrop(u, v)
        x, y = u - cx, v - cy
        r = np.sqrt(x * x + y * y)
        angle = np.arctan2(y, x)
        shadow = ramp(1.05, 0.6, np.sqrt((x + lx * 0.08) ** 2 + (y + ly * 0.08) ** 2))
        colour = colour * (1 - 0.6 * shadow)
        for reach, turn, inner in rings:
            count = petals if inner < 0.75 else max(6, petals // 2)
            for half_step in (0.0, 0.5):
                place = (angle + turn) * (count / (2 * np.pi)) + half_step
                cell = np.floor(place)
                w = (place - cell - 0.5) * 2
                vary = noise.cell(cell + 5, np.full_like(cell, inner * 90 + half_step * 50))
                tip = reach * (0.93 + 0.13 * vary) * (1.0 if half_step == 0 else 0.93)
                along = r / tip
                width = np.sqrt(np.maximum(1 - np.maximum(along - 0.55, 0) ** 2 / 0.2025, 0)) ** pointed
                width = width * (0.72 + 0.5 * np.minimum(along, 0.6))
                inside = np.minimum(width - np.abs(w), 1 - along)
                # Each petal is a shallow trough, darker at its root and where the next one covers it.
                bend = w * 0.85
                nx, ny = -np.sin(angle) * bend + np.cos(angle) * 0.35, np.cos(angle) * bend + np.sin(angle) * 0.35
                sun = clamp((nx * lx + ny * ly + lz) * 0.9)
                tone = mix(own, heart, inner * 0.8 + 0.2 * (1 - along))
                tone = mix(deep, tone, ramp(0.25, 0.95, along) * (0.7 + 0.3 * vary))
                vein = 0.93 + 0.07 * np.cos(w * 14)
                lit = tone * (light.key * (sun * 0.85) + light.fill * 0.9) * vein
                edge = ramp(0.16, 0.0, inside)
                lit = lit * (1 + 0.35 * edge)
                cover = ramp(0.0, brief.pixel * 1.6 / reach + 0.015, inside)
                colour = mix(colour * (1 - 0.35 * ramp(-0.12, 0.0, inside) * (along < 1.1)), lit, cover)
        core = ramp(0.085, 0.06, r)
        dots = 0.7 + 0.5 * noise.at(x * 70 + 9, y * 70)
        return mix(colour, rgb("#e7b23a") * (light.key * 0.6 + light.fill) * dots, core)

    return paint
