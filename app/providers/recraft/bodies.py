"""What is sent to Recraft: one shape of body for all operations, of which a model's row says what applies."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.imaging.compositing import Part
from app.imaging.framing import SizeRule
from app.providers import conversation
from app.providers.contract import ErrorKind, ProviderError, Request
from app.providers.growth import Limits, grown
from app.providers.pictures import file_of, masked, png

# They take files below 10 MB, sides of 256 to 4096 pixels and 16 megapixels. Ours stay far below, so that PNG fits.
_BYTES, _PIXELS = 7_000_000, 2_300_000
_EDITED = SizeRule(min_side_px=256, max_side_px=4096, max_pixels=_PIXELS)
_GROWN = Limits(
    least_side_px=256,
    most_side_px=4096,
    most_pixels=_PIXELS,
    most_bytes=_BYTES,
    most_frame_px=4096,
    most_added_px=4096,
)
_NO_STYLE = "none"


class Wire(BaseModel):
    """model: its id; empty for tools, which have none. most_prompt: characters. sized: whether a ratio is sent.

    picture, masked, expand: what goes in. words: whether there is a prompt. fields: our parameters by other names.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = ""
    most_prompt: int = Field(1000, ge=1)
    sized: bool = False
    picture: bool = False
    masked: bool = False
    expand: bool = False
    words: bool = True
    seed: bool = True
    fields: dict[str, str] = Field(default_factory=dict)


def body_of(request: Request) -> tuple[dict[str, Any], Part | None]:
    """The body, and where on the result the asked-for frame lies. Raises ProviderError."""
    wire = Wire.model_validate(request.wire)
    body: dict[str, Any] = {"response_format": "b64_json"}
    if wire.words:
        body["prompt"] = _prompt(request, wire.most_prompt)
        body["n"] = 1
    if wire.model:
        body["model"] = wire.model
    if wire.seed:
        body["random_seed"] = request.seed
    if wire.sized:
        body["size"] = request.aspect
    if request.negative_prompt:
        body["negative_prompt"] = request.negative_prompt
    for name, value in request.params.items():
        if name == "style":
            body |= _style(str(value))
        elif name != "expand":
            body[wire.fields.get(name, name)] = value
    pictures, part = _pictures(request, wire)
    return body | pictures, part


def _pictures(request: Request, wire: Wire) -> tuple[dict[str, Any], Part | None]:
    if wire.masked:
        work = masked(file_of(request, "image"), file_of(request, "mask"), form="white", rule=_EDITED)
        return {"image_url": work.image.data_url, "mask_url": work.mask.data_url}, work.part
    if wire.expand:
        picture, sides = grown(request, _GROWN)
        added = {f"expand_{side}": pixels for side, pixels in sides.as_params().items() if pixels}
        return {"image_url": picture.data_url, **added}, None
    if wire.picture:
        # What is to be enlarged goes as large as they take it; what is changed comes back at their own size anyway.
        most_pixels = 4_000_000 if wire.words else 16_000_000
        picture = png(
            file_of(request, "image"), 4096, most_pixels=most_pixels, most_bytes=_BYTES, least_px=_EDITED.min_side_px
        )
        return {"image_url": picture.data_url}, None
    return {}, None


def _prompt(request: Request, most: int) -> str:
    """It takes one picture, so earlier ones go along in words, as far as there is room for them."""
    if len(request.prompt) > most:
        raise ProviderError(
            ErrorKind.USER_FIXABLE,
            f"This model of Recraft takes prompts of at most {most} characters; this one has {len(request.prompt)}. "
            "Shorten it; you were not charged.",
        )
    return conversation.told(request, most=most)


def _style(chosen: str) -> dict[str, str]:
    """`digital_illustration/noir` is a style and its substyle."""
    if chosen == _NO_STYLE:
        return {}
    style, _, substyle = chosen.partition("/")
    return {"style": style, "substyle": substyle} if substyle else {"style": style}
