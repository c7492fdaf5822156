"""Instructed edits: pixel work steered by the words ("make the sky purple", "darker", "add snow")."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image

from app.providers.sketch import canvas
from app.providers.sketch import light as hours
from app.providers.sketch.arrays import Pixels
from app.providers.sketch.blending import Plane, blurred, to_bytes, towards
from app.providers.sketch.brief import VERSION, brief_for
from app.providers.sketch.chance import Dice
from app.providers.sketch.colour import decode, display
from app.providers.sketch.vocabulary import COLOURS, LIGHTS, WEATHERS
from app.providers.sketch.weather import weathered

_SKY_SIDE = 96
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def _gain(red: float, green: float, blue: float) -> Callable[[Plane], Plane]:
    return lambda p: p * np.array([red, green, blue], dtype=np.float32)


def _saturation(amount: float) -> Callable[[Plane], Plane]:
    def apply(p: Plane) -> Plane:
        grey = _grey(p)
        return (grey + (p - grey) * np.float32(amount)).astype(np.float32)

    return apply


def _contrast(amount: float) -> Callable[[Plane], Plane]:
    return lambda p: (p - 118) * np.float32(amount) + 118


def _sepia(p: Plane) -> Plane:
    return (_grey(p) * np.array([1.07, 0.9, 0.66], dtype=np.float32) + 6).astype(np.float32)


_WORDS: dict[str, Callable[[Plane], Plane]] = {
    "darker|darken|dark|dim|dimmer": lambda p: p * np.float32(0.62),
    "brighter|brighten|bright|lighter|lighten": lambda p: 255 - (255 - p) * np.float32(0.68),
    "warmer|warm": _gain(1.1, 1.0, 0.8),
    "colder|cooler|cold|cool": _gain(0.82, 0.98, 1.14),
    "contrast|dramatic|punchier": _contrast(1.4),
    "softer|soft|flatter|calmer": _contrast(0.75),
    "vivid|saturated|colorful|colourful|vibrant|richer": _saturation(1.55),
    "muted|desaturated|faded|paler": _saturation(0.5),
    "monochrome|greyscale|grayscale|black and white": _saturation(0.0),
    "sepia|vintage": _sepia,
}
_REGIONS = {
    **dict.fromkeys(("sky", "background", "clouds"), "sky"),
    **dict.fromkeys(("ground", "floor", "water", "sea", "grass", "sand"), "ground"),
}
_FALLS = {"snow": "snowfall", "rain": "rain", "fog": "fog", "mist": "fog", **WEATHERS}


def edited(source: Pixels, instruction: str, negative_prompt: str, seed: int) -> Pixels:
    """(H, W, 3) changed as the words say, only in the region they name. Words it does not know still leave a trace:
    the picture moves a little towards what Sketch would paint for them."""
    text = " " + re.sub(r"[^\w\s]+", " ", instruction.lower()) + " "
    words = text.split()
    changed: Plane = source.astype(np.float32)
    touched = False
    for names, change in _WORDS.items():
        if any(f" {name} " in text for name in names.split("|")):
            changed, touched = np.clip(change(changed), 0, 255), True
    if colour := next((COLOURS[w] for w in words if w in COLOURS and "black and white" not in text), None):
        changed, touched = _tinted(changed, colour), True
    if hour := next((LIGHTS[name] for name in LIGHTS if f" {name} " in text), None):
        changed, touched = _relit(changed, hours.LIGHTS[hour]), True
    region = next((_REGIONS[w] for w in words if w in _REGIONS), None)
    if touched and region:
        where = _sky(source) if region == "sky" else 1 - _sky(source)
        changed = source + (changed - source) * where[:, :, None]
    if any(w in ("flip", "mirror", "mirrored") for w in words):
        changed, touched = changed[:, ::-1], True
    if any(w in ("blur", "blurred", "blurry") for w in words):
        changed, touched = blurred(changed, max(source.shape[:2]) / 90), True
    result = to_bytes(changed)
    if fall := next((_FALLS[w] for w in words if _FALLS.get(w, "stars") != "stars"), None):
        result, touched = _weather(result, fall, seed), True
    if not touched:
        h, w = source.shape[:2]
        hint = canvas.picture(instruction, negative_prompt, seed, w, h, scale=min(1.0, 256 / min(w, h)))
        large = np.asarray(Image.fromarray(hint).resize((w, h), Image.Resampling.BICUBIC))
        result = towards(source, large, 0.35)
    return result


def _grey(p: Plane) -> Plane:
    out: Plane = (p * _LUMA).sum(axis=-1, keepdims=True)
    return out


def _tinted(p: Plane, code: str) -> Plane:
    """The colour's hue and strength with the picture's own light and shade."""
    wanted = np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.float32)
    grey = _grey(p)
    own = float((wanted * _LUMA).sum())
    # Dark colours darken and pale ones lighten what they colour, by half: the forms must stay readable.
    base = grey * (0.5 + 0.5 * own / 118)
    scaled = wanted * (base / max(own, 24.0))
    # Where that is brighter than a screen can show, it pales instead, at the same lightness.
    base = np.minimum(base, 255)
    top = scaled.max(axis=2, keepdims=True)
    tinted = base + (scaled - base) * np.minimum(1, (255 - base) / np.maximum(top - base, 1))
    out: Plane = (p * 0.3 + np.clip(tinted, 0, 255) * 0.7).astype(np.float32)
    return out


def _relit(p: Plane, light: hours.Light) -> Plane:
    """Multiply by the hour's light, brightest above."""
    h = p.shape[0]
    up = np.linspace(1, 0, h, dtype=np.float32)[:, None, None]
    tone = (light.key * 0.6 + light.fill * 0.7)[:, 0]
    haze = light.haze[:, 0]
    linear = decode(to_bytes(p)).T.reshape(p.shape)
    # Half without colour first: yellow sand under blue light turns blue, not grey.
    pale = linear * 0.5 + (linear * np.array([0.21, 0.72, 0.07], dtype=np.float32)).sum(axis=2, keepdims=True) * 0.5
    lit = pale * (tone * 1.1 + 0.04) + haze * (0.08 + 0.12 * up)
    flat = np.ascontiguousarray(lit.reshape(-1, 3).T)
    return (display(flat).T.reshape(p.shape) * 255).astype(np.float32)


