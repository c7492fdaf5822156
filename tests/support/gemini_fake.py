"""The Gemini API on loopback: refuses every field, value, shape and part that the real one might mind."""

from __future__ import annotations

import base64
import binascii
import io
import itertools
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from PIL import Image

from tests.app.imaging.files import video
from tests.support.wire import Said, Seen, Wire

KEY = "AIza-test-key"
VIDEO = video()

_TEN = {"1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"}
_SHAPES = {
    "gemini-nano-banana-2.1": _TEN | {"1:4", "4:1", "1:8", "8:1"},
    "gemini-3-pro-image": _TEN,
    "gemini-3.1-flash-lite-image": _TEN,
    "gemini-2.5-flash-image": _TEN,
}
_SIZES = {
    "gemini-nano-banana-2.1": {"1K": 1120, "2K": 1680, "4K": 2520},
    "gemini-3-pro-image": {"1K": 1120, "2K": 1120, "4K": 2000},
    "gemini-3.1-flash-lite-image": {"1K": 1120},
    "gemini-2.5-flash-image": {},
}
_MOST_IMAGES = {"gemini-nano-banana-2.1": 14, "gemini-3-pro-image": 14, "gemini-2.5-flash-image": 3}
# Dollars for a million tokens: in, words out; and for pictures apiece where they are not counted in tokens.
_RATES = {"gemini-nano-banana-2.1": ("1.50", "7.50", "30"), "gemini-3-pro-image": ("2", "12", None)}
_APIECE = {"gemini-3.1-flash-lite-image": "0.0336", "gemini-2.5-flash-image": "0.039"}
_SECONDS = {
    "gemini-omni-1.2-flash": (3, 15, {"360p": "0.023", "720p": "0.07", "1080p": "0.105", "4k": "0.21"}),
    "gemini-omni-1.1-flash": (3, 10, {"720p": "0.10"}),
}
_MOST_BYTES = 20_000_000
_TYPES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}


def refused(status: int, told: str, message: str, *details: Mapping[str, Any]) -> Said:
    """An error in Google's own shape."""
    error = {"code": status, "message": message, "status": told, "details": list(details)}
    return Said(status, {"error": error})


def blocked(reason: str, *categories: str) -> Said:
    """A prompt that was not taken: 200 without candidates."""
    ratings = [{"category": each, "probability": "HIGH", "blocked": True} for each in categories]
    return Said(200, {"promptFeedback": {"blockReason": reason, "safetyRatings": ratings}, "responseId": "r-blocked"})


def finished(reason: str, *parts: Mapping[str, Any]) -> Said:
    """A candidate that ended for this reason, with these parts."""
    candidate: dict[str, Any] = {"finishReason": reason}
    if parts:
        candidate["content"] = {"role": "model", "parts": list(parts)}
    return Said(200, {"candidates": [candidate], "responseId": "r-finished"})


