"""The Create form: from what a browser sends to a GenerationSpec, and back to what the form shows."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Request
from werkzeug.datastructures import FileStorage, MultiDict

from app.errors import AppError, Invalid
from app.forms import read
from app.generation.domain import MAX_SEED
from app.generation.specs import GenerationSpec
from app.imaging.framing import ANCHORS, PRESETS, Sides, sides_for
from app.library import uploads
from app.library.models import Asset
from app.providers.catalogue import Parameter, Size
from app.providers.contract import Operation
from app.providers.registry import catalogue
from app.workspaces.models import Workspace

PROPOSED = 6
ASK_FROM = 3
AUTO = "Auto"
CUSTOM = "Custom"
OWN = "own"
RATIOS: Mapping[str, tuple[int, int]] = {
    "1:1": (1, 1),
    "3:2": (3, 2),
    "2:3": (2, 3),
    "4:3": (4, 3),
    "16:9": (16, 9),
    "9:16": (9, 16),
}
# Operations whose result has the chosen shape; the others keep their source's.
SHAPED = {Operation.TXT2IMG, Operation.IMG2IMG, Operation.IMG2VID}
_SHOWN = (
    "frame", "anchor", "expand_left", "expand_top", "expand_right", "expand_bottom",
    "prompt", "negative_prompt", "model", "style_id", "aspect", "width", "height", "batch_size", "seed", "operation",
    "image_id", "mask_id", "enhanced_from",
)  # fmt: skip

_AS_THEY_ARE = ("prompt", "negative_prompt", "style_id", "batch_size", "mode", "pick", "pick_count", "enhanced_from")

# What the engine names otherwise than the form.
_FIELDS = {"params.expand": "frame"}
_WITH_ERRORS = {
    "frame",
    "prompt",
    "negative_prompt",
    "style_id",
    "width",
    "height",
    "seed",
    "image",
    "mask",
    "operation",
}


@dataclass(frozen=True, slots=True)
class Aspect:
    """A choice of shape with the size it gives on the model's own scale."""

    name: str
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it was sent: the request it makes, and the pictures it brought, stored."""

    spec: GenerationSpec
    image: Asset | None
    mask: Asset | None


def aspects() -> list[Aspect]:
    """The shapes on offer. Auto: the style's size, the source picture's, or a square."""
    side = catalogue().models[0].size.default_px
    return [Aspect(AUTO, side, side), *(Aspect(name, *_size(name, side)) for name in RATIOS)]


def size_limits() -> Size:
    """Between which sides a person may choose their own size; each model looks again."""
    return catalogue().models[0].size


def shape_of(width_px: int, height_px: int) -> dict[str, Any]:
    """The form's fields for a size: the shape that gives it, or the numbers themselves."""
    for aspect in aspects()[1:]:
        if (aspect.width_px, aspect.height_px) == (width_px, height_px):
            return {"aspect": aspect.name}
    return {"aspect": CUSTOM, "width": width_px, "height": height_px}


def read_create_form(workspace: Workspace, request: Request) -> Sent:
    """The request a form makes; its files are stored as uploads first, so that asking back loses nothing.

    Raises Invalid and what storing an upload refuses.
    """
    form = request.form
    image = _picture(workspace, form.get("image_id"), request.files.get("image"), "image")
    mask = _picture(workspace, form.get("mask_id"), request.files.get("mask"), "mask")
    operation = _operation(form.get("operation", ""), image)
    values: dict[str, Any] = {name: form[name] for name in _AS_THEY_ARE if form.get(name)}
    values["model"] = model_for(form.get("model") or "sketch", operation)
    values["operation"] = operation
    if form.get("seed", "").strip():
        values["seed"] = _clamped(form["seed"])
    if values.get("pick") == "even":
        values["pick_count"] = PROPOSED
    if values.get("pick") == "all":
        values.pop("pick_count", None)
    if image is not None:
        values["image"] = image.id
    if mask is not None and operation is Operation.INPAINT:
        values["mask"] = mask.id
    values["params"] = _parameters(form, values["model"], operation)
    ratio = RATIOS.get(form.get("aspect", ""))
    if operation is Operation.OUTPAINT and image is not None:
        values["params"]["expand"] = _expansion(image, form)
    elif ratio and operation in SHAPED:
        model = catalogue().find(values["model"])
        side = model.size.default_px if model else 1024
        values["width"], values["height"] = _size(form["aspect"], side)
    elif form.get("aspect") == CUSTOM and operation in SHAPED:
        values |= {name: form[name] for name in ("width", "height") if form.get(name, "").strip()}
    return Sent(read(GenerationSpec, values), image, mask)


def draft_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the form shows, from a sent form or from the address ("use prompt", "use seed", "use all")."""
    return {name: values[name] for name in (*_SHOWN, *sorted(_parameter_names())) if values.get(name)}


def errors_of(error: AppError) -> dict[str, str]:
    """What stands at which field; under "" what has no field of its own in the form."""
    at_fields = {_FIELDS.get(name, name.removeprefix("params.")): text for name, text in error.fields.items()}
    return at_fields if at_fields.keys() & (_WITH_ERRORS | _parameter_names()) else {**at_fields, "": error.message}


def resend_fields(request: Request, sent: Sent) -> list[tuple[str, str]]:
    """The form's fields for sending it again, with stored pictures in place of files."""
    fields = [(name, value) for name, value in request.form.items() if name not in {"image_id", "mask_id"}]
    if sent.image is not None:
        fields.append(("image_id", str(sent.image.id)))
    if sent.mask is not None:
        fields.append(("mask_id", str(sent.mask.id)))
    return fields


