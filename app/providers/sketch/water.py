"""Still and moving water: the sky upside down, broken by waves, with the light's path on it."""

from __future__ import annotations

import numpy as np

from app.providers.sketch.arrays import Array, clamp, length, mix, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.colour import rgb
from app.providers.sketch.sky import gradient
from app.providers.sketch.space import Camera, Skin
from app.providers.sketch.tableau import Ground


def water(brief: Brief, camera: Camera, towards: tuple[float, float, float], *, rough: float = 1.0) -> Ground:
    """rough: 0 a mirror, 1 a breeze, 2 wind."""
    light = brief.light
    noise = brief.noise("waves")
    deep = rgb(brief.reading.places.get("ground", "#0b3d55"))

    def ground(x: Array, z: Array) -> Skin:
        dx, dz = x - camera.eye[0], z - camera.eye[2]
        far = length(dx, dz)
        swell = noise.at(x * 0.9 + z * 0.4, z * 2.6) - 0.5
        chop = noise.at(x * 3.4 - z, z * 9.0) - 0.5
        fine = noise.at(x * 11.0, z * 27.0) - 0.5
        slope = (swell * 0.5 + chop * 0.45 + fine * 0.4) * rough
        # Far water is seen at a flat angle and mirrors the low sky; near water shows its depth.
        mirrored = gradient(brief, clamp(0.02 + 1.2 / far + slope * 0.34))
        grazing = clamp(0.3 + 0.055 * far - slope * 0.6)
        colour = mix(deep * (light.fill * 0.9 + light.key * 0.16), mirrored * 0.88, grazing)
        path = np.abs(dx * towards[2] + dz * towards[0]) / (far + 1)
        along = dx * towards[0] > 0
        glitter = ramp(0.17, 0.44, chop * 0.55 + fine * 0.75) * ramp(0.62, 0.0, path) * along
        return Skin(deep * 0.12, glow=colour + light.disc * light.key * (glitter * (0.5 * min(1.0, rough + 0.3))))

    return ground
