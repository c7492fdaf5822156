"""What is sent to a model at fal: the model's own input, whose fields differ between makers and versions.

All of that is in the model's row. Pictures go along as data URLs, so that nothing of ours lies at a public address.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import log
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.imaging.compositing import Part
from app.imaging.framing import SizeRule, fit_to
from app.providers import conversation
from app.providers.contract import ErrorKind, Operation, ProviderError, Request, Turn
from app.providers.maskless import shown_and_told
from app.providers.pictures import Picture, extended, file_of, masked, png, sides_of

# About the edge of a canvas for a model without masks.
_CANVAS_PX = 1024


class Rule(BaseModel):
    """Which canvases a model takes, as `app.imaging.framing.SizeRule` says it; or `sizes` only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_side_px: int = 64
    max_side_px: int = 4096
    step_px: int = 1
    min_pixels: int = 1
    max_pixels: int = 4_000_000
    max_ratio: float = 3.0
    sizes: tuple[tuple[int, int], ...] = ()

    def for_shape(self, width_px: int, height_px: int) -> SizeRule:
        """Of fixed sizes the one nearest in shape."""
        if not self.sizes:
            return SizeRule(**self.model_dump())
        wanted = log(width_px / height_px)
        return SizeRule(sizes=(min(self.sizes, key=lambda size: abs(log(size[0] / size[1]) - wanted)),))


class Wire(BaseModel):
    """shape: `ratio` sends aspect_ratio, `words` image_size as "1024x1024", `pixels` as an object, `none` nothing.

    rule: which sizes image_size takes. picture: the field of the picture, a list where `as_list` says so, with at most
    `further` earlier ones; called: how a prompt refers to them. last: the field of the closing frame. mask: that of
    the mask, white and transparent where to repaint.
    seed, negative: whether there is such a field. fields: our parameters by other names. forms: how a value is written,
    such as "{}s"; `whole` for a number. fixed: always sent. most_prompt, most_negative: characters.
    costs: dollars by quality and image_size, "low 1024x1024", where what is made may differ in size from what was
    priced.
    least_px: of a picture's shorter side; most_bytes: of its file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    shape: Literal["ratio", "words", "pixels", "none"] = "none"
    rule: Rule = Rule()
    picture: str = ""
    as_list: bool = False
    further: int = Field(0, ge=0, le=9)
    called: str = "image {}"
    last: str = ""
    mask: str = ""
    seed: bool = True
    negative: bool = False
    fields: dict[str, str] = Field(default_factory=dict)
    forms: dict[str, str] = Field(default_factory=dict)
    fixed: dict[str, JsonValue] = Field(default_factory=dict)
    most_prompt: int = 5000
    most_negative: int = 2500
    costs: dict[str, Decimal] = Field(default_factory=dict)
    least_px: int = 64
    most_bytes: int = 7_000_000


def body_of(request: Request) -> tuple[dict[str, Any], Part | None]:
    """The model's input, and where on the result the asked-for frame lies. Raises ProviderError."""
    wire = Wire.model_validate(request.wire)
    seen = conversation.shown(request, wire.further)
    body = _without_pictures(request, wire, seen)
    if wire.mask:
        return _masked(request, wire, body)
    if request.operation in {Operation.INPAINT, Operation.OUTPAINT}:
        pictures, body["prompt"], part = shown_and_told(request, _CANVAS_PX)
        return body | {"aspect_ratio": request.aspect, wire.picture: [each.data_url for each in pictures]}, part
    if wire.shape == "ratio":
        body["aspect_ratio"] = request.aspect
    elif wire.shape != "none":
        rule = wire.rule.for_shape(request.width_px, request.height_px)
        body["image_size"] = _image_size(wire, *fit_to(request.width_px, request.height_px, rule).size)
    if wire.picture:
        first = "first" if request.operation is Operation.INTERPOLATE else "image"
        pictures = [_picture(file_of(request, first), wire)]
        pictures += [_picture(turn.image, wire) for turn in seen if turn.image is not None]
        body[wire.picture] = [each.data_url for each in pictures] if wire.as_list else pictures[0].data_url
    if wire.last:
        body[wire.last] = _picture(file_of(request, "last"), wire).data_url
    return body, None


def cost_of(request: Request, body: Mapping[str, Any]) -> Decimal | None:
    """What this input costs in dollars, where that is known better than by the price that was shown."""
    return Wire.model_validate(request.wire).costs.get(f"{body.get('quality')} {body.get('image_size')}")


def fingerprint_of(request: Request, body: Mapping[str, Any]) -> dict[str, Any]:
    """Of a model's input what tells it from any other: all but its pictures. Empty without a seed, for then requests
    are alike."""
    wire = Wire.model_validate(request.wire)
    pictures = {wire.picture, wire.last, wire.mask}
    return {name: value for name, value in body.items() if name not in pictures} if wire.seed else {}


def _without_pictures(request: Request, wire: Wire, seen: list[Turn]) -> dict[str, Any]:
    body: dict[str, Any] = dict(wire.fixed)
    body["prompt"] = _prompt(request, wire, seen)
    if wire.seed:
        body["seed"] = request.seed
    if wire.negative and request.negative_prompt:
        body["negative_prompt"] = _within(request.negative_prompt, wire.most_negative, "negative prompts")
    for name, value in request.params.items():
        if name != "expand":
            body[wire.fields.get(name, name)] = _formed(value, wire.forms.get(name, ""))
    return body


def _masked(request: Request, wire: Wire, body: dict[str, Any]) -> tuple[dict[str, Any], Part | None]:
    rule = wire.rule.for_shape(request.width_px, request.height_px)
    image = file_of(request, "image")
    if request.operation is Operation.OUTPAINT:
        work = extended(image, sides_of(request), form="both", rule=rule)
    else:
        work = masked(image, file_of(request, "mask"), form="both", rule=rule)
    body["image_size"] = _image_size(wire, work.width_px, work.height_px)
    body[wire.picture] = [work.image.data_url] if wire.as_list else work.image.data_url
    body[wire.mask] = work.mask.data_url
    return body, work.part


def _image_size(wire: Wire, width_px: int, height_px: int) -> Any:
    return f"{width_px}x{height_px}" if wire.shape == "words" else {"width": width_px, "height": height_px}


def _prompt(request: Request, wire: Wire, seen: list[Turn]) -> str:
    prompt = conversation.told(request, seen, name=wire.called, most=wire.most_prompt)
    if request.negative_prompt and not wire.negative:
        prompt = f"{prompt}\n\nAvoid: {request.negative_prompt}"
    return _within(prompt, wire.most_prompt, "prompts")


def _within(text: str, most: int, what: str) -> str:
    if len(text) > most:
        raise ProviderError(
            ErrorKind.USER_FIXABLE,
            f"This model takes {what} of at most {most} characters; this one has {len(text)}. "
            "Shorten it; you were not charged.",
        )
    return text


def _formed(value: Any, form: str) -> Any:
    if form == "whole":
        return int(value)
    return form.format(value) if form else value


def _picture(path: Path, wire: Wire) -> Picture:
    return png(path, 4096, most_pixels=4_000_000, most_bytes=wire.most_bytes, least_px=wire.least_px)
