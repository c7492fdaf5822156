"""What a scene is told before it paints: the reading, the hour, the frame and its chances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.providers.sketch import light as hours
from app.providers.sketch.arrays import Array
from app.providers.sketch.chance import Dice
from app.providers.sketch.colour import rgb, shift
from app.providers.sketch.light import Light
from app.providers.sketch.noise import Noise
from app.providers.sketch.vocabulary import Reading, read

VERSION = "1"
"""Part of every hash: raise it when pictures change, so that old recipes stay honest."""

# Close up one wants to see a face, which is above the middle.
_LIFT = {"close-up": 0.24}
_ZOOM = {"close-up": 1.45, "wide": 0.66, "aerial": 0.8, "minimal": 0.8}


@dataclass(frozen=True, slots=True, eq=False)
class Brief:
    """half_w, half_h: the frame in scene units (the short side spans -1..1 before zoom). pixel: one pixel's size in
    the same units, only for softening edges. drift: a small camera offset that every other text changes."""

    reading: Reading
    seed: int
    light: Light
    half_w: float
    half_h: float
    zoom: float
    pixel: float
    drift: tuple[float, float]

    @property
    def side(self) -> float:
        """-1 or 1: where the light stands in this picture."""
        return self.dice("side").sign()

    def dice(self, name: str) -> Dice:
        """Chances of one named thing in the scene; the words that chose nothing else take part in it."""
        return Dice(VERSION, self.reading.subject.name, self.reading.rest, self.seed, name)

    def noise(self, name: str) -> Noise:
        return Noise(self.dice(name))

    def colour(self, natural: str) -> Array:
        """The subject's colour, by the words or else as nature has it, (3, 1) linear."""
        return rgb(self.reading.colour or natural)

    def tinted(self, part: str, natural: str) -> Array:
        """A colour beside the subject's: its natural one, or a sister of the colour asked for."""
        if self.reading.colour is None:
            return rgb(natural)
        asked = rgb(self.reading.colour)
        return shift(asked, hue=self.dice(part).between(-0.04, 0.04), saturation=0.85, value=0.8)

    @property
    def season(self) -> str:
        return self.reading.season or self.dice("season").pick(("snow", "autumn", "summer", "spring"))

    @property
    def sparse(self) -> float:
        """How much of the scenery stands: less in minimal pictures."""
        return 0.35 if self.reading.framing == "minimal" else 1.0


def brief_for(prompt: str, negative_prompt: str, seed: int, width_px: int, height_px: int, render_px: int) -> Brief:
    """render_px: the short side that is really painted (previews paint fewer pixels of the same picture)."""
    reading = read(prompt, negative_prompt)
    short = min(width_px, height_px)
    zoom = _ZOOM.get(reading.framing, 1.0)
    nudge = Dice(VERSION, reading.digest, "nudge")
    light = hours.LIGHTS[reading.light]
    return Brief(
        reading=reading,
        seed=seed,
        light=_recoloured(light, reading, nudge),
        half_w=width_px / short / zoom,
        half_h=height_px / short / zoom,
        zoom=zoom,
        pixel=2.0 / render_px / zoom,
        drift=(nudge.between(-0.05, 0.05), nudge.between(-0.03, 0.03) + _LIFT.get(reading.framing, 0.0)),
    )


def _recoloured(light: Light, reading: Reading, nudge: Dice) -> Light:
    """The hour's sky in the colour the words gave it, and a touch of hue of this text's own."""
    turn = nudge.between(-0.02, 0.02)
    zenith, middle, horizon = (shift(c, hue=turn) for c in (light.zenith, light.middle, light.horizon))
    haze = light.haze
    if (code := reading.places.get("sky")) is not None:
        asked = rgb(code)
        value = float(np.max(light.middle)) ** 0.45
        zenith, middle = shift(asked, value=0.72 * value), shift(asked, saturation=0.85, value=value)
        horizon = shift(asked, hue=0.03, saturation=0.55, value=min(1.25, value * 1.3))
        haze = middle
    stars = 1.0 if reading.weather == "stars" else light.stars
    return Light(
        light.name, light.elevation, light.key, light.fill, light.bounce, zenith, middle, horizon, haze,
        light.disc, stars, light.lamps,
    )  # fmt: skip
