"""The fast mode: a plain little picture in milliseconds, for load tests. Still the subject's colour and the hour."""

from __future__ import annotations

import numpy as np
from PIL import Image

from app.providers.sketch import light as hours
from app.providers.sketch.arrays import Array, Pixels, mix, ramp
from app.providers.sketch.brief import VERSION
from app.providers.sketch.chance import Dice
from app.providers.sketch.colour import display, rgb
from app.providers.sketch.vocabulary import read

# Painted small and enlarged: soft by nature, so that it costs little to paint and to encode.
_SIDE = 64


def picture(prompt: str, negative_prompt: str, seed: int, width_px: int, height_px: int) -> Pixels:
    """(height, width, 3): a shaded ball in the subject's colour on a floor under the hour's sky."""
    reading = read(prompt, negative_prompt)
    light = hours.LIGHTS[reading.light]
    dice = Dice(VERSION, reading.digest, seed, "plain")
    short = min(width_px, height_px)
    w, h = max(2, round(_SIDE * width_px / short)), max(2, round(_SIDE * height_px / short))
    v, u = np.divmod(np.arange(w * h, dtype=np.int32), np.int32(w))
    x = (u.astype(np.float32) + 0.5) * (2 / _SIDE) - w / _SIDE
    y = h / _SIDE - (v.astype(np.float32) + 0.5) * (2 / _SIDE)
    horizon = dice.between(-0.35, -0.1)
    colour = _ground(light, x, y, horizon)
    own = rgb(reading.colour or dice.pick(("#dd6a22", "#3b7ea1", "#d9a425", "#7b4a2a", "#5a8f4e")))
    centre, radius = (dice.between(-0.3, 0.3), dice.between(-0.25, 0.0)), dice.between(0.42, 0.6)
    lx, ly, lz = light.direction(dice.sign())
    dx, dy = (x - centre[0]) / radius, (y - centre[1]) / radius
    flat = dx * dx + dy * dy
    dz = np.sqrt(np.maximum(1 - flat, 0))
    sun = np.maximum(dx * lx + dy * ly + dz * lz, 0)
    ball = own * (light.key * sun + light.fill * (0.6 + 0.4 * dy)) + light.horizon * (0.2 * (1 - dz) ** 3)
    shadow = 1 - 0.6 * ramp(1.0, 0.0, (dx + lx * 0.8) ** 2 + ((dy + 1) * 5) ** 2) * (y < horizon)
    colour = mix(colour * shadow, ball, ramp(1.12, 0.9, flat))
    small = (display(colour) * 255 + 0.5).astype(np.uint8).T.reshape(h, w, 3)
    large = Image.fromarray(small).resize((width_px, height_px), Image.Resampling.BICUBIC)
    return np.asarray(large, dtype=np.uint8)


def _ground(light: hours.Light, x: Array, y: Array, horizon: float) -> Array:
    height = (y - horizon) / (1 - horizon)
    above = mix(light.horizon, mix(light.middle, light.zenith, ramp(0.3, 1.2, height)), ramp(0, 0.5, height))
    below = mix(light.haze, light.haze * 0.55, ramp(0, -0.8, height))
    return np.where(y > horizon, above, below).astype(np.float32) + light.disc * light.key * (
        0.06 / (0.2 + (x - 0.5) ** 2 + height * height)
    )
