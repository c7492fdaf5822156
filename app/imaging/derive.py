"""The small copies of a picture: what lists and the canvas show instead of the original."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

from PIL import Image

from app.imaging.decode import check_size, plain_colours, refusing
from app.imaging.limits import DEFAULT_LIMITS, VIDEO_MAX_BYTES, ImageLimits
from app.imaging.thumbhash import thumbhash
from app.imaging.video import open_clip

THUMB_PX = 256
PREVIEW_PX = 1280
QUALITY = 80

# On WebP's scale of 0 to 6: two costs half of the default four and gives files 4 % larger.
_EFFORT = 2


@dataclass(frozen=True, slots=True)
class Derived:
    """What is known of a picture or video, and its small copies.

    thumb: WebP with the longer side 256 px, or None where the original is no larger.
    preview: WebP with the longer side at most 1280 px, or None where the original is no larger and not twice as heavy.
    placeholder: see `thumbhash`; a stand-in until a file is loaded.
    Videos have a poster (WebP of the first frame, at most 1280 px) and always a thumb, their length in seconds and
    their average pace (0 when unknown), and no preview.
    """

    width_px: int
    height_px: int
    thumb: bytes | None
    preview: bytes | None
    placeholder: str
    poster: bytes | None = None
    duration_s: float | None = None
    fps: float | None = None


def derive(data: bytes, mime: str, *, limits: ImageLimits = DEFAULT_LIMITS) -> Derived:
    """The small copies of a stored picture (PNG, JPEG or WebP) or a video (MP4 or WebM).

    A JPEG is decoded at the fraction of its size needed. Raises ImageTooLarge or ImageUnreadable; for videos also what
    `probe_video` does.
    """
    if mime.startswith("video/"):
        return probe_video(data, limits=limits)
    with refusing(limits):
        opened = Image.open(io.BytesIO(data), formats=[mime.partition("/")[2].upper()])
        check_size(*opened.size, limits)
        size = opened.size
        if mime == "image/jpeg" and max(size) >= 2 * PREVIEW_PX:
            opened.draft("RGB", (PREVIEW_PX, PREVIEW_PX))
        return derive_from(plain_colours(opened), original_size=size, original_bytes=len(data))


def derive_from(
    image: Image.Image, *, original_size: tuple[int, int] | None = None, original_bytes: int = 0
) -> Derived:
    """The small copies of RGB or RGBA pixels; original_size when these are already a reduction, original_bytes of its
    file, or 0 where it has none."""
    width, height = original_size or image.size
    longest = max(width, height)
    preview = thumb = None
    if longest > PREVIEW_PX:
        image = within(image, PREVIEW_PX)
        preview = webp(image)
    elif longest > THUMB_PX and original_bytes and len(lighter := webp(image)) * 2 < original_bytes:
        # As large as the original, and a tenth of a PNG's weight: what a phone shows in one column.
        preview = lighter
    if longest > THUMB_PX:
        image = within(image, THUMB_PX)
        thumb = webp(image)
    return Derived(width, height, thumb, preview, thumbhash(image))


def probe_video(data: bytes, *, limits: ImageLimits = DEFAULT_LIMITS, max_bytes: int = VIDEO_MAX_BYTES) -> Derived:
    """What a video is, with a still to show for it.

    Raises FileTooLarge, UnsupportedVideo, ImageTooLarge or ImageUnreadable; nothing else.
    """
    clip = open_clip(data, limits=limits, max_bytes=max_bytes)
    copies = derive_from(clip.still)
    poster = copies.preview or webp(clip.still)
    return replace(
        copies, thumb=copies.thumb or poster, preview=None, poster=poster, duration_s=clip.duration_s, fps=clip.fps
    )


def within(image: Image.Image, side_px: int) -> Image.Image:
    """The picture scaled so that its longer side is `side_px`."""
    scale = side_px / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def webp(image: Image.Image) -> bytes:
    """A small copy as a file."""
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=QUALITY, method=_EFFORT)
    return buffer.getvalue()
