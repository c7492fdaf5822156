"""Whether a model can hold the picture or the frame that is asked of it, and what would do instead.

How much each can hold is its row's word (`Size.holds`). It is asked before anything is reserved, so that nobody learns
it from a provider.
"""

from __future__ import annotations

from app.generation.choosing import Offered, nearest_of
from app.generation.errors import TooLargeForModel
from app.imaging.framing import PRESETS, sides_for
from app.providers.catalogue import ModelRow, Size
from app.providers.contract import Operation

# What keeps the size of the picture it is given; of the others the model's own sizes decide.
_KEPT = {
    Operation.OUTPAINT: "extends",
    Operation.INPAINT: "repaints",
    Operation.ITERATE: "changes",
}


def refuse_too_large(
    model: ModelRow, operation: Operation, source: tuple[int, int], frame: tuple[int, int], offered: Offered
) -> None:
    """Raises TooLargeForModel. source, frame: pixels of the picture that goes in and of what is to come of it."""
    if operation not in _KEPT or model.size.holds(*frame):
        return
    most = _shown(model.size.largest_frame(*frame))
    if operation is Operation.OUTPAINT:
        name = "params.expand"
        said = f"The new frame would be {_shown(frame)}, and {model.name} extends to {most} at most in this shape."
    else:
        name = "image"
        said = f"The picture is {_shown(frame)}, and {model.name} {_KEPT[operation]} {most} at most in this shape."
    larger = [other for other in offered.doing(operation) if other.size.holds(*frame)]
    ways = [
        _other_shape(model.size, source) if operation is Operation.OUTPAINT else "",
        f"begin with a picture of at most {_shown(_smaller(model.size, source, frame))}",
        f"use {nearest}" if (nearest := nearest_of(model, larger)) else "",
    ]
    raise TooLargeForModel(name, f"{said} {_listed([way for way in ways if way])}.")


def _other_shape(size: Size, source: tuple[int, int]) -> str:
    """The preset with the largest frame that it holds; empty when there is none."""
    frames = {}
    for preset in PRESETS:
        sides = sides_for(*source, preset)
        if sides and size.holds(*(grown := sides.around(*source).size)):
            frames[preset] = grown
    best = max(frames, key=lambda preset: frames[preset][0] * frames[preset][1], default=None)
    return f"choose {best} ({_shown(frames[best])})" if best else ""


def _smaller(size: Size, source: tuple[int, int], frame: tuple[int, int]) -> tuple[int, int]:
    """The source as large as it may be for a frame of that shape."""
    # By the longer side, of which rounding took the smaller share.
    scale = max(size.largest_frame(*frame)) / max(frame)
    return max(int(source[0] * scale), 1), max(int(source[1] * scale), 1)


def _listed(ways: list[str]) -> str:
    *first, last = ways
    text = f"{', '.join(first)} or {last}" if first else last
    return text[0].upper() + text[1:]


def _shown(size: tuple[int, int]) -> str:
    return f"{size[0]} × {size[1]}"
