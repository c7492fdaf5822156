"""A request in the words of the Images API: a JSON body to generate, a form with files to edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.imaging.compositing import Part
from app.imaging.framing import SizeRule, fit_to
from app.outbound.client import File
from app.providers.contract import ErrorKind, Operation, ProviderError, Request
from app.providers.conversation import shown, told
from app.providers.openai.wire import Wire
from app.providers.pictures import Picture, extended, file_of, masked, sides_of, stored

_MOST_PROMPT = 32_000
_MOST_BYTES = 50_000_000
# All models on offer share it; the catalogue's sizes say the same to people.
SIZES = SizeRule(step_px=16, max_side_px=3840, min_pixels=655_360, max_pixels=8_294_400, max_ratio=3)
# Of a larger picture the part to repaint comes back a little softer; sizes above this are experimental there.
_EDITED = SizeRule(step_px=16, max_side_px=2560, min_pixels=655_360, max_pixels=2560 * 1440, max_ratio=3)


@dataclass(frozen=True, slots=True)
class Generation:
    body: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Edit:
    """part: where on the result the asked-for frame lies."""

    fields: Mapping[str, str]
    files: Sequence[File]
    part: Part | None = None


def of(request: Request, wire: Wire) -> Generation | Edit:
    """Raises ProviderError for what would be refused there anyway."""
    _check(request)
    if request.operation is Operation.TXT2IMG:
        told_how = {name: value for name in ("moderation",) if (value := request.params.get(name)) is not None}
        return Generation({**_told(request, request.prompt, _size(request)), "n": 1, **told_how})
    if request.operation is Operation.INPAINT:
        return _masked(request)
    if request.operation is Operation.OUTPAINT:
        return _extended(request)
    earlier = shown(request, wire.most_images - 1) if request.operation is Operation.ITERATE else []
    words = told(request, earlier, most=_MOST_PROMPT) if request.operation is Operation.ITERATE else request.prompt
    paths = [file_of(request, "image"), *(turn.image for turn in earlier if turn.image is not None)]
    images = [stored(path, most_bytes=_MOST_BYTES) for path in paths]
    return Edit(_form(_told(request, words, _size(request))), _images(images))


def _masked(request: Request) -> Edit:
    sheet = masked(file_of(request, "image"), file_of(request, "mask"), form="alpha", rule=_EDITED)
    fields = _form(_told(request, request.prompt, f"{sheet.width_px}x{sheet.height_px}"))
    return Edit(fields, [*_images([sheet.image]), ("mask", sheet.mask.named("mask"))], sheet.part)


def _extended(request: Request) -> Edit:
    sheet = extended(file_of(request, "image"), sides_of(request), form="alpha", rule=_EDITED)
    words = (
        f"{request.prompt}\n\nThe picture lies on a larger, transparent canvas. Continue it over the whole canvas as "
        "one scene, seamlessly, in the same style, light and perspective, and leave what is there as it is."
    )
    fields = _form(_told(request, words, f"{sheet.width_px}x{sheet.height_px}"))
    return Edit(fields, [*_images([sheet.image]), ("mask", sheet.mask.named("mask"))], sheet.part)


def _told(request: Request, words: str, size: str) -> dict[str, str]:
    if len(words) > _MOST_PROMPT:
        raise ProviderError(
            ErrorKind.USER_FIXABLE, f"OpenAI takes prompts of up to {_MOST_PROMPT:,} characters: shorten yours."
        )
    body = {"model": request.endpoint, "prompt": words, "size": size}
    for name, field in (("quality", "quality"), ("background", "background"), ("format", "output_format")):
        if (value := request.params.get(name)) is not None:
            body[field] = str(value)
    return body


def _form(body: Mapping[str, str]) -> dict[str, str]:
    return {**body, "n": "1"}


def _size(request: Request) -> str:
    """A size that was chosen as it is; that of a picture to change as nearly as there is one."""
    size = request.width_px, request.height_px
    if not (_EDITED if request.operation is Operation.ITERATE else SIZES).allows(*size):
        size = fit_to(*size, _EDITED).size
    return f"{size[0]}x{size[1]}"


def _images(images: Sequence[Picture]) -> list[File]:
    """One goes as `image`, several as repeated `image[]`."""
    field = "image" if len(images) == 1 else "image[]"
    return [(field, image.named(f"image-{number}")) for number, image in enumerate(images, 1)]


def _check(request: Request) -> None:
    if request.params.get("background") == "transparent" and request.params.get("format") == "jpeg":
        raise ProviderError(
            ErrorKind.USER_FIXABLE, "JPEG knows no transparency: choose PNG or WebP, or another background."
        )
