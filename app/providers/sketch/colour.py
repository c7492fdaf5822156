"""Colours as the painter mixes them: linear light in, sRGB bytes out."""

from __future__ import annotations

import colorsys

import numpy as np

from app.providers.sketch.arrays import Array, Pixels, clamp, most

LUMA = np.array([[0.2126], [0.7152], [0.0722]], dtype=np.float32)

# Rounding to a table is much cheaper than a power per pixel and gives the same bytes on every machine.
_STEPS = 4095


def _encode(linear: float) -> float:
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055


def _decode(srgb: float) -> float:
    return srgb / 12.92 if srgb <= 0.04045 else float(((srgb + 0.055) / 1.055) ** 2.4)


_ENCODED = np.array([_encode(i / _STEPS) for i in range(_STEPS + 1)], dtype=np.float32)
_DECODED = np.array([_decode(i / 255) for i in range(256)], dtype=np.float32)


def rgb(code: str) -> Array:
    """`#d96c3a` as linear RGB, shape (3, 1)."""
    return np.array([[_decode(int(code[i : i + 2], 16) / 255)] for i in (1, 3, 5)], dtype=np.float32)


def display(linear: Array) -> Array:
    """Linear RGB of any range to display values 0..1; highlights roll off instead of clipping."""
    knee = np.float32(0.72)
    over = np.maximum(linear - knee, 0)
    soft = np.minimum(linear, knee) + over / (1 + over / (1 - knee))
    return _ENCODED[(clamp(soft) * _STEPS + 0.5).astype(np.int32)]


def decode(pixels: Pixels) -> Array:
    """(H, W, 3) bytes to linear RGB of shape (3, H * W)."""
    return np.ascontiguousarray(_DECODED[pixels.reshape(-1, 3)].T)


def luma(colour: Array) -> Array:
    out: Array = colour[0] * LUMA[0] + colour[1] * LUMA[1] + colour[2] * LUMA[2]
    return out


def saturate(colour: Array, amount: float) -> Array:
    """1 leaves the colour as it is, 0 gives grey, more than 1 gives richer colour."""
    grey = luma(colour)
    return most(grey + (colour - grey) * np.float32(amount), 0)


def shift(colour: Array, hue: float = 0.0, saturation: float = 1.0, value: float = 1.0) -> Array:
    """A sister of one colour (3, 1): hue turned by a fraction of the circle, saturation and value scaled."""
    h, s, v = colorsys.rgb_to_hsv(*(_encode(min(1.0, max(0.0, float(c)))) for c in colour[:, 0]))
    turned = colorsys.hsv_to_rgb((h + hue) % 1.0, min(1.0, s * saturation), min(1.0, v * value))
    return np.array([[_decode(c)] for c in turned], dtype=np.float32)
