"""What each hour of the day does to a scene: where the light stands, its colour, and the sky behind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.providers.sketch.arrays import Array
from app.providers.sketch.colour import rgb


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """elevation: of sun or moon above the horizon in the picture, about -0.2..1. key, fill, bounce: linear RGB of the
    direct light, of the sky's light and of what the ground throws back. stars, lamps: 0..1, how far they are lit."""

    name: str
    elevation: float
    key: Array
    fill: Array
    bounce: Array
    zenith: Array
    middle: Array
    horizon: Array
    haze: Array
    disc: Array
    stars: float
    lamps: float

    @property
    def dark(self) -> bool:
        return self.lamps > 0.5

    def direction(self, side: float) -> tuple[float, float, float]:
        """Unit vector towards the light; side is -1 (left) or 1. Low light comes more from the side."""
        height = max(0.22, self.elevation)
        vector = np.array([side * (1.0 - 0.45 * height), 0.35 + 0.75 * height, 0.5])
        vector /= np.sqrt(np.sum(vector * vector))
        return float(vector[0]), float(vector[1]), float(vector[2])


def _light(
    name: str, elevation: float, key: tuple[str, float], fill: tuple[str, float], sky: str, disc: str, stars: float = 0
) -> Light:
    zenith, middle, horizon, haze = (rgb(code) for code in sky.split())
    strong = rgb(key[0]) * np.float32(key[1])
    soft = rgb(fill[0]) * np.float32(fill[1])
    lamps = 1.0 if stars > 0.3 else (0.6 if elevation < 0.12 else 0.0)
    bounce = (strong * 0.16 + soft * 0.3).astype(np.float32)
    return Light(name, elevation, strong, soft, bounce, zenith, middle, horizon, haze, rgb(disc), stars, lamps)


_TABLE = (
    _light("dawn", 0.1, ("#ffc1a6", 1.45), ("#b9b4e6", 0.66), "#8fa7df #efb3c8 #ffd2a6 #eab8bd", "#fff0d6"),
    _light("sunrise", 0.14, ("#ffb870", 1.8), ("#d0a9b4", 0.55), "#6f9bd1 #ffc07f #ffe08f #ffc58a", "#fff3c4"),
    _light("morning", 0.5, ("#fff0cf", 1.75), ("#b8d4ee", 0.66), "#78b4e4 #b5dbf0 #f3f0dc #dfe9ec", "#fffbe8"),
    _light("noon", 0.95, ("#fffaf0", 2.05), ("#a9cdf4", 0.7), "#2f86d6 #6fb9ee #cfe9f7 #c7e2f2", "#ffffff"),
    _light("golden hour", 0.22, ("#ffcb7d", 2.0), ("#b9b4d0", 0.6), "#7fa9c9 #f2d79c #ffdf94 #f6cf8e", "#fff5c8"),
    _light("sunset", 0.07, ("#ff7a3c", 1.9), ("#a3648a", 0.5), "#4a3f86 #e0567a #ffa24a #e8765e", "#ffd27a"),
    _light("dusk", 0.02, ("#cba6de", 0.85), ("#7673bc", 0.6), "#241e5c #6b3f98 #d9679c #7d4f98", "#ffc4c0"),
    _light("blue hour", 0.05, ("#7fa4ee", 0.6), ("#3f66c4", 0.52), "#0e2152 #2750a0 #6d9bd8 #3a63ae", "#dce8ff", 0.25),
    _light("night", 0.6, ("#8fa8e8", 0.5), ("#2b3f86", 0.36), "#050a20 #0f1d48 #24386f #18294f", "#f4f1dc", 1.0),
    _light("moonlight", 0.55, ("#c4e0f4", 0.85), ("#2a5578", 0.36), "#04121f #0d3148 #3a6f86 #1b4459", "#fbfff4", 0.7),
    _light("overcast", 0.6, ("#e6eaf0", 0.9), ("#c3ccd6", 0.95), "#a9b4c0 #c4ccd4 #dde1e4 #d0d6da", "#f4f6f8"),
)
LIGHTS = {light.name: light for light in _TABLE}