def _picture(workspace: Workspace, asset_id: str | None, file: FileStorage | None, role: str) -> Asset | None:
    if file is not None and file.filename:
        return uploads.add_file(workspace, file, role=role, source="mask" if role == "mask" else "uploaded")
    if not asset_id:
        return None
    try:
        return uploads.known(workspace.owner_id, uuid.UUID(asset_id))
    except ValueError:
        raise Invalid("Choose the picture again.", fields={role: "Choose the picture again."}) from None


def _operation(name: str, image: Asset | None) -> Operation:
    """What to do: without a picture there is only painting from words."""
    if image is None:
        return Operation.TXT2IMG
    try:
        operation = Operation(name or Operation.IMG2IMG)
    except ValueError:
        sentence = f"Use one of: {', '.join(each for each in Operation)}."
        raise Invalid(sentence, fields={"operation": sentence}) from None
    return Operation.IMG2IMG if operation is Operation.TXT2IMG else operation


def model_for(name: str, operation: Operation) -> str:
    """The chosen model, or its provider's own for an operation it lacks: upscaling is a tool, not a taste."""
    chosen = catalogue().find(name)
    if chosen is None or operation in chosen.operations:
        return name
    siblings = [model.id for model in catalogue().offering(operation) if model.provider == chosen.provider]
    return siblings[0] if len(siblings) == 1 else name


def _parameters(form: MultiDict[str, str], model_id: str, operation: Operation) -> dict[str, Any]:
    """Only what the model takes here: the form shows one set of fields for all of them."""
    model = catalogue().find(model_id)
    if model is None:
        return {}
    offered = model.parameters_for(operation)
    params: dict[str, Any] = {}
    for name, parameter in offered.items():
        # Without a script every field of that name is sent, and what was filled in counts.
        text = next(filter(None, (each.strip() for each in form.getlist(name))), "")
        if text:
            params[name] = _value(parameter, name, text)
    return params


def _value(parameter: Parameter, name: str, text: str) -> str | bool | float:
    match parameter.kind:
        case "choice":
            return text
        case "switch":
            return True
        case _:
            return _number(name, text)


def _parameter_names() -> set[str]:
    """Every setting of every model has a form field of its own name."""
    return {name for model in catalogue().models for name in model.parameters}


def settings_of(params: Mapping[str, Any]) -> dict[str, Any]:
    """Of a recipe's parameters those that have a field, as the address carries them."""
    known = _parameter_names()
    given = {name: value for name, value in params.items() if name in known and isinstance(value, (str, int, float))}
    fields = {name: 1 if value is True else value for name, value in given.items() if value is not False}
    if isinstance(sides := params.get("expand"), Mapping):
        fields |= {"frame": OWN, **{f"expand_{side}": pixels for side, pixels in sides.items()}}
    return fields


def _expansion(image: Asset, form: Mapping[str, str]) -> dict[str, int]:
    """Pixels to add on each side: to a shape, by half of every side, or as many as were given."""
    size = (image.width_px, image.height_px)
    frame, anchor = form.get("frame") or "all", form.get("anchor") or "middle"
    if frame == OWN:
        sides = _own_sides(form)
        sentence = "Say how many pixels to add, on one side at least."
    elif frame in PRESETS and anchor in ANCHORS:
        sides = sides_for(*size, frame, anchor=anchor)
        sentence = "The picture has that shape already: choose another shape or Expand All."
    else:
        sides, sentence = Sides(), f"Choose one of: {', '.join(ANCHORS if frame in PRESETS else PRESETS)}."
    if not sides:
        raise Invalid(sentence, fields={"frame": sentence})
    return sides.as_params()


def _own_sides(form: Mapping[str, str]) -> Sides:
    texts = {side: form.get(f"expand_{side}", "").strip() or "0" for side in ("left", "top", "right", "bottom")}
    if any(not text.isdecimal() or len(text) > 5 for text in texts.values()):
        sentence = "Write the sides in whole pixels, 0 or more."
        raise Invalid(sentence, fields={"frame": sentence})
    return Sides(**{side: int(text) for side, text in texts.items()})


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Invalid("Use a number.", fields={name: "Use a number."}) from None


def _clamped(text: str) -> int:
    """Forms clamp a seed where the API refuses it."""
    try:
        return min(max(int(text), 0), MAX_SEED)
    except ValueError:
        sentence = "Seeds are whole numbers from 0 to 4294967295. Leave it empty for a random one."
        raise Invalid(sentence, fields={"seed": sentence}) from None


def _size(name: str, side_px: int, step_px: int = 64) -> tuple[int, int]:
    """About `side_px` squared pixels in that shape, in steps every model accepts."""
    across, down = RATIOS[name]
    scale = side_px / (across * down) ** 0.5
    return round(across * scale / step_px) * step_px, round(down * scale / step_px) * step_px
