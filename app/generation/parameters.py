"""What a model is told besides words: size and parameters, from its row, the style and the request, each checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from app.generation.errors import BadParameter
from app.generation.specs import GenerationSpec
from app.library.models import Asset
from app.providers.catalogue import ModelRow, Parameter
from app.providers.contract import Operation
from app.workspaces.models import Style

# Far beyond any frame; how large one may be is the model's word.
MOST_EXPANSION_PX = 65_536


def size_of(
    spec: GenerationSpec, model: ModelRow, style: Style | None, source: Asset | None, operation: Operation
) -> tuple[int, int]:
    """The request's size, else the source picture's, else the style's, else the model's own, within its limits."""
    size = model.size
    if operation is Operation.UPSCALE and source is not None:
        # The factor decides; what is written down is the size of the result.
        factor = int(str(parameters_of(spec, model, operation, style).get("factor", 2)))
        return source.width_px * factor, source.height_px * factor
    if operation is Operation.OUTPAINT and source is not None:
        sides: Any = parameters_of(spec, model, operation, style)["expand"]
        return source.width_px + sides["left"] + sides["right"], source.height_px + sides["top"] + sides["bottom"]
    if operation in {Operation.INPAINT, Operation.ITERATE} and source is not None:
        return source.width_px, source.height_px
    if source is not None and spec.width is None and spec.height is None:
        return size.fitted(*_within(source.width_px, source.height_px, size.max_px))
    width = spec.width or (style.width_px if style else None) or size.default_px
    height = spec.height or (style.height_px if style else None) or size.default_px
    for name, value in (("width", width), ("height", height)):
        if not size.min_px <= value <= size.max_px:
            raise BadParameter(name, f"{model.name} makes {name}s from {size.min_px} to {size.max_px} px.")
    return size.fitted(width, height)


def _within(width: int, height: int, most: int) -> tuple[int, int]:
    scale = min(1.0, most / max(width, height))
    return max(int(width * scale), 1), max(int(height * scale), 1)


def parameters_of(
    spec: GenerationSpec, model: ModelRow, operation: Operation, style: Style | None
) -> dict[str, JsonValue]:
    """What the model is told: its defaults, the style's, then the request's, each checked against the catalogue.

    A style's parameter that this model does not take is passed over (the style is for many models); the request's own
    is refused.
    """
    offered = model.parameters_for(operation)
    params: dict[str, JsonValue] = {name: row.default for name, row in offered.items() if row.default is not None}
    if style is not None:
        from_style: dict[str, JsonValue] = {
            "cfg_scale": style.cfg_scale,
            "steps": style.steps,
            "sampler": style.sampler,
        }
        for name, value in from_style.items():
            if name in offered and value is not None:
                params[name] = _checked(name, value, offered[name])
    for name, value in spec.params.items():
        if name == "expand" and operation is Operation.OUTPAINT:
            params[name] = _expansion(value)
        elif name not in offered:
            takes = ", ".join(offered) or "no parameters"
            raise BadParameter(f"params.{name}", f"{model.name} does not take “{name[:40]}” here; it takes {takes}.")
        else:
            params[name] = _checked(name, value, offered[name])
    if operation is Operation.OUTPAINT and "expand" not in params:
        raise BadParameter("params.expand", "Say how far to expand: left, top, right and bottom in pixels.")
    return params


def _checked(name: str, value: JsonValue, row: Parameter) -> JsonValue:
    """A parameter's value in its own type. Raises BadParameter naming the range or the choices."""
    if row.kind == "choice":
        if str(value) not in row.values:
            raise BadParameter(f"params.{name}", f"{row.label} is one of {', '.join(row.values)}.")
        return str(value)
    if row.kind == "switch":
        if not isinstance(value, bool):
            raise BadParameter(f"params.{name}", f"{row.label} is true or false.")
        return value
    low, high = row.minimum or 0.0, row.maximum or 0.0
    whole = row.kind == "integer"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not low <= float(str(value)) <= high or (whole and float(str(value)) % 1):
        kind = "a whole number" if whole else "a number"
        raise BadParameter(f"params.{name}", f"{row.label} is {kind} from {low:g} to {high:g}.")
    return int(float(str(value))) if whole else float(str(value))


def _expansion(value: JsonValue) -> JsonValue:
    """Outpaint's sides in pixels."""
    sides = ("left", "top", "right", "bottom")
    sentence = f"Expand takes left, top, right and bottom, whole pixels from 0 to {MOST_EXPANSION_PX}, not all 0."
    if not isinstance(value, Mapping) or set(value) - set(sides):
        raise BadParameter("params.expand", sentence)
    pixels: dict[str, Any] = {side: value.get(side, 0) for side in sides}
    if not all(type(each) is int and 0 <= each <= MOST_EXPANSION_PX for each in pixels.values()) or not any(
        pixels.values()
    ):
        raise BadParameter("params.expand", sentence)
    return pixels