def _weather(picture: Pixels, fall: str, seed: int) -> Pixels:
    h, w = picture.shape[:2]
    brief = brief_for(f"{fall} hills morning", "", Dice(VERSION, seed, fall).whole(0, 10**9), w, h, min(w, h))
    row, column = np.divmod(np.arange(w * h, dtype=np.int32), np.int32(w))
    u = (column.astype(np.float32) + 0.5) * (2 * brief.half_w / w) - brief.half_w
    v = brief.half_h - (row.astype(np.float32) + 0.5) * (2 * brief.half_h / h)
    colour = display(weathered(brief, decode(picture), u, v))
    return (colour.T.reshape(h, w, 3) * 255 + 0.5).astype(np.uint8)


def _sky(source: Pixels) -> Plane:
    """(H, W) 0..1: what is probably sky: smooth, and reached from the top edge without crossing anything."""
    h, w = source.shape[:2]
    size = (_SKY_SIDE, _SKY_SIDE)
    small = np.asarray(Image.fromarray(source).resize(size, Image.Resampling.BOX)).astype(np.float32)
    step = np.zeros(size, dtype=np.float32)
    step[1:] = np.abs(np.diff(small, axis=0)).max(axis=2)
    step[:, 1:] = np.maximum(step[:, 1:], np.abs(np.diff(small, axis=1)).max(axis=2))
    rough = _roughness(source, size)
    calm = (step < 22) & (rough < np.median(rough[:8]) * 1.5 + 1.0)
    row = np.broadcast_to(np.arange(_SKY_SIDE)[:, None], size)
    sky = _reached(calm, row == 0)
    if sky.mean() < 0.02:
        sky = row < _SKY_SIDE // 2
    # Sun, moon and small clouds belong to the sky: whatever the lower edge cannot reach without crossing it.
    land = _reached(~sky, row == _SKY_SIDE - 1)
    coarse = (~land).astype(np.float32)
    return _outlined(source, np.asarray(Image.fromarray(coarse).resize((w, h), Image.Resampling.BILINEAR)))


def _roughness(source: Pixels, size: tuple[int, int]) -> Plane:
    """Standard deviation of brightness within each cell of a lattice of that size."""
    grey = np.asarray(Image.fromarray(source).convert("L")).astype(np.float32)
    mean = np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BOX))
    square = np.asarray(Image.fromarray(grey * grey).resize(size, Image.Resampling.BOX))
    return blurred(np.sqrt(np.maximum(square - mean * mean, 0)), 1.0)


def _reached(allowed: npt.NDArray[np.bool_], start: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Cells that can be walked to from `start` over `allowed` ones, in four directions."""
    seen = start & allowed
    while True:
        grown = seen.copy()
        grown[1:] |= seen[:-1]
        grown[:-1] |= seen[1:]
        grown[:, 1:] |= seen[:, :-1]
        grown[:, :-1] |= seen[:, 1:]
        grown &= allowed
        if np.array_equal(grown, seen):
            return seen
        seen = grown


def _outlined(source: Pixels, mask: Plane) -> Plane:
    """A coarse mask (H, W) drawn along the picture's own edges: near its border, what has the sky's colour is sky."""
    radius = max(source.shape[:2]) / _SKY_SIDE * 1.5
    near = blurred(mask, radius)
    own = blurred(source * mask[:, :, None], radius * 2) / np.maximum(blurred(mask, radius * 2), 0.02)[:, :, None]
    like = np.clip((70 - np.abs(source - own).max(axis=2)) / 40, 0, 1)
    inside = np.clip((near - 0.85) / 0.1, 0, 1)
    around = np.clip((near - 0.12) / 0.2, 0, 1)
    out: Plane = np.maximum(inside, around * like)
    return out
