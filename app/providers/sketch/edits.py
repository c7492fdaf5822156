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
    tinted = np.where(scaled > 255, 255 - (255 - wanted) * (255 - np.minimum(base, 255)) / (255 - own + 1), scaled)
    return (p * 0.2 + np.clip(tinted, 0, 255) * 0.8).astype(np.float32)


def _relit(p: Plane, light: hours.Light) -> Plane:
    """Multiply by the hour's light, brightest above."""
    h = p.shape[0]
    up = np.linspace(1, 0, h, dtype=np.float32)[:, None, None]
    tone = (light.key * 0.6 + light.fill * 0.7)[:, 0]
    haze = light.haze[:, 0]
    linear = decode(to_bytes(p)).T.reshape(p.shape)
    lit = linear * (tone * 0.8 + 0.08) + haze * (0.14 + 0.12 * up)
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
    """(H, W) 0..1: what is probably sky: reached from the top edge without crossing an edge or leaving its colours."""
    h, w = source.shape[:2]
    side = 96
    small = np.asarray(Image.fromarray(source).resize((side, side), Image.Resampling.BOX)).astype(np.float32)
    step = np.zeros((side, side), dtype=np.float32)
    step[1:] = np.abs(np.diff(small, axis=0)).max(axis=2)
    step[:, 1:] = np.maximum(step[:, 1:], np.abs(np.diff(small, axis=1)).max(axis=2))
    calm = step < 22
    top = small[:4].mean(axis=(0, 1))
    # The sky may change colour slowly on its way down, so what counts is the way, and less the distance travelled.
    like = np.abs(small - top).max(axis=2) < 130
    allowed: npt.NDArray[np.bool_] = calm & like
    sky = np.zeros((side, side), dtype=bool)
    sky[0] = allowed[0]
    for _ in range(side * 2):
        grown = sky.copy()
        grown[1:] |= sky[:-1]
        grown[:-1] |= sky[1:]
        grown[:, 1:] |= sky[:, :-1]
        grown[:, :-1] |= sky[:, 1:]
        grown &= allowed
        if np.array_equal(grown, sky):
            break
        sky = grown
    if sky.mean() < 0.02:
        sky[: side // 2] = True
    soft = blurred(sky.astype(np.float32), 0.8)
    mask = np.asarray(Image.fromarray(soft).resize((w, h), Image.Resampling.BICUBIC))
    out: Plane = np.clip(mask, 0, 1).astype(np.float32)
    return out