class _Wrong(Exception):
    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class GeminiFake(Wire):
    """asked: accepted bodies. sent: the pictures of each.

    looks: how often each interaction is not done yet. waits: how often its file is not ready then. ending: what an
    interaction ends as instead of with a video. uri: where a video is said to lie.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[dict[str, Any]] = []
        self.sent: list[list[Image.Image]] = []
        self.looks = 0
        self.waits = 0
        self.ending: dict[str, Any] | None = None
        self.uri = "https://generativelanguage.googleapis.com/v1/files/film-1"
        self.cancelled: list[str] = []
        self._ids = itertools.count(1)
        self._films: dict[str, int] = {}

    def handle(self, seen: Seen) -> Said:
        if seen.headers["x-goog-api-key"] != KEY and not seen.path.startswith("/stored/"):
            info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
            return refused(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", info)
        if len(seen.body) > _MOST_BYTES:
            return refused(400, "INVALID_ARGUMENT", "Request payload size exceeds the limit: 20971520 bytes.")
        try:
            for pattern, handler in self._routes():
                found = re.fullmatch(pattern, f"{seen.method} {seen.path}")
                if found is not None:
                    return handler(seen, *found.groups())
        except _Wrong as wrong:
            violation = {"field": wrong.field, "description": str(wrong)}
            bad = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}
            return refused(400, "INVALID_ARGUMENT", str(wrong), bad)
        return refused(404, "NOT_FOUND", f"{seen.path} is not found")

    def _routes(self) -> tuple[tuple[str, Callable[..., Said]], ...]:
        return (
            (r"GET /v1/models", self._models),
            (r"POST /v1/models/([a-z0-9.-]+):generateContent", self._draw),
            (r"POST /v1/interactions", self._film),
            (r"GET /v1/interactions/([a-z0-9-]+)", self._look),
            (r"POST /v1/interactions/([a-z0-9-]+)/cancel", self._cancel),
            (r"GET /v1/files/([a-z0-9-]+)", self._file),
            (r"GET /v1/files/([a-z0-9-]+):download", self._download),
            (r"GET /stored/film-1", lambda seen: Said(200, VIDEO)),
        )

    def _models(self, _: Seen) -> Said:
        return Said(200, {"models": [{"name": f"models/{name}"} for name in (*_SHAPES, *_SECONDS, "gemini-3.8-flash")]})

    def _draw(self, seen: Seen, model: str) -> Said:
        if model not in _SHAPES:
            return refused(404, "NOT_FOUND", f"models/{model} is no longer available.")
        body = _object(seen.json(), "", {"contents", "generationConfig"})
        (content,) = body["contents"]
        _object(content, "contents", {"role", "parts"})
        if content["role"] != "user":
            raise _Wrong("contents.role", "turns of the model need their thought signatures")
        images, words = _read(content["parts"])
        if not words.strip():
            raise _Wrong("contents.parts", "no words")
        if len(images) > _MOST_IMAGES.get(model, 0):
            raise _Wrong("contents.parts", "too many images for this model")
        settings = _object(
            body["generationConfig"], "generation_config", {"responseModalities", "imageConfig", "thinkingConfig"}
        )
        if settings["responseModalities"] not in (["IMAGE"], ["TEXT", "IMAGE"]):
            raise _Wrong("generation_config.response_modalities", "unknown modalities")
        if "thinkingConfig" in settings and (
            model != "gemini-nano-banana-2.1"
            or settings["thinkingConfig"].get("thinkingLevel") not in {"MINIMAL", "MEDIUM", "HIGH"}
        ):
            raise _Wrong("generation_config.thinking_config", "unknown thinking level for this model")
        shape = _object(settings["imageConfig"], "generation_config.image_config", {"aspectRatio", "imageSize"})
        if shape["aspectRatio"] not in _SHAPES[model]:
            raise _Wrong("generation_config.image_config.aspect_ratio", "unknown aspect ratio")
        size = shape.get("imageSize")
        if size is not None and size not in _SIZES[model]:
            raise _Wrong("generation_config.image_config.image_size", "unknown image size")
        self.asked.append(body)
        self.sent.append(images)
        return self._drawn(model, shape["aspectRatio"], size or "1K", len(images))

    def _drawn(self, model: str, ratio: str, size: str, images: int) -> Said:
        across, down = (int(side) for side in ratio.split(":"))
        unit = int(size[0]) * 1024 / (across * down) ** 0.5
        picture = io.BytesIO()
        Image.new("RGB", (round(across * unit / 16) * 16, round(down * unit / 16) * 16), "olive").save(picture, "PNG")
        into, drawn, thought = 20 + 560 * images, _SIZES[model].get(size, 1290), 30
        if model in _RATES:
            text_in, text_out, image_out = _RATES[model]
            apiece = (
                drawn * Decimal(image_out) / 1_000_000 if image_out else Decimal("0.24" if size == "4K" else "0.134")
            )
            words = (into * Decimal(text_in) + (5 + thought) * Decimal(text_out)) / 1_000_000
            self.charge(model, apiece + words)
        else:
            self.charge(model, _APIECE[model])
        draft = io.BytesIO()
        Image.new("RGB", (16, 16), "red").save(draft, "PNG")
        parts = [
            {"thought": True, "inlineData": _inline(draft)},
            {"text": "Here is your picture."},
            {"inlineData": _inline(picture), "thoughtSignature": "c2lnbmVk"},
        ]
        usage = {
            "promptTokenCount": into,
            "candidatesTokenCount": drawn + 5,
            "thoughtsTokenCount": thought,
            "totalTokenCount": into + drawn + 5 + thought,
            "candidatesTokensDetails": [
                {"modality": "IMAGE", "tokenCount": drawn},
                {"modality": "TEXT", "tokenCount": 5},
            ],
        }
        candidate = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP"}
        answer = {"candidates": [candidate], "usageMetadata": usage, "modelVersion": model}
        return Said(200, {**answer, "responseId": f"r-{next(self._ids)}"})

    def _film(self, seen: Seen) -> Said:
        body = _object(
            seen.json(), "", {"model", "input", "response_format", "generation_config", "background", "store"}
        )
        if body["model"] not in _SECONDS:
            return refused(404, "NOT_FOUND", f"models/{body['model']} is no longer available.")
        least, most, prices = _SECONDS[body["model"]]
        if body["background"] is not True or body["store"] is not True:
            raise _Wrong("background", "a video goes on in the background and is stored")
        given = body["input"]
        if given[0].get("type") == "user_input":
            given = given[0]["content"]
        image, words = given
        _object(image, "input", {"type", "data", "mime_type"})
        _object(words, "input", {"type", "text"})
        if (image["type"], words["type"]) != ("image", "text") or not words["text"].strip():
            raise _Wrong("input", "an image and words")
        task = body["generation_config"]
        if task != {"video_config": {"task": "image_to_video"}}:
            raise _Wrong("generation_config.video_config.task", "unknown task")
        form = _object(
            body["response_format"],
            "response_format",
            {"type", "aspect_ratio", "resolution", "duration", "delivery"},
        )
        seconds = re.fullmatch(r"(\d+)s", form["duration"])
        if seconds is None or not least <= int(seconds[1]) <= most:
            raise _Wrong("response_format.duration", f"{least}s to {most}s")
        if form["resolution"] not in prices or form["aspect_ratio"] not in {"16:9", "9:16"}:
            raise _Wrong("response_format.resolution", "unknown resolution or shape")
        if form["type"] != "video" or form["delivery"] not in {"inline", "uri"}:
            raise _Wrong("response_format.delivery", "unknown delivery")
        self.sent.append([_picture(image["data"], image["mime_type"])])
        self.asked.append(body)
        self.charge(body["model"], int(seconds[1]) * Decimal(prices[form["resolution"]]))
        name = f"v1-film-{next(self._ids)}"
        self._films[name] = 0
        return Said(200, {"id": name, "status": "in_progress", "model": body["model"], "created": "now"})

    def _look(self, seen: Seen, name: str) -> Said:
        if seen.query != {"stream": "false"}:
            raise _Wrong("stream", "one answer was asked for elsewhere")
        if name not in self._films:
            return refused(404, "NOT_FOUND", "Interaction not found.")
        if name in self.cancelled:
            return Said(200, {"id": name, "status": "cancelled"})
        self._films[name] += 1
        if self._films[name] <= self.looks:
            return Said(200, {"id": name, "status": "in_progress"})
        if self.ending is not None:
            return Said(200, {"id": name, **self.ending})
        video = {"type": "video", "uri": self.uri, "mime_type": "video/mp4"}
        steps = [{"type": "thought"}, {"type": "model_output", "content": [{"type": "text", "text": "Done."}, video]}]
        usage = {"total_output_tokens": 28960, "output_tokens_by_modality": [{"modality": "video", "tokens": 28960}]}
        return Said(200, {"id": name, "status": "completed", "steps": steps, "usage": usage})

    def _cancel(self, _: Seen, name: str) -> Said:
        if name not in self._films:
            return refused(404, "NOT_FOUND", "Interaction not found.")
        self.cancelled.append(name)
        return Said(200, {"id": name, "status": "cancelled"})

    def _file(self, _: Seen, name: str) -> Said:
        if name != "film-1":
            return refused(403, "PERMISSION_DENIED", "You do not have permission to access the File, or it is gone.")
        if self.waits > 0:
            self.waits -= 1
            return Said(200, {"name": f"files/{name}", "state": "PROCESSING"})
        return Said(200, {"name": f"files/{name}", "state": "ACTIVE", "mimeType": "video/mp4"})

    def _download(self, seen: Seen, name: str) -> Said:
        if seen.query != {"alt": "media"} or name != "film-1" or self.waits > 0:
            return refused(400, "FAILED_PRECONDITION", "The file is not in an ACTIVE state.")
        return Said(200, VIDEO)


def _object(value: Any, path: str, known: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong(path, "must be an object")
    for name in value:
        if name not in known:
            raise _Wrong(f"{path}.{name}", f'Unknown name "{name}": Cannot find field.')
    return value


def _read(parts: list[dict[str, Any]]) -> tuple[list[Image.Image], str]:
    images, words = [], []
    for part in parts:
        if set(part) == {"text"}:
            words.append(part["text"])
        elif set(part) == {"inlineData"} and set(part["inlineData"]) in ({"mimeType", "data"}, {"mime_type", "data"}):
            inline = part["inlineData"]
            images.append(_picture(inline["data"], inline.get("mimeType") or inline["mime_type"]))
        else:
            raise _Wrong("contents.parts", f"a part of {sorted(part)}")
    return images, "\n".join(words)


def _picture(data: str, mime: str) -> Image.Image:
    if mime not in _TYPES:
        raise _Wrong("contents.parts", f"Unsupported MIME type: {mime}")
    try:
        # In JSON of this kind both alphabets are right.
        content = base64.b64decode(data.replace("-", "+").replace("_", "/"), validate=True)
        image = Image.open(io.BytesIO(content), formats=[_TYPES[mime]])
        image.load()
    except (binascii.Error, OSError) as error:
        raise _Wrong("contents.parts", "Unable to process input image.") from error
    return image


def _inline(picture: io.BytesIO) -> dict[str, str]:
    return {"mimeType": "image/png", "data": base64.b64encode(picture.getvalue()).decode()}
