"""Things on a table: bottles, pears, a bowl of fruit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.providers.sketch import studio
from app.providers.sketch.arrays import Array, Painter, least, length, mix, ramp
from app.providers.sketch.brief import Brief
from app.providers.sketch.chance import Dice
from app.providers.sketch.colour import rgb, shift
from app.providers.sketch.shapes import ball, box, egg, limb, melt, turned
from app.providers.sketch.space import Body, Distance, Skin
from app.providers.sketch.tableau import Tableau

_GLAZES = ("#efe9dc", "#4f7f96", "#c9653f", "#2f6b5a", "#d9b04a", "#8a8f9a", "#b56a72", "#334a66")
_FRUITS = ("#f0932b", "#e8b92c", "#c9362c", "#8fae3a")


@dataclass(frozen=True, slots=True, eq=False)
class Thing:
    """distance and tone at points; gloss 0..1."""

    distance: Distance
    tone: Callable[[Array, Array, Array], Array]
    gloss: float


def compose(brief: Brief) -> Painter:
    dice = brief.dice("things")
    things = {"bottles": _bottles, "pears": _pears, "bowl": _bowl}[brief.reading.subject.variant](brief, dice)
    wall, top = studio.chosen(brief)
    camera = studio.camera(
        brief, height=2.4, look=0.66, lens={"bottles": 5.2, "bowl": 6.0, "pears": 6.4}[brief.reading.subject.variant]
    )
    return Tableau(
        brief=brief,
        camera=camera,
        body=Body(lambda x, y, z: _all(things, x, y, z), (0, 0.7, 0), 1.75),
        dress=lambda x, y, z: _dress(things, x, y, z),
        ground=studio.table(brief, top),
        backdrop=studio.wall(brief, wall),
        towards=brief.light.direction(brief.side),
        ruffle=0.03,
        depth=24,
    ).painter()


def _all(things: list[Thing], x: Array, y: Array, z: Array) -> Array:
    nearest = things[0].distance(x, y, z)
    for thing in things[1:]:
        nearest = np.minimum(nearest, thing.distance(x, y, z))
    return nearest


def _dress(things: list[Thing], x: Array, y: Array, z: Array) -> Skin:
    nearest = things[0].distance(x, y, z)
    colour = things[0].tone(x, y, z) + np.zeros((3, x.size), dtype=np.float32)
    gloss = np.full_like(x, things[0].gloss)
    for thing in things[1:]:
        d = thing.distance(x, y, z)
        here = d < nearest
        nearest = np.minimum(nearest, d)
        colour = np.where(here, thing.tone(x, y, z), colour)
        gloss = np.where(here, np.float32(thing.gloss), gloss)
    return Skin(colour, gloss)


def _plain(colour: Array) -> Callable[[Array, Array, Array], Array]:
    return lambda x, y, z: colour


def _vessel(at: tuple[float, float], profile: list[tuple[float, float]], colour: Array, gloss: float = 0.5) -> Thing:
    # Straight walls between heights would show as facets: bend them through a spline first.
    heights = np.array([h for h, _ in profile])
    radii = np.array([r for _, r in profile])
    fine = np.linspace(heights[0], heights[-1], 40)
    bent = np.interp(fine, heights, radii)
    for _ in range(6):
        bent[1:-1] = (bent[:-2] + 2 * bent[1:-1] + bent[2:]) / 4
    smooth = [(float(h), float(r)) for h, r in zip(fine, bent, strict=True)]
    return Thing(lambda x, y, z: turned(length(x - at[0], z - at[1]), y, smooth, 0.015), _plain(colour), gloss)


def _bottle(dice: Dice, at: tuple[float, float], colour: Array) -> Thing:
    tall, body, neck = dice.between(1.1, 1.85), dice.between(0.17, 0.27), dice.between(0.055, 0.085)
    shoulder = tall * dice.between(0.45, 0.65)
    lip = [(tall - 0.08, neck), (tall - 0.07, neck + 0.03), (tall, neck + 0.03)]
    shape = [(0.0, body * 0.88), (0.1, body), (shoulder, body), (shoulder + 0.22, neck), *lip]
    return _vessel(at, shape, colour)


def _vase(dice: Dice, at: tuple[float, float], colour: Array) -> Thing:
    tall, belly, mouth = dice.between(0.6, 1.0), dice.between(0.26, 0.36), dice.between(0.1, 0.18)
    shape = [(0.0, 0.14), (tall * 0.4, belly), (tall * 0.75, mouth * 0.9), (tall, mouth * 1.25)]
    return _vessel(at, shape, colour, 0.25)


def _bottles(brief: Brief, dice: Dice) -> list[Thing]:
    count = 3 if brief.sparse < 1 else dice.whole(4, 5)
    lead = dice.whole(0, count - 1)
    things = []
    for i in range(count):
        at = ((i - (count - 1) / 2) * 0.6 + dice.between(-0.08, 0.08), dice.between(-0.3, 0.35))
        colour = rgb(dice.pick(_GLAZES))
        if brief.reading.colour and i == lead:
            colour = rgb(brief.reading.colour)
        elif brief.reading.colour and dice.chance(0.5):
            colour = brief.tinted(f"glaze{i}", "#ffffff")
        kind = _bottle if i == lead else dice.pick((_bottle, _vase, _vase))
        things.append(kind(dice, at, colour))
    side = dice.sign()
    things.append(_orb((side * 0.85, 0.75), 0.17, rgb(dice.pick(_FRUITS))))
    cube = rgb(dice.pick(_GLAZES))
    things.append(
        Thing(lambda x, y, z: box(x, y, z, (-side * 0.75, 0.16, 0.8), (0.16, 0.16, 0.16)), _plain(cube), 0.05)
    )
    return things


def _orb(at: tuple[float, float], r: float, colour: Array) -> Thing:
    return Thing(lambda x, y, z: ball(x, y, z, (at[0], r, at[1]), r), _plain(colour), 0.4)


def _fruit(brief: Brief, dice: Dice, centre: tuple[float, float, float], r: float, number: int) -> Thing:
    natural = dice.pick(_FRUITS)
    colour = brief.colour(natural) if brief.reading.colour is None else shift(
        rgb(brief.reading.colour), hue=dice.between(-0.03, 0.03), value=dice.between(0.85, 1.1)
    )  # fmt: skip
    pores = brief.noise(f"peel{number}")
    flat = dice.between(0.88, 1.0)

    def tone(x: Array, y: Array, z: Array) -> Array:
        speck = pores.at(x * 40 + z * 13, y * 40 - z * 11)
        return colour * (0.86 + 0.22 * speck)

    return Thing(lambda x, y, z: egg(x, y, z, centre, (r, r * flat, r)), tone, 0.35)


def _bowl(brief: Brief, dice: Dice) -> list[Thing]:
    bowl_x = dice.between(-0.45, -0.15) * dice.sign()
    china = rgb(dice.pick(("#f3efe6", "#e9ddc8", "#3f5f7a")))

    def bowl(x: Array, y: Array, z: Array) -> Array:
        dx = x - bowl_x
        shell = np.abs(length(dx, y - 0.72, z) - 0.66) - 0.03
        shell = np.maximum(shell, y - 0.52)
        return least(shell, turned(length(dx, z), y, [(0.0, 0.26), (0.1, 0.2)], 0.02))

    def glaze(x: Array, y: Array, z: Array) -> Array:
        return china * (1 - 0.55 * ramp(0.02, 0.005, np.abs(y - 0.46)))

    things = [Thing(bowl, glaze, 0.6)]
    turn = dice.between(0, 6.28)
    for i in range(6):
        a = turn + i * 2 * np.pi / 5
        reach, level = (0.34, 0.48) if i < 5 else (0.03, 0.74)
        centre = (bowl_x + reach * float(np.cos(a)), level, reach * float(np.sin(a)))
        things.append(_fruit(brief, dice, centre, dice.between(0.2, 0.235), i))
    side = -1.0 if bowl_x > 0 else 1.0
    glass = rgb(dice.pick(("#1f6b4f", "#2f5f8a", "#8a3a3a", "#d9d2c0")))
    things.append(_bottle(dice, (bowl_x + side * 1.05, -0.2), glass))
    things.append(_fruit(brief, dice, (bowl_x + side * 0.72, 0.2, 0.62), 0.2, 7))
    return things


def _pears(brief: Brief, dice: Dice) -> list[Thing]:
    count = 1 if brief.sparse < 1 else dice.whole(2, 4)
    things = []
    for i in range(count):
        natural = rgb(dice.pick(("#b9b43a", "#d2b83e", "#8fa03a")))
        colour = natural if brief.reading.colour is None else brief.colour("#b9b43a")
        blush = shift(colour, hue=-0.1, saturation=1.2, value=0.85)
        at = ((i - (count - 1) / 2) * 0.78 + dice.between(-0.06, 0.06), dice.between(-0.2, 0.3))
        things.append(_pear(brief, dice, at, colour, blush, i))
    return things


def _pear(brief: Brief, dice: Dice, at: tuple[float, float], colour: Array, blush: Array, number: int) -> Thing:
    lean, size = dice.between(-0.16, 0.16), dice.between(0.88, 1.1)
    noise = brief.noise(f"pear{number}")
    cheek = dice.sign()

    def local(x: Array, y: Array, z: Array) -> tuple[Array, Array, Array]:
        return (x - at[0] - lean * y) / size, y / size, (z - at[1]) / size

    def distance(x: Array, y: Array, z: Array) -> Array:
        x, y, z = local(x, y, z)
        body = melt(egg(x, y, z, (0, 0.36, 0), (0.36, 0.36, 0.36)), ball(x, y, z, (0, 0.82, 0), 0.17), 0.34)
        stem = limb(x, y, z, (0, 0.96, 0), (0.06 * cheek, 1.18, 0), 0.022, 0.03)
        return least(body, stem) * (0.9 * size)

    def tone(x: Array, y: Array, z: Array) -> Array:
        x, y, z = local(x, y, z)
        freckles = ramp(0.62, 0.75, noise.at(x * 26 + z * 9, y * 26 - z * 7))
        skin = mix(colour, blush, ramp(0.1, 0.5, x * cheek + 0.3 * (noise.at(x * 3 + 9, y * 3) - 0.5)))
        skin = mix(skin, blush * 0.5, freckles * 0.35)
        return mix(skin, rgb("#4a3420"), ramp(1.0, 1.02, y))

    return Thing(distance, tone, 0.35)
