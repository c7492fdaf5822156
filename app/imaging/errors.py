"""Why a picture was refused: plain exceptions, which the application maps to its own answer by `status` and `code`."""

from __future__ import annotations

from typing import ClassVar


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

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"The file is larger than {limit_bytes / 2**20:g} MiB: send a smaller one.")
        self.limit_bytes = limit_bytes


class ImageTooLarge(ImageRefused):
    code = "image_too_large"

    def __init__(self, width_px: int, height_px: int, limit: str) -> None:
        super().__init__(f"The picture is {width_px} × {height_px} pixels and {limit} is the most: make it smaller.")
        self.width_px = width_px
        self.height_px = height_px


class ImageUnreadable(ImageRefused):
    code = "image_unreadable"

    def __init__(self, sentence: str = "The picture is damaged and cannot be read: save it again and retry.") -> None:
        super().__init__(sentence)


REFUSALS: dict[str, type[ImageRefused]] = {
    refusal.code: refusal
    for refusal in (UnsupportedImage, UnsupportedVideo, FileTooLarge, ImageTooLarge, ImageUnreadable)
}
