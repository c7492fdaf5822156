"""OpenAI's Images API on loopback: refuses every field, value, file and mask that the real one might mind."""

from __future__ import annotations

import base64
import io
import itertools
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from PIL import Image

from tests.support.wire import Said, Seen, Wire

KEY = "sk-test-key"
_MODELS = {
    "gpt-image-2": ("low", "medium", "high"),
    "gpt-image-2.5-flare": ("low", "medium", "high", "xhigh", "max"),
    "gpt-image-2.5-sunburst": ("low", "medium", "high", "xhigh", "max"),
    "gpt-image-2.6-flare": ("low", "medium", "high", "xhigh", "max"),
    "gpt-image-2.6-sunburst": ("low", "medium", "high", "xhigh", "max"),
}
_TOKENS = {"low": 196, "medium": 439, "high": 1756, "xhigh": 3122, "max": 7024}
# The older one's words for quality stand for more.
_TOKENS_2 = {"low": 196, "medium": 1756, "high": 7024}
_BOTH = {"model", "prompt", "n", "size", "quality", "background", "output_format"}
_TYPES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}


def refused(status: int, code: str, message: str, *, param: str | None = None, **more: Any) -> Said:
    """An error in OpenAI's own shape."""
    kind = more.pop("type", "invalid_request_error")
    body = {"error": {"message": message, "type": kind, "param": param, "code": code, **more}}
    return Said(status, body, {"x-request-id": "req_refused"})


class _Wrong(Exception):
    def __init__(self, param: str, message: str) -> None:
        super().__init__(message)
        self.param = param


