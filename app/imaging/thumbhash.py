"""A picture in about 25 bytes: enough for a blurred stand-in while the real one loads.

The bytes follow the public ThumbHash format (https://evanw.github.io/thumbhash/): lightness, two colour differences
and, if need be, alpha, each as a few quantised cosine coefficients.
"""

from __future__ import annotations

import base64
import binascii
import io
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_Plane = NDArray[np.float64]

_SIDE_PX = 32
_COLOUR_TERMS = 3
_ALPHA_TERMS = 5


def thumbhash(image: Image.Image) -> str:
    """Base64 text of at most 36 characters. Any mode and size is taken."""
    scale = _SIDE_PX / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = image.resize(size, Image.Resampling.BOX, reducing_gap=1.0 if scale < 1 else None).convert("RGBA")
    return base64.b64encode(_encode(np.asarray(small, dtype=np.float64) / 255)).decode("ascii")


def placeholder_png(text: str) -> bytes:
    """The blurred stand-in, at most 32 px a side, as a PNG of a few hundred bytes. Raises ValueError for a bad text."""
    pixels = _decode(_bytes_of(text))
    kind = "RGB" if pixels[..., 3].min() == 255 else "RGBA"
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert(kind).save(buffer, "PNG")
    return buffer.getvalue()


def average_colour(text: str) -> str:
    """The average colour as `#rrggbb`. Raises ValueError for a bad text."""
    head = int.from_bytes(_bytes_of(text)[:3], "little")
    means = ((head & 63) / 63, (head >> 6 & 63) / 31.5 - 1, (head >> 12 & 63) / 31.5 - 1)
    return "#" + "".join(f"{int(channel):02x}" for channel in _rgb(*map(np.asarray, means)))


def _bytes_of(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("a thumbhash is base64") from error
    if len(data) < 5 or len(data) < _length(data):
        raise ValueError("a thumbhash is cut off")
    return data


def _length(data: bytes) -> int:
    """How many bytes a hash with this head must have."""
    has_alpha, wide, high = _shape(data)
    terms = len(_order(max(3, wide), max(3, high))) + 2 * len(_order(_COLOUR_TERMS, _COLOUR_TERMS))
    terms += len(_order(_ALPHA_TERMS, _ALPHA_TERMS)) if has_alpha else 0
    return 5 + has_alpha + (terms + 1) // 2


def _shape(data: bytes) -> tuple[bool, int, int]:
    """Whether there is alpha, and how many lightness terms across and down."""
    has_alpha, landscape, fewer = bool(data[2] & 0x80), bool(data[4] & 0x80), data[3] & 7
    more = 5 if has_alpha else 7
    return (has_alpha, more, fewer) if landscape else (has_alpha, fewer, more)


def _encode(rgba: _Plane) -> bytes:
    height, width = rgba.shape[:2]
    alpha = rgba[..., 3]
    weight = alpha.sum()
    average = (rgba[..., :3] * alpha[..., None]).sum(axis=(0, 1)) / weight if weight else np.zeros(3)
    has_alpha = bool(weight < width * height)
    red, green, blue = np.moveaxis(average * (1 - alpha[..., None]) + rgba[..., :3] * alpha[..., None], 2, 0)

    most = 5 if has_alpha else 7
    wide = max(1, _rounded(most * width / max(width, height)))
    high = max(1, _rounded(most * height / max(width, height)))
    light_dc, light_ac, light_scale = _channel((red + green + blue) / 3, max(3, wide), max(3, high))
    warm_dc, warm_ac, warm_scale = _channel((red + green) / 2 - blue, _COLOUR_TERMS, _COLOUR_TERMS)
    rosy_dc, rosy_ac, rosy_scale = _channel(red - green, _COLOUR_TERMS, _COLOUR_TERMS)

    landscape = width > height
    head: int = _rounded(63 * light_dc) | _rounded(31.5 + 31.5 * warm_dc) << 6 | _rounded(31.5 + 31.5 * rosy_dc) << 12
    head |= _rounded(31 * light_scale) << 18 | has_alpha << 23
    tail: int = (high if landscape else wide) | _rounded(63 * warm_scale) << 3 | _rounded(63 * rosy_scale) << 9
    tail |= landscape << 15
    out = head.to_bytes(3, "little") + tail.to_bytes(2, "little")

    terms = [light_ac, warm_ac, rosy_ac]
    if has_alpha:
        alpha_dc, alpha_ac, alpha_scale = _channel(alpha, _ALPHA_TERMS, _ALPHA_TERMS)
        out += bytes([_rounded(15 * alpha_dc) | _rounded(15 * alpha_scale) << 4])
        terms.append(alpha_ac)
    nibbles = [_rounded(15 * float(term)) for term in np.concatenate(terms)]
    nibbles += [0] * (len(nibbles) % 2)
    return out + bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))


