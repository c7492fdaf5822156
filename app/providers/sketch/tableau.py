"""A body on the ground before a backdrop: how most scenes are put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.providers.sketch.arrays import Array, Painter, clamp, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.noise import Noise
from app.providers.sketch.space import Body, Camera, Sight, Skin, normals, shade, shadow

Dress = Callable[[Array, Array, Array], Skin]
"""Points on the body to what its surface is like there."""

Ground = Callable[[Array, Array], Skin]
"""x, z on the ground to what it is like there."""

Overlay = Callable[[Array, Array, Array], Array]
"""u, v and the colours so far to new colours: what stands between the ground and the body."""


Rays = tuple[Array, Array, Array]


@dataclass(frozen=True, slots=True, eq=False)
class Tableau:
    """ruffle: how much the surface is roughened, as fur or rough clay. depth: where the ground dissolves in haze.
    towards: unit vector to the light. standing: painted over the ground, behind the body. rough: a finer distance than
    the body's own, used only for its normals."""

    brief: Brief
    camera: Camera
    body: Body
    dress: Dress
    ground: Ground
    backdrop: Painter
    towards: tuple[float, float, float]
    ruffle: float = 0.0
    depth: float = 30.0
    standing: Overlay | None = None
    rough: Callable[[Array, Array, Array], Array] | None = None

    def painter(self) -> Painter:
        sight = Sight(self.camera, self.body, self.brief.half_w, self.brief.half_h)
        fur = self.brief.noise("fur")

        def paint(u: Array, v: Array) -> Array:
            rays = self.camera.rays(u, v)
            colour = self.backdrop(u, v)
            t = sight.hit(u, v, rays, self.brief.pixel)
            # What lies below the ground, as a rock under water, is not seen.
            bare = (t > 1e8) | (self.camera.eye[1] + rays[1] * t < -1e-3)
            (floor,) = np.nonzero(bare & (rays[1] < -0.012))
            if floor.size:
                colour[:, floor] = self._floor(colour[:, floor], _some(rays, floor))
            if self.standing is not None:
                colour = self.standing(u, v, colour)
            (solid,) = np.nonzero(~bare)
            if solid.size:
                colour[:, solid] = self._surface(fur, t[solid], _some(rays, solid))
            return colour

        return paint

    def _floor(self, behind: Array, rays: Rays) -> Array:
        ex, ey, ez = self.camera.eye
        t = -ey / rays[1]
        x, z = ex + rays[0] * t, ez + rays[2] * t
        light = self.brief.light
        zero = np.full_like(x, 0.01)
        lit = shadow(self.body, x, zero, z, self.towards)
        near = clamp(self.body.distance(x, zero + 0.1, z) * 1.4 + 0.12)
        open_sky = 0.25 + 0.75 * clamp(near)
        skin = self.ground(x, z)
        colour = skin.albedo * (light.key * (lit * (self.towards[1] * 0.9 + 0.1)) + light.fill * open_sky)
        colour += skin.glow * (0.4 + 0.6 * open_sky)
        out: Array = colour + (behind - colour) * ramp(self.depth * 0.3, self.depth, t)
        return out

    def _surface(self, fur: Noise, t: Array, rays: Rays) -> Array:
        ex, ey, ez = self.camera.eye
        x, y, z = ex + rays[0] * t, ey + rays[1] * t, ez + rays[2] * t
        nx, ny, nz = normals(self.rough or self.body.distance, x, y, z)
        open_sky = clamp(self.body.distance(x + nx * 0.22, y + ny * 0.22, z + nz * 0.22) * 4.0 + 0.12)
        open_sky *= 0.45 + 0.55 * clamp(y * 1.6 + 0.25)
        skin = self.dress(x, y, z)
        if self.ruffle:
            strand = fur.at(x * 95 + z * 43, y * 41 - z * 29) - 0.5
            coarse = fur.at(x * 37 - z * 23 + 40, y * 19 + z * 17) - 0.5
            nx = nx + strand * (1.1 * self.ruffle)
            ny = ny + (coarse + strand) * (0.7 * self.ruffle)
            scale = 1.0 / np.sqrt(nx * nx + ny * ny + nz * nz)
            nx, ny, nz = nx * scale, ny * scale, nz * scale
            skin = Skin(skin.albedo * (1 + self.ruffle * (strand * 0.7 + coarse * 0.5)), skin.gloss, skin.glow)
        lit = shadow(self.body, x + nx * 0.03, y + ny * 0.03, z + nz * 0.03, self.towards, steps=7)
        return shade(self.brief.light, self.towards, rays, (nx, ny, nz), lit, open_sky, skin)


def _some(rays: Rays, which: npt.NDArray[np.intp]) -> Rays:
    return rays[0][which], rays[1][which], rays[2][which]
