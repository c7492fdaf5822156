"""How a stand-in checks a JSON body against what its provider publishes: every field named, every value in range."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from PIL import Image

# What is wrong with a value, None when nothing is.
Check = Callable[[Any], str | None]
_DATA_URL = re.compile(r"data:(image/(?:png|jpeg|webp));base64,(.*)", re.DOTALL)


def text(most: int = 100_000) -> Check:
    return lambda value: None if isinstance(value, str) and len(value) <= most else f"text of at most {most}"


def one_of(*values: Any) -> Check:
    return lambda value: None if value in values and not isinstance(value, bool) else f"one of {values}"


def switch(value: Any) -> str | None:
    return None if isinstance(value, bool) else "true or false"


def whole(low: int, high: int, step: int = 1) -> Check:
    def check(value: Any) -> str | None:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return (
            None if is_whole and low <= value <= high and value % step == 0 else f"{low} to {high} in steps of {step}"
        )

    return check


def number(low: float, high: float) -> Check:
    def check(value: Any) -> str | None:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return None if is_number and low <= value <= high else f"{low} to {high}"

    return check


def list_of(check: Check, most: int) -> Check:
    def each(value: Any) -> str | None:
        if not isinstance(value, list) or not 1 <= len(value) <= most:
            return f"a list of 1 to {most}"
        return next(filter(None, map(check, value)), None)

    return each


def bare_picture(value: Any) -> str | None:
    """Base64 without any prefix."""
    if not isinstance(value, str):
        return "base64"
    try:
        opened(base64.b64decode(value, validate=True))
    except (binascii.Error, OSError):
        return "a picture in base64"
    return None


def data_url(value: Any) -> str | None:
    found = _DATA_URL.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return "a data URL of a picture"
    try:
        image = opened(base64.b64decode(found[2], validate=True))
    except (binascii.Error, OSError):
        return "a picture in base64"
    return None if Image.MIME[image.format or ""] == found[1] else "another type than it says"


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def picture_of(value: str) -> Image.Image:
    """From base64 or a data URL that was checked before."""
    return opened(base64.b64decode(value.rpartition(",")[2]))


def entries(body: Any, fields: Mapping[str, Check], required: Collection[str]) -> list[dict[str, Any]]:
    """What is wrong with a body, as FastAPI tells it; empty when nothing is."""
    if not isinstance(body, dict):
        return [{"loc": ["body"], "msg": "an object", "type": "dict_type"}]
    missing = [_entry(name, "Field required", "missing") for name in required if name not in body]
    unknown = [_entry(name, "Extra inputs are not permitted", "extra_forbidden") for name in body if name not in fields]
    wrong = [
        _entry(name, f"Input should be {problem}", "value_error")
        for name, value in body.items()
        if name in fields and (problem := fields[name](value)) is not None
    ]
    return [*missing, *unknown, *wrong]


def mask_faults(image: Image.Image, mask: Image.Image, name: str) -> list[dict[str, Any]]:
    """A mask must be as large as its picture, grey, and hold nothing but black and white, with some of each."""
    if mask.size != image.size:
        return [_entry(name, f"{mask.size} is not the size of the image, {image.size}", "value_error")]
    if mask.mode != "L" or {level for _, level in mask.getcolors() or [(0, None)]} - {0, 255}:
        return [_entry(name, "only pure black and white", "value_error")]
    return []


def _entry(name: str, message: str, kind: str) -> dict[str, Any]:
    return {"loc": ["body", name], "msg": message, "type": kind}
