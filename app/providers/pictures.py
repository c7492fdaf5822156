"""Pictures on their way to a provider: read from our store, fitted to what a model takes, written as it wants them.

Nothing is decoded here: files go to the helper processes of `app.imaging.pool`, or as they are. Every failure is one
of the contract's and happens before anything is sent.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.imaging.compositing import Part
from app.imaging.containers import sniff
from app.imaging.decode import EXTENSIONS
from app.imaging.errors import ImageRefused
from app.imaging.framing import Sides, SizeRule
from app.imaging.pool import PoolBusy, helpers
from app.imaging.preparing import Blank, Sheets
from app.imaging.provider_masks import MaskForm
from app.providers.contract import ErrorKind, ProviderError, Request

ANY_SIZE = SizeRule()


@dataclass(frozen=True, slots=True)
class Picture:
    """A file to send, in the format of `mime`."""

    data: bytes
    mime: str

    @property
    def base64(self) -> str:
        return base64.b64encode(self.data).decode("ascii")

    @property
    def data_url(self) -> str:
        return f"data:{self.mime};base64,{self.base64}"

    def named(self, stem: str) -> tuple[str, bytes, str]:
        """As a part of a form: file name, content, media type."""
        return f"{stem}.{EXTENSIONS.get(self.mime, 'bin')}", self.data, self.mime


@dataclass(frozen=True, slots=True)
class Masked:
    """A picture and the mask over it, both PNG and of one size in pixels.

    part: where on it lies what was asked for; goes into the Output as it is. None when that is all of it.
    """

    image: Picture
    mask: Picture
    width_px: int
    height_px: int
    part: Part | None


def file_of(request: Request, role: str) -> Path:
    """The request's picture in a role. Raises ProviderError when there is none."""
    path = request.files.get(role)
    if path is None:
        raise ProviderError(ErrorKind.USER_FIXABLE, f"This needs a picture as {role}. Choose one and try again.")
    return path


def sides_of(request: Request) -> Sides:
    """How far an outpaint grows. Raises ProviderError when it does not."""
    expand = request.params.get("expand") or {}
    sides = Sides(**{side: int(expand.get(side, 0)) for side in ("left", "top", "right", "bottom")})
    if not sides:
        raise ProviderError(ErrorKind.USER_FIXABLE, "Say how far to extend the picture on at least one side.")
    return sides


def stored(
    path: Path,
    *,
    takes: Collection[str] = ("image/png", "image/jpeg", "image/webp"),
    most_bytes: int | None = None,
) -> Picture:
    """One of our originals, as it is where the provider takes its format and weight; else written anew."""
    data = _read(path)
    mime = sniff(data)
    if mime is not None and mime in takes and (most_bytes is None or len(data) <= most_bytes):
        return Picture(data, mime)
    return png(path, most_bytes=most_bytes)


def png(
    path: Path,
    most_px: int | None = None,
    *,
    most_pixels: int | None = None,
    most_bytes: int | None = None,
    least_px: int = 1,
) -> Picture:
    """As PNG, scaled as little as the limits ask for; as JPEG where PNG would weigh more than `most_bytes`.

    most_px: of the longer side; least_px: of the shorter one; most_pixels: in all.
    """
    with _preparing():
        sheet = helpers().fit(
            _read(path), most_side_px=most_px, most_pixels=most_pixels, most_bytes=most_bytes, least_side_px=least_px
        )
    return Picture(sheet.data, sheet.mime)


def masked(image: Path, mask: Path, *, form: MaskForm = "white", rule: SizeRule = ANY_SIZE) -> Masked:
    """What to repaint: the picture and our mask (white = repaint) in the provider's form, on a canvas of the rule."""
    with _preparing():
        return _masked(helpers().repaint(_read(image), _read(mask), rule, form))


def extended(
    image: Path, sides: Sides, *, form: MaskForm = "white", rule: SizeRule = ANY_SIZE, blank: Blank = "transparent"
) -> Masked:
    """What to extend, put as a repaint: the picture in its grown frame, and the mask of all that is new.

    blank: what lies there now. The mask reaches a little into the picture, for the join; compositing puts it back.
    """
    with _preparing():
        return _masked(helpers().extend(_read(image), sides, rule, form, blank))


def _masked(sheets: Sheets) -> Masked:
    image, mask = Picture(sheets.image, "image/png"), Picture(sheets.mask, "image/png")
    return Masked(image, mask, sheets.width_px, sheets.height_px, sheets.part)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ProviderError(
            ErrorKind.USER_FIXABLE, "A picture that this needs was deleted before it could start. Choose another."
        ) from error


@contextmanager
def _preparing() -> Iterator[None]:
    try:
        yield
    except ImageRefused as refusal:
        raise ProviderError(ErrorKind.USER_FIXABLE, refusal.sentence, detail=refusal.code) from refusal
    except PoolBusy as busy:
        raise ProviderError(ErrorKind.PROVIDER, busy.sentence, retryable=True, detail=busy.code) from busy
