"""What is sent to a model of Black Forest Labs: its row says which fields it has."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.imaging.compositing import Part
from app.imaging.framing import SizeRule
from app.providers import conversation
from app.providers.contract import Request
from app.providers.growth import Limits, grown
from app.providers.pictures import Picture, file_of, masked, png

# A request may weigh so much that a few pictures fit in; each is base64, a third longer than the file.
_PICTURE = {"most_px": 4096, "most_pixels": 4_000_000, "most_bytes": 12_000_000, "least_px": 64}
_EXPAND = Limits(
    least_side_px=256,
    most_side_px=4096,
    most_pixels=6_000_000,
    most_bytes=15_000_000,
    most_frame_px=8192,
    most_added_px=2048,
)
_FILL = SizeRule(min_side_px=256, max_side_px=4096, max_pixels=4_000_000)


class Wire(BaseModel):
    """size: `sides` sends width and height, `ratio` aspect_ratio, `none` leaves it to the model.

    picture: the field of the picture to change. further: those after it, at most, as `<picture>_2` and so on; a model
    that takes them as one list says so. mask: its field. expand: whether the sides to add are fields. seed: whether
    there is one. fields: our parameters by other names. fixed: always sent.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: Literal["sides", "ratio", "none"] = "none"
    picture: str = ""
    further: int = Field(0, ge=0, le=9)
    as_list: bool = False
    mask: str = ""
    expand: bool = False
    seed: bool = True
    fields: dict[str, str] = Field(default_factory=dict)
    fixed: dict[str, JsonValue] = Field(default_factory=dict)


def body_of(request: Request) -> tuple[dict[str, Any], Part | None]:
    """The body, and where on the result the asked-for frame lies. Raises ProviderError for pictures it cannot use."""
    wire = Wire.model_validate(request.wire)
    body: dict[str, Any] = dict(wire.fixed)
    seen = conversation.shown(request, wire.further)
    body["prompt"] = conversation.told(request, seen)
    if wire.seed:
        body["seed"] = request.seed
    if wire.size == "sides":
        body |= {"width": request.width_px, "height": request.height_px}
    elif wire.size == "ratio":
        body["aspect_ratio"] = request.aspect
    for name, value in request.params.items():
        if name != "expand":
            body[wire.fields.get(name, name)] = value
    if not wire.picture:
        return body, None
    if wire.mask:
        work = masked(file_of(request, "image"), file_of(request, "mask"), form="white", rule=_FILL)
        return body | {wire.picture: work.image.base64, wire.mask: work.mask.base64}, work.part
    if wire.expand:
        picture, sides = grown(request, _EXPAND)
        return body | sides.as_params() | {wire.picture: picture.base64}, None
    pictures = [_picture(file_of(request, "image")), *(_picture(turn.image) for turn in seen if turn.image)]
    if wire.as_list:
        return body | {wire.picture: [each.base64 for each in pictures]}, None
    named = {wire.picture if n == 1 else f"{wire.picture}_{n}": each.base64 for n, each in enumerate(pictures, 1)}
    return body | named, None


def _picture(path: Path) -> Picture:
    return png(path, **_PICTURE)
