"""From a brief to pixels: strips of points, softened edges, weather, grading, grain and vignette."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import cast

import numpy as np

from app.providers.sketch.arrays import Array, Painter, Pixels, ramp
from app.providers.sketch.brief import VERSION, Brief, brief_for
from app.providers.sketch.chance import Dice
from app.providers.sketch.colour import display
from app.providers.sketch.grade import graded
from app.providers.sketch.weather import weathered

# Points painted in one go: few enough for the arrays to stay in the processor's cache, many enough to hide Python.
_STRIP = 24_000
# Display difference between neighbours from which a pixel's edge is painted again with four rays.
_EDGE = 0.07
_SOFTENED = 0.07
_CORNERS = ((-0.125, -0.375), (0.375, -0.125), (0.125, 0.375), (-0.375, 0.125))


def paint(
    prompt: str, negative_prompt: str, seed: int, width_px: int, height_px: int, *, scale: float = 1.0
) -> Iterator[float | Pixels]:
    """Yield the fraction done after each strip, then the picture (H, W, 3).

    scale: below 1 paints the same picture smaller, as a preview, without softened edges and grain.
    The same arguments give the same bytes in every process.
    """
    w, h = max(8, round(width_px * scale)), max(8, round(height_px * scale))
    brief = brief_for(prompt, negative_prompt, seed, width_px, height_px, min(w, h))
    painter = scene(brief)
    colour = np.empty((3, h * w), dtype=np.float32)
    share = 0.8 if scale >= 1.0 else 1.0
    for start, stop in _spans(w * h):
        index = np.arange(start, stop, dtype=np.int32)
        u, v = _points(brief, index, w, h, 0.0, 0.0)
        colour[:, start:stop] = display(painter(u, v))
        yield share * stop / (w * h)
    if scale >= 1.0:
        yield from _soften(brief, painter, colour, w, h)
        _grain(brief, colour, w, h)
    yield np.ascontiguousarray((colour * 255 + 0.5).clip(0, 255).astype(np.uint8).T).reshape(h, w, 3)


def picture(
    prompt: str, negative_prompt: str, seed: int, width_px: int, height_px: int, *, scale: float = 1.0
) -> Pixels:
    """`paint` in one call."""
    *_, pixels = paint(prompt, negative_prompt, seed, width_px, height_px, scale=scale)
    return cast(Pixels, pixels)


def scene(brief: Brief) -> Painter:
    """The painter of the brief's subject with weather, mood and vignette over it."""
    module = importlib.import_module(f"app.providers.sketch.scenes.{brief.reading.subject.scene}")
    painter = cast(Painter, module.compose(brief))

    def complete(u: Array, v: Array) -> Array:
        colour = weathered(brief, painter(u, v), u, v)
        return graded(brief, colour) * _vignette(brief, u, v)

    return complete


def _vignette(brief: Brief, u: Array, v: Array) -> Array:
    across, up = (u - brief.drift[0]) / brief.half_w, (v - brief.drift[1]) / brief.half_h
    return 1.0 - 0.3 * ramp(0.55, 1.9, across * across + up * up)


def _spans(count: int) -> Iterator[tuple[int, int]]:
    for start in range(0, count, _STRIP):
        yield start, min(count, start + _STRIP)


def _points(
    brief: Brief, index: np.ndarray[tuple[int, ...], np.dtype[np.int32]], w: int, h: int, dx: float, dy: float
) -> tuple[Array, Array]:
    row, column = np.divmod(index, np.int32(w))
    u = (column.astype(np.float32) + (0.5 + dx)) * (2 * brief.half_w / w) - brief.half_w
    v = brief.half_h - (row.astype(np.float32) + (0.5 + dy)) * (2 * brief.half_h / h)
    return u + brief.drift[0], v + brief.drift[1]


def _soften(brief: Brief, painter: Painter, colour: Array, w: int, h: int) -> Iterator[float]:
    """Paint every pixel at a visible edge again, as the mean of four rays."""
    grid = colour.reshape(3, h, w)
    edge = np.zeros((h, w), dtype=np.float32)
    across = np.abs(np.diff(grid, axis=2)).max(axis=0)
    down = np.abs(np.diff(grid, axis=1)).max(axis=0)
    for part, difference in ((edge[:, 1:], across), (edge[:, :-1], across), (edge[1:], down), (edge[:-1], down)):
        np.maximum(part, difference, out=part)
    # Busy textures are all edges: only the sharpest are softened there, which keeps the time bounded.
    count = int(edge.size * _SOFTENED)
    limit = max(_EDGE, float(np.partition(edge.ravel(), -count)[-count]))
    index = np.flatnonzero(edge > limit).astype(np.int32)
    for start, stop in _spans(index.size):
        some = index[start:stop]
        total = np.zeros((3, some.size), dtype=np.float32)
        for dx, dy in _CORNERS:
            total += display(painter(*_points(brief, some, w, h, dx, dy)))
        colour[:, some] = total * 0.25
        yield 0.8 + 0.2 * stop / index.size


def _grain(brief: Brief, colour: Array, w: int, h: int) -> None:
    """Fine film grain, strongest in the mid-tones, equal in all channels."""
    values = Dice(VERSION, brief.reading.digest, brief.seed, "grain").table(1, h * w)
    strength = colour * (1.0 - colour) * 0.1
    colour += (values - 0.5) * strength