class OpenAIFake(Wire):
    """asked: the fields of each accepted call. sent: its pictures by field, decoded."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[dict[str, Any]] = []
        self.sent: list[list[tuple[str, Image.Image]]] = []
        self._ids = itertools.count(1)

    def handle(self, seen: Seen) -> Said:
        if seen.headers["Authorization"] != f"Bearer {KEY}":
            return refused(401, "invalid_api_key", "Incorrect API key provided.")
        handlers: Mapping[tuple[str, str], Callable[[Seen], Said]] = {
            ("GET", "/v1/models"): self._models,
            ("POST", "/v1/images/generations"): self._generate,
            ("POST", "/v1/images/edits"): self._edit,
        }
        handler = handlers.get((seen.method, seen.path))
        if handler is None:
            return refused(404, "unknown_url", f"Unknown request URL: {seen.method} {seen.path}.")
        try:
            return handler(seen)
        except _Wrong as wrong:
            return refused(400, "invalid_value", str(wrong), param=wrong.param)

    def _models(self, _: Seen) -> Said:
        listed = [{"id": name, "object": "model", "shutdown_date": None} for name in (*_MODELS, "gpt-6-luna")]
        return Said(200, {"object": "list", "data": listed})

    def _generate(self, seen: Seen) -> Said:
        if seen.headers["Content-Type"] != "application/json":
            raise _Wrong("", "Content-Type must be application/json")
        body = seen.json()
        if type(body.get("n")) is not int:
            raise _Wrong("n", "n must be an integer")
        if body.get("moderation", "auto") not in {"auto", "low"}:
            raise _Wrong("moderation", "unknown moderation")
        return self._made(body, _BOTH | {"moderation"}, [])

    def _edit(self, seen: Seen) -> Said:
        if seen.headers.get_content_type() != "multipart/form-data":
            raise _Wrong("", "Content-Type must be multipart/form-data")
        fields: dict[str, Any] = {}
        files: list[tuple[str, Image.Image]] = []
        for name, file, mime, content in seen.parts():
            if file is None:
                fields[name] = content.decode()
            else:
                files.append((name, _picture(name, mime, content)))
        images = [image for name, image in files if name in {"image", "image[]"}]
        masks = [image for name, image in files if name == "mask"]
        if not 1 <= len(images) <= 16:
            raise _Wrong("image", "from 1 to 16 images")
        if {name for name, _ in files} - {"mask"} != {"image" if len(images) == 1 else "image[]"}:
            raise _Wrong("image", "one picture goes as image, several as image[]")
        if len(masks) > 1 or (masks and masks[0].size != images[0].size):
            raise _Wrong("mask", "the mask must have the size of the image")
        if masks and (masks[0].mode not in {"RGBA", "LA"} or masks[0].getchannel("A").getextrema()[0] != 0):
            raise _Wrong("mask", "the mask needs an alpha channel with transparent pixels")
        fields["n"] = int(fields["n"])
        return self._made(fields, _BOTH, files)

    def _made(self, body: dict[str, Any], known: set[str], files: list[tuple[str, Image.Image]]) -> Said:
        for name in body:
            if name not in known:
                raise _Wrong(name, f"Unknown parameter: '{name}'.")
        qualities = _MODELS.get(body.get("model", ""))
        if qualities is None:
            return refused(404, "model_not_found", "The model does not exist.", param="model")
        if not 1 <= len(body["prompt"]) <= 32_000:
            raise _Wrong("prompt", "prompt is too long")
        if body["n"] != 1:
            raise _Wrong("n", "one at a time here")
        if body.get("quality") not in qualities:
            raise _Wrong("quality", "unknown quality")
        width, height = _size(body.get("size", ""))
        form = body.get("output_format", "png")
        if form not in {"png", "jpeg", "webp"}:
            raise _Wrong("output_format", "unknown format")
        if body.get("background", "auto") not in {"auto", "opaque", "transparent"}:
            raise _Wrong("background", "unknown background")
        if body.get("background") == "transparent" and form == "jpeg":
            raise _Wrong("background", "transparent needs png or webp")
        images_in = 1000 * sum(name != "mask" for name, _ in files)
        out = (_TOKENS_2 if body["model"] == "gpt-image-2" else _TOKENS)[body["quality"]]
        self.charge(body["model"], Decimal(10 * 5 + images_in * 8 + out * 30) / 1_000_000)
        self.asked.append(body)
        self.sent.append(files)
        return Said(200, self._told(body, (width, height), form, images_in, out), {"x-request-id": self._id()})

    def _told(self, body: dict[str, Any], size: tuple[int, int], form: str, images_in: int, out: int) -> dict[str, Any]:
        drawn = io.BytesIO()
        Image.new("RGB", size, "steelblue").save(drawn, form.upper())
        usage = {
            "input_tokens": 10 + images_in,
            "input_tokens_details": {"text_tokens": 10, "image_tokens": images_in},
            "output_tokens": out,
            "total_tokens": 10 + images_in + out,
        }
        return {
            "created": 1,
            "data": [{"b64_json": base64.b64encode(drawn.getvalue()).decode()}],
            "size": f"{size[0]}x{size[1]}",
            "quality": body["quality"],
            "output_format": form,
            "usage": usage,
        }

    def _id(self) -> str:
        return f"req_{next(self._ids)}"


def _size(said: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)x(\d+)", said)
    if found is None:
        raise _Wrong("size", "size must look like 1024x1024")
    width, height = int(found[1]), int(found[2])
    if width % 16 or height % 16 or max(width, height) > 3840 or max(width, height) > 3 * min(width, height):
        raise _Wrong("size", "both sides divisible by 16, at most 3840, at most 3:1")
    if not 655_360 <= width * height <= 8_294_400:
        raise _Wrong("size", "from 655360 to 8294400 pixels")
    return width, height


def _picture(name: str, mime: str, content: bytes) -> Image.Image:
    if name not in {"image", "image[]", "mask"}:
        raise _Wrong(name, f"Unknown parameter: '{name}'.")
    if mime not in _TYPES or (name == "mask" and mime != "image/png"):
        raise _Wrong(name, f"unsupported mimetype {mime}")
    if len(content) >= (4_000_000 if name == "mask" else 50_000_000):
        raise _Wrong(name, "the file is too large")
    image = Image.open(io.BytesIO(content), formats=[_TYPES[mime]])
    image.load()
    return image
