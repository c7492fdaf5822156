"""Looking at bodies in space: a camera, rays that march through signed distances, and how what they hit is lit."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from app.providers.sketch.arrays import Array, clamp, length
from app.providers.sketch.light import Light

Distance: TypeAlias = Callable[[Array, Array, Array], Array]
"""x, y, z, each (N,), to a distance that never oversteps the surface."""

_FAR = np.float32(1e9)
_CELLS = 72
_MARGIN = 0.3


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole at `eye` looking at `target`; `lens` is the distance of the picture plane: more is longer."""

    eye: tuple[float, float, float]
    target: tuple[float, float, float]
    lens: float = 2.6

    def rays(self, u: Array, v: Array) -> tuple[Array, Array, Array]:
        """Unit directions through picture points."""
        ex, ey, ez = (t - e for t, e in zip(self.target, self.eye, strict=True))
        norm = float(np.sqrt(ex * ex + ey * ey + ez * ez))
        fx, fy, fz = ex / norm, ey / norm, ez / norm
        flat = float(np.sqrt(fx * fx + fz * fz))
        rx, rz = -fz / flat, fx / flat  # right hand, level with the ground
        ux, uy, uz = -rz * fy, rz * fx - rx * fz, rx * fy
        x = fx * self.lens + rx * u + ux * v
        y = fy * self.lens + uy * v
        z = fz * self.lens + rz * u + uz * v
        scale = 1.0 / length(x, y, z)
        return x * scale, y * scale, z * scale

    def place(self, x: float, y: float, z: float) -> tuple[float, float]:
        """Where a point in space stands in the picture."""
        ex, ey, ez = (t - e for t, e in zip(self.target, self.eye, strict=True))
        norm = float(np.sqrt(ex * ex + ey * ey + ez * ez))
        fx, fy, fz = ex / norm, ey / norm, ez / norm
        flat = float(np.sqrt(fx * fx + fz * fz))
        rx, rz = -fz / flat, fx / flat
        dx, dy, dz = x - self.eye[0], y - self.eye[1], z - self.eye[2]
        ahead = dx * fx + dy * fy + dz * fz
        right = dx * rx + dz * rz
        up = -dx * rz * fy + dy * (rz * fx - rx * fz) + dz * rx * fy
        return right / ahead * self.lens, up / ahead * self.lens

    def level(self) -> float:
        """v of the horizon in the picture."""
        ex, ey, ez = (t - e for t, e in zip(self.target, self.eye, strict=True))
        return -ey / float(np.sqrt(ex * ex + ez * ez)) * self.lens


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """A thing in space. centre and radius: a ball that holds it whole, so that most rays can pass it by."""

    distance: Distance
    centre: tuple[float, float, float]
    radius: float


class Sight:
    """Finds where rays meet a body.

    A coarse lattice of thick rays goes first; each fine ray then starts just before the surface, and those whose
    thick ray never came near are not marched at all. That halves the time several times over.
    """

    def __init__(self, camera: Camera, body: Body, half_w: float, half_h: float) -> None:
        self.camera = camera
        self.body = body
        # A margin beyond the frame, for drift and for rays sampled beside their pixel.
        self._u0, self._v0 = -half_w - _MARGIN, -half_h - _MARGIN
        self._cell = max(half_w, half_h) * 2.0 / _CELLS
        self._columns = int((half_w + _MARGIN) * 2 / self._cell) + 2
        rows = int((half_h + _MARGIN) * 2 / self._cell) + 2
        j, i = np.divmod(np.arange(rows * self._columns, dtype=np.int32), np.int32(self._columns))
        u = (self._u0 + (i.astype(np.float32) + 0.5) * self._cell).astype(np.float32)
        v = (self._v0 + (j.astype(np.float32) + 0.5) * self._cell).astype(np.float32)
        spread = self._cell * 1.0 / camera.lens
        start = _march(body, camera.eye, camera.rays(u, v), self._ball_entry(u, v), spread, steps=160, exact=False)
        # A cell starts where the nearest of its neighbours does: bodies are not always as far as they say.
        self._start = _nearest(start.reshape(rows, self._columns)).ravel()
        self._last = rows * self._columns - 1

    def hit(self, u: Array, v: Array, rays: tuple[Array, Array, Array], pixel: float) -> Array:
        """Distance along each ray to the body, or a huge number."""
        column = ((u - self._u0) * (1 / self._cell)).astype(np.int32)
        row = ((v - self._v0) * (1 / self._cell)).astype(np.int32)
        start = self._start.take(np.clip(row * self._columns + column, 0, self._last))
        return _march(self.body, self.camera.eye, rays, start, pixel * 0.4 / self.camera.lens, steps=160, exact=True)

    def _ball_entry(self, u: Array, v: Array) -> Array:
        rx, ry, rz = self.camera.rays(u, v)
        cx, cy, cz = (c - e for c, e in zip(self.body.centre, self.camera.eye, strict=True))
        along = rx * cx + ry * cy + rz * cz
        reach = self.body.radius + self._cell * np.maximum(along, 0) / self.camera.lens
        inside = along * along - (cx * cx + cy * cy + cz * cz) + reach * reach
        entry = along - np.sqrt(np.maximum(inside, 0))
        return np.where((inside > 0) & (along > 0), np.maximum(entry, 0.05), _FAR).astype(np.float32)


