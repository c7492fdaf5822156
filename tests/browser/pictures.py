"""Files that people bring along."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload

SIZE = (192, 128)


def a_png(name: str = "dunes.png", size: tuple[int, int] = SIZE) -> FilePayload:
    """A picture with something in it."""
    picture = Image.new("RGB", size, "#406080")
    ImageDraw.Draw(picture).ellipse((size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2), fill="#e0a040")
    return _file(name, picture)


def a_mask(size: tuple[int, int] = SIZE) -> FilePayload:
    """White on the right half: that is repainted."""
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).rectangle((size[0] // 2, 0, size[0], size[1]), fill=255)
    return _file("mask.png", mask)


def no_picture() -> FilePayload:
    return {"name": "notes.png", "mimeType": "image/png", "buffer": b"These are notes and no picture."}


def _file(name: str, picture: Image.Image) -> FilePayload:
    data = io.BytesIO()
    picture.save(data, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": data.getvalue()}
