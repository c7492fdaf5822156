"""Signed distances (negative inside) of simple bodies, and how bodies melt into each other.

Source: the standard distance formulas for primitives, and the polynomial smooth minimum.
"""

from __future__ import annotations

import numpy as np

from app.providers.sketch.arrays import Array, clamp, least, length, most

Point = tuple[float, float, float]


def melt(a: Array, b: Array, k: float) -> Array:
    """Union of two bodies whose seam is rounded over about k units."""
    h = np.maximum(k - np.abs(a - b), 0) * (1.0 / k)
    return least(a, b) - h * h * (k * 0.25)


def ball(x: Array, y: Array, z: Array, centre: Point, r: float) -> Array:
    return length(x - centre[0], y - centre[1], z - centre[2]) - r


def egg(x: Array, y: Array, z: Array, centre: Point, radii: Point) -> Array:
    """Ellipsoid; exact on the surface and near enough around it."""
    dx, dy, dz = x - centre[0], y - centre[1], z - centre[2]
    ax, ay, az = dx * (1 / radii[0]), dy * (1 / radii[1]), dz * (1 / radii[2])
    k0 = ax * ax + ay * ay + az * az
    ax *= 1 / radii[0]
    ay *= 1 / radii[1]
    az *= 1 / radii[2]
    k1 = np.sqrt(ax * ax + ay * ay + az * az) + 1e-6
    out: Array = (k0 - np.sqrt(k0)) / k1
    return out


def limb(x: Array, y: Array, z: Array, a: Point, b: Point, ra: float, rb: float) -> Array:
    """A capsule from a to b whose radius runs from ra to rb."""
    bx, by, bz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    dx, dy, dz = x - a[0], y - a[1], z - a[2]
    t = clamp((dx * bx + dy * by + dz * bz) * (1 / (bx * bx + by * by + bz * bz)))
    dx -= bx * t
    dy -= by * t
    dz -= bz * t
    out: Array = np.sqrt(dx * dx + dy * dy + dz * dz) - (ra + (rb - ra) * t)
    return out


def box(x: Array, y: Array, z: Array, centre: Point, half: Point, rounding: float = 0.02) -> Array:
    qx = np.abs(x - centre[0]) - (half[0] - rounding)
    qy = np.abs(y - centre[1]) - (half[1] - rounding)
    qz = np.abs(z - centre[2]) - (half[2] - rounding)
    outside = length(np.maximum(qx, 0), np.maximum(qy, 0), np.maximum(qz, 0))
    out: Array = outside + np.minimum(np.maximum(qx, np.maximum(qy, qz)), 0) - rounding
    return out


def turned(radius: Array, y: Array, profile: list[tuple[float, float]], rounding: float = 0.02) -> Array:
    """A body turned on a lathe: profile gives (height, radius) from bottom to top, joined by straight walls.

    A lower bound of the distance is enough for marching, so the walls' slope is divided out once.
    """
    heights = np.array([h for h, _ in profile], dtype=np.float32)
    radii = np.array([r for _, r in profile], dtype=np.float32)
    wall = radius - np.interp(y, heights, radii).astype(np.float32)
    steep = float(np.max(np.abs(np.diff(radii)) / np.maximum(np.diff(heights), 1e-3)))
    side = wall * (1 / float(np.sqrt(1 + min(steep, 3.0) ** 2)))
    cap = np.maximum(heights[0] - y, y - heights[-1])
    return most(side, cap) - rounding


def torus(x: Array, y: Array, z: Array, centre: Point, ring: float, tube: float) -> Array:
    """A ring lying flat."""
    around = length(x - centre[0], z - centre[2]) - ring
    return length(around, y - centre[1]) - tube


def segment(u: Array, v: Array, a: tuple[float, float], b: tuple[float, float]) -> Array:
    """Distance in the plane to the line from a to b."""
    bx, by = b[0] - a[0], b[1] - a[1]
    dx, dy = u - a[0], v - a[1]
    t = clamp((dx * bx + dy * by) * (1 / (bx * bx + by * by)))
    return length(dx - bx * t, dy - by * t)


def rectangle(u: Array, v: Array, centre: tuple[float, float], half: tuple[float, float]) -> Array:
    qx = np.abs(u - centre[0]) - half[0]
    qy = np.abs(v - centre[1]) - half[1]
    out: Array = length(np.maximum(qx, 0), np.maximum(qy, 0)) + np.minimum(np.maximum(qx, qy), 0)
    return out