def _nearest(start: Array) -> Array:
    """The minimum over each cell of a lattice and its eight neighbours."""
    wide = np.pad(start, 1, mode="edge")
    rows = np.minimum(np.minimum(wide[:-2], wide[1:-1]), wide[2:])
    nearest: Array = np.minimum(np.minimum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])
    return nearest


def _march(
    body: Body,
    eye: tuple[float, float, float],
    rays: tuple[Array, Array, Array],
    start: Array,
    spread: float,
    steps: int,
    *,
    exact: bool,
) -> Array:
    """March until the distance falls under spread * t; points that left the ball are lost.

    exact: give the surface itself, else a place safely before it.
    """
    out = np.full_like(start, _FAR)
    (live,) = np.nonzero(start < _FAR)
    if live.size == 0:
        return out
    t = start[live]
    dx, dy, dz = (r[live] for r in rays)
    ox, oy, oz = eye
    beyond = math.dist(body.centre, eye) + body.radius + 0.1
    # Thick rays go carefully: what they step over is lost to every fine ray behind them.
    stride = 0.95 if exact else 0.55
    before, outside = t, np.full_like(t, 1e-3)
    for _ in range(steps):
        d = body.distance(ox + dx * t, oy + dy * t, oz + dz * t)
        near = d < spread * t
        if near.any():
            # A body may be closer than it says; a point inside it goes back to where the ray came through.
            through = outside[near] / (outside[near] - np.minimum(d[near], 0))
            at = before[near] + (t[near] - before[near]) * through
            out[live[near]] = at if exact else np.maximum(at - spread * at * 2.0, 0.05)
        going = ~near & (t < beyond)
        before, outside = t, np.maximum(d, 1e-3)
        t = t + d * stride
        if not going.all():
            live, t, dx, dy, dz = live[going], t[going], dx[going], dy[going], dz[going]
            before, outside = before[going], outside[going]
            if live.size == 0:
                return out
            d = d[going]
    # What is still creeping along a surface at the end is close enough to be it.
    out[live] = np.where(d < spread * t * 6 + 0.01, t, _FAR)
    return out


def normals(distance: Distance, x: Array, y: Array, z: Array, reach: float = 0.004) -> tuple[Array, Array, Array]:
    a = distance(x + reach, y - reach, z - reach)
    b = distance(x - reach, y - reach, z + reach)
    c = distance(x - reach, y + reach, z - reach)
    d = distance(x + reach, y + reach, z + reach)
    nx, ny, nz = a - b - c + d, -a - b + c + d, -a + b - c + d
    scale = 1.0 / (length(nx, ny, nz) + 1e-9)
    return nx * scale, ny * scale, nz * scale


def shadow(body: Body, x: Array, y: Array, z: Array, towards: tuple[float, float, float], steps: int = 9) -> Array:
    """1 in the open, 0 in full shadow, soft in between. Points whose way to the light misses the body cost nothing."""
    out = np.ones_like(x)
    lx, ly, lz = towards
    cx, cy, cz = body.centre[0] - x, body.centre[1] - y, body.centre[2] - z
    along = cx * lx + cy * ly + cz * lz
    aside = cx * cx + cy * cy + cz * cz - along * along
    reach = body.radius * body.radius
    (live,) = np.nonzero((aside < reach * 1.3) & (along > -body.radius))
    if live.size == 0:
        return out
    px, py, pz = x[live], y[live], z[live]
    t = np.maximum(along[live] - np.sqrt(np.maximum(reach * 1.3 - aside[live], 0)), 0.05).astype(np.float32)
    lit = np.ones_like(t)
    for _ in range(steps):
        d = body.distance(px + lx * t, py + ly * t, pz + lz * t)
        lit = np.minimum(lit, d * 9.0 / t)
        t = t + clamp(d, 0.05, 0.6)
    out[live] = clamp(lit)
    return out


@dataclass(frozen=True, slots=True, eq=False)
class Skin:
    """What a surface does with light: albedo (3, N) or (3, 1); gloss 0..1 adds a highlight; glow adds light itself."""

    albedo: Array
    gloss: Array | float = 0.0
    glow: Array | float = 0.0


def shade(
    light: Light,
    towards: tuple[float, float, float],
    rays: tuple[Array, Array, Array],
    normal: tuple[Array, Array, Array],
    lit: Array,
    open_sky: Array,
    skin: Skin,
) -> Array:
    """Linear RGB of a lit surface: sun with soft shadow, sky from above, bounce from below, rim and highlight."""
    nx, ny, nz = normal
    lx, ly, lz = towards
    facing = nx * lx + ny * ly + nz * lz
    # Light wraps a little around the edge, as it does on fur, clay and snow.
    sun = clamp(facing * 0.85 + 0.15) * lit
    up = ny * 0.5 + 0.5
    colour = skin.albedo * (light.key * sun + (light.fill * up + light.bounce * (1.0 - up)) * open_sky)
    away = 1.0 + (nx * rays[0] + ny * rays[1] + nz * rays[2])
    rim = clamp(away) ** 3
    colour += (light.horizon * 0.28 + skin.albedo * 0.4 * light.key) * (rim * clamp(facing + 0.6) * open_sky)
    if isinstance(skin.gloss, float) and skin.gloss == 0.0:
        return colour + skin.glow
    hx, hy, hz = lx - rays[0], ly - rays[1], lz - rays[2]
    half = (nx * hx + ny * hy + nz * hz) / length(hx, hy, hz)
    spark = clamp(half) ** 40 * lit
    return colour + light.key * (spark * skin.gloss) + light.fill * (clamp(away) ** 2 * 0.5 * skin.gloss) + skin.glow
