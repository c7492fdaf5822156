"""Indoors: a table before a wall, one soft window."""

from __future__ import annotations

from app.providers.sketch.arrays import Array, Painter, mix, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.colour import rgb
from app.providers.sketch.space import Camera, Skin
from app.providers.sketch.tableau import Ground

# Wall and table, chosen to sit well with warm and with cool things.
SETS = (
    ("#d8cdb8", "#cbb99a"), ("#27566b", "#1f4252"), ("#e3b7a0", "#d39a80"), ("#b9c4b0", "#a3ad94"),
    ("#7d3b33", "#5f2a26"), ("#e8dcc4", "#b98a5c"), ("#31424a", "#6b4a36"), ("#c9b6c8", "#b39bb5"),
)  # fmt: skip


def chosen(brief: Brief) -> tuple[Array, Array]:
    """(wall, table), (3, 1) each: as the words say, else a pair by seed."""
    wall, table = (rgb(code) for code in brief.dice("studio").pick(SETS))
    places = brief.reading.places
    if "sky" in places:
        wall = rgb(places["sky"])
        table = wall * 0.75
    if "ground" in places:
        table = rgb(places["ground"])
    return wall, table


def wall(brief: Brief, colour: Array) -> Painter:
    """A plain wall: light falls on it from one side, with a faint pool of the window's shape."""
    light = brief.light
    noise = brief.noise("plaster")
    side = brief.side

    def paint(u: Array, v: Array) -> Array:
        across = (u * side) / brief.half_w
        pool = ramp(-0.4, 1.0, across + 0.35 * (v / brief.half_h))
        mottle = 0.95 + 0.1 * noise.clouds(u * 2.2 + 30, v * 2.2, octaves=3)
        tone = light.key * (0.16 + 0.42 * pool) + light.fill * 0.72
        out: Array = colour * tone * mottle + light.horizon * colour * 0.06
        return out

    return paint


def table(brief: Brief, colour: Array) -> Ground:
    noise = brief.noise("grain")
    wooden = brief.dice("table").chance(0.4)

    def ground(x: Array, z: Array) -> Skin:
        if not wooden:
            return Skin(colour * (0.96 + 0.08 * noise.at(x * 30, z * 30)))
        line = noise.clouds(x * 0.8 + 40, z * 7, octaves=4)
        return Skin(mix(colour * 0.88, colour * 1.06, ramp(0.3, 0.7, line)))

    return ground


def camera(brief: Brief, *, height: float, look: float, lens: float) -> Camera:
    dice = brief.dice("pose")
    return Camera(
        eye=(dice.between(-0.8, 0.8), height * dice.between(0.88, 1.15), 8.0),
        target=(dice.between(-0.12, 0.12), look, 0.0),
        lens=lens * dice.between(0.93, 1.05),
    )