def _channel(plane: _Plane, wide: int, high: int) -> tuple[float, _Plane, float]:
    """Mean, other coefficients scaled to 0..1, and their scale."""
    height, width = plane.shape
    all_terms = _cosines(high, height) @ plane @ _cosines(wide, width).T / (width * height)
    rest = np.array([all_terms[down, across] for across, down in _order(wide, high)])
    scale = float(np.abs(rest).max())
    return float(all_terms[0, 0]), 0.5 + 0.5 / scale * rest if scale else rest, scale


def _decode(data: bytes) -> NDArray[np.uint8]:
    """(H, W, 4) with the longer side 32 px."""
    has_alpha, wide, high = _shape(data)
    head, tail = int.from_bytes(data[:3], "little"), int.from_bytes(data[3:5], "little")
    packed = np.frombuffer(data, dtype=np.uint8)[6 if has_alpha else 5 :]
    nibbles = np.stack([packed & 15, packed >> 4], axis=1).ravel() / 7.5 - 1

    ratio = max(1, wide) / max(1, high)
    width, height = (_SIDE_PX, _rounded(_SIDE_PX / ratio)) if ratio > 1 else (_rounded(_SIDE_PX * ratio), _SIDE_PX)
    at = 0

    def plane(across: int, down: int, mean: float, scale: float) -> _Plane:
        nonlocal at
        order = _order(across, down)
        terms = np.zeros((down, across))
        for value, (column, row) in zip(nibbles[at : at + len(order)], order, strict=True):
            terms[row, column] = 2 * scale * value
        at += len(order)
        return mean + _cosines(down, height).T @ terms @ _cosines(across, width)

    light = plane(max(3, wide), max(3, high), (head & 63) / 63, (head >> 18 & 31) / 31)
    # The differences lose some strength to quantising; the format gives a quarter back.
    warm = plane(_COLOUR_TERMS, _COLOUR_TERMS, (head >> 6 & 63) / 31.5 - 1, (tail >> 3 & 63) / 63 * 1.25)
    rosy = plane(_COLOUR_TERMS, _COLOUR_TERMS, (head >> 12 & 63) / 31.5 - 1, (tail >> 9 & 63) / 63 * 1.25)
    alpha = np.ones_like(light)
    if has_alpha:
        alpha = plane(_ALPHA_TERMS, _ALPHA_TERMS, (data[5] & 15) / 15, (data[5] >> 4) / 15)
    return np.stack([*_rgb(light, warm, rosy), _level(alpha)], axis=-1)


def _rgb(light: _Plane, warm: _Plane, rosy: _Plane) -> tuple[NDArray[np.uint8], ...]:
    blue = light - 2 / 3 * warm
    red = (3 * light - blue + rosy) / 2
    return _level(red), _level(red - rosy), _level(blue)


def _level(plane: _Plane) -> NDArray[np.uint8]:
    return (255 * np.clip(plane, 0, 1)).astype(np.uint8)


@cache
def _order(wide: int, high: int) -> list[tuple[int, int]]:
    """The (across, down) frequencies kept, in the order they are stored: a triangle without its corner."""
    return [
        (across, down)
        for down in range(high)
        for across in range(wide)
        if across * high < wide * (high - down) and (across or down)
    ]


@cache
def _cosines(terms: int, length: int) -> _Plane:
    positions = np.pi / length * (np.arange(length) + 0.5)
    return np.cos(np.arange(terms)[:, None] * positions)


def _rounded(value: float) -> int:
    """Half up, as the format's first implementation does."""
    return int(value + 0.5)
