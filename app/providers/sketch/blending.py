"""Joining two pictures without a seam, and moving one towards another."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from app.providers.sketch.arrays import Array, Pixels

Plane = Array
"""(H, W) or (H, W, 3), display values 0..255."""


def blurred(picture: Plane, radius_px: float) -> Plane:
    """Gaussian blur of (H, W) or (H, W, 3), done on a reduced copy when the radius is large."""
    h, w = picture.shape[:2]
    shrink = max(1, int(radius_px / 4))
    size = (max(2, w // shrink), max(2, h // shrink))
    planes = np.atleast_3d(picture)
    out = np.empty_like(planes)
    for channel in range(planes.shape[2]):
        image = Image.fromarray(np.ascontiguousarray(planes[:, :, channel]))
        small = image.resize(size, Image.Resampling.BOX) if shrink > 1 else image
        soft = _gauss(np.asarray(small), radius_px / shrink)
        back = Image.fromarray(soft)
        out[:, :, channel] = np.asarray(back.resize((w, h), Image.Resampling.BICUBIC) if shrink > 1 else back)
    return out.reshape(picture.shape)


def _gauss(plane: Plane, radius: float) -> Plane:
    reach = max(1, int(radius * 2.5))
    steps = np.arange(-reach, reach + 1, dtype=np.float32)
    weights = np.exp(-(steps**2) / (2 * max(radius, 0.3) ** 2))
    weights /= weights.sum()
    for axis in (0, 1):
        padded = np.pad(plane, [(reach, reach) if i == axis else (0, 0) for i in (0, 1)], mode="edge")
        length = plane.shape[axis]
        total = np.zeros_like(plane)
        for i, weight in enumerate(weights):
            total += padded.take(range(i, i + length), axis=axis) * float(weight)
        plane = total
    return plane


def spread(known: Plane, weight: Plane) -> Plane:
    """Carry the values of (H, W, 3) from where weight (H, W) is 1 smoothly over where it is 0.

    Pull-push: average down to a pixel, then fill upwards wherever a finer level knows nothing.
    Source: the pull-push interpolation of Gortler et al. 1996, "The Lumigraph".
    """
    h, w = weight.shape
    value = known * weight[:, :, None]
    if max(h, w) <= 2:
        total = float(weight.sum())
        mean = value.reshape(-1, 3).sum(axis=0) / total if total else np.zeros(3, dtype=np.float32)
        return np.where(weight[:, :, None] > 0, known, mean).astype(np.float32)
    even = ((0, h % 2), (0, w % 2))
    value4 = np.pad(value, (*even, (0, 0)))
    weight4 = np.pad(weight, even)
    value2 = value4[0::2, 0::2] + value4[1::2, 0::2] + value4[0::2, 1::2] + value4[1::2, 1::2]
    weight2 = weight4[0::2, 0::2] + weight4[1::2, 0::2] + weight4[0::2, 1::2] + weight4[1::2, 1::2]
    mean2 = value2 / np.maximum(weight2, 1e-6)[:, :, None]
    coarse = spread(mean2.astype(np.float32), np.minimum(weight2, 1).astype(np.float32))
    fine = np.stack(
        [
            np.asarray(Image.fromarray(np.ascontiguousarray(coarse[:, :, c])).resize((w, h), Image.Resampling.BILINEAR))
            for c in range(3)
        ],
        axis=2,
    )
    part = weight[:, :, None]
    filled: Plane = known * part + fine * (1 - part)
    # Filling alone leaves a step where the known ends; a few rounds of averaging with the neighbours take it out.
    for _ in range(16 if max(h, w) <= 256 else 4):
        wide = np.pad(filled, ((1, 1), (1, 1), (0, 0)), mode="edge")
        around = (wide[:-2, 1:-1] + wide[2:, 1:-1] + wide[1:-1, :-2] + wide[1:-1, 2:]) * np.float32(0.25)
        filled = filled * part + around * (1 - part)
    return filled


def seamless(
    kept: Pixels, painted: Pixels, keep: npt.NDArray[np.bool_], *, strength: float, hold: float = 0.0
) -> Plane:
    """`painted` (H, W, 3) with its colours bent so that it meets `kept` where `keep` (H, W) is true.

    The difference along the border is carried over the rest and added; `strength`, 0..1, is how much of it stays far
    from the border.
    hold: how far, 0..1, the border's own colours run on before the painting's shapes set in.
    """
    weight = keep.astype(np.float32)
    side = max(keep.shape)
    # Only what lies close to the border tells how colours meet there.
    border = weight * (blurred(1 - weight, max(2.0, side / 80)) > 0.02)
    carried = spread(blurred_where(kept.astype(np.float32) - painted, border, 2.0), border)
    # Four times: whole along edges and at corners, where only a quarter of what is around is kept.
    near = np.minimum(blurred(weight, max(2.0, side / 10)) * 4, 1)
    joined: Plane = painted + carried * (strength + (1 - strength) * near)[:, :, None]
    if hold:
        own = spread(blurred_where(kept.astype(np.float32), border, 1.0), border)
        close = np.minimum(blurred(weight, max(2.0, side / 16)) * 4, 1) * hold
        joined = joined + (own - joined) * close[:, :, None]
    return joined


def towards(source: Pixels, painted: Pixels, strength: float) -> Pixels:
    """From `source` (strength 0, exactly) to `painted` (strength 1, exactly), both (H, W, 3).

    Colours and light move first, then the calm areas give way to the painting, and the source's own forms last.
    """
    if strength <= 0:
        return source
    if strength >= 1:
        return painted
    a, b = source.astype(np.float32), painted.astype(np.float32)
    a = recoloured(a, b, min(1.0, strength * 1.4))
    # Forms change hands place by place instead of all at half strength, which would look like a double exposure.
    share = np.clip((strength - 0.12 - 0.5 * busy(a)) / 0.38, 0, 1)[:, :, None]
    return to_bytes(a + (b - a) * (share * share * (3 - 2 * share)))


def blurred_where(picture: Plane, weight: Plane, radius_px: float) -> Plane:
    """(H, W, 3) blurred among the pixels that weight (H, W) counts, so that a hair on a border draws no streak."""
    total = blurred(weight, radius_px)[:, :, None]
    out: Plane = blurred(picture * weight[:, :, None], radius_px) / np.maximum(total, 1e-3)
    return out


def busy(picture: Plane) -> Plane:
    """(H, W) 0..1: where a picture (H, W, 3) holds its forms, softly outlined; calm areas are 0."""
    radius = max(picture.shape[:2]) / 40
    detail = np.abs(picture - blurred(picture, radius)).max(axis=2)
    around = blurred(detail, radius)
    low, high = np.quantile(around[::4, ::4], [0.4, 0.93])
    out: Plane = np.clip((around - low) / max(1.0, float(high - low)), 0, 1)
    return out


def recoloured(source: Plane, wanted: Plane, amount: float) -> Plane:
    """Move mean and spread of each channel of `source` towards those of `wanted`.

    Source: statistics transfer after Reinhard et al. 2001, "Color Transfer between Images", channel by channel.
    """
    out = np.empty_like(source)
    for c in range(3):
        mean_a, mean_b = float(source[..., c].mean(dtype=np.float64)), float(wanted[..., c].mean(dtype=np.float64))
        std_a, std_b = float(source[..., c].std(dtype=np.float64)), float(wanted[..., c].std(dtype=np.float64))
        gain = min(2.5, max(0.4, std_b / max(std_a, 1.0)))
        out[..., c] = source[..., c] + ((source[..., c] - mean_a) * gain + mean_b - source[..., c]) * amount
    return out


def to_bytes(picture: Plane) -> Pixels:
    out: Pixels = np.clip(picture + 0.5, 0, 255).astype(np.uint8)
    return out


def eroded(mask: npt.NDArray[np.bool_], radius_px: int) -> Plane:
    """How deep inside the mask a pixel lies: 0 outside, 1 from radius_px inwards; always above 0 inside.

    (H, W) bool to (H, W) float32. Near the frame's edge a mask has no border to feather towards.
    """
    image = Image.fromarray(mask.astype(np.uint8) * 255)
    depth = mask.astype(np.float32)
    for _ in range(radius_px - 1):
        image = image.filter(ImageFilter.MinFilter(3))
        depth += np.asarray(image, dtype=np.float32) / 255
    return depth / radius_px
