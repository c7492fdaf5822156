"""Why a picture was refused: plain exceptions, which the application maps to its own answer by `status` and `code`."""

from __future__ import annotations

from typing import ClassVar

from app.imaging.limits import ImageLimits


class ImageRefused(Exception):
    """A picture or video from outside that is not accepted; `sentence` is for the person who sent it."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "image_unreadable"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class UnsupportedImage(ImageRefused):
    status = 415
    code = "unsupported_image"

    def __init__(self, sentence: str = "This file is not a picture we take: send PNG, JPEG, WebP or GIF.") -> None:
        super().__init__(sentence)


class UnsupportedVideo(ImageRefused):
    status = 415
    code = "unsupported_video"

    def __init__(self, sentence: str = "This file is not a video we take: send MP4 or WebM.") -> None:
        super().__init__(sentence)


class FileTooLarge(ImageRefused):
    status = 413
    code = "file_too_large"

    @classmethod
    def over(cls, limit_bytes: int) -> FileTooLarge:
        return cls(f"The file is larger than {limit_bytes / 2**20:g} MiB: send a smaller one.")


class ImageTooLarge(ImageRefused):
    code = "image_too_large"

    @classmethod
    def measured(cls, width_px: int, height_px: int, limits: ImageLimits) -> ImageTooLarge:
        return cls(f"The picture is {width_px} × {height_px} pixels and {_most(limits)}: make it smaller.")

    @classmethod
    def unmeasured(cls, limits: ImageLimits) -> ImageTooLarge:
        return cls(f"The picture is far too large, {_most(limits)}: make it smaller.")


def _most(limits: ImageLimits) -> str:
    return f"{limits.pixels / 1e6:g} million pixels with sides up to {limits.side_px} is the most"


class ImageUnreadable(ImageRefused):
    code = "image_unreadable"

    def __init__(self, sentence: str = "The picture is damaged and cannot be read: save it again and retry.") -> None:
        super().__init__(sentence)


class ImageShapeRefused(ImageRefused):
    code = "image_shape"

    def __init__(
        self, sentence: str = "The picture is too long and narrow for this model: extend it to a squarer shape first."
    ) -> None:
        super().__init__(sentence)


# By code, for a refusal that comes from another process; each takes its sentence.
REFUSALS: dict[str, type[ImageRefused]] = {
    refusal.code: refusal
    for refusal in (UnsupportedImage, UnsupportedVideo, FileTooLarge, ImageTooLarge, ImageUnreadable, ImageShapeRefused)
}
