"""Recraft as a server beside us, stricter than theirs: a model's own sizes, styles and fields and no others."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any

from PIL import Image

from tests.app.imaging.files import encoded
from tests.support import strict
from tests.support.strict import Check
from tests.support.wire import Said, Seen, Wire

KEY = "recraft-secret-token"
_RATIOS = (
    *("1:1", "2:1", "1:2", "3:2", "2:3", "4:3", "3:4", "5:4", "4:5"),
    *("6:10", "14:10", "10:14", "16:9", "9:16"),
)
_V3_STYLES = ("realistic_image", "digital_illustration", "logo_raster")
_MOST_BYTES = 10_000_000

# Units of a tenth of a cent; the models that keep named styles and negative prompts.
_UNITS = {
    "recraftv4_1": 35,
    "recraftv4_1_utility": 35,
    "recraftv4_1_pro": 210,
    "recraftv4": 40,
    "recraftv4_pro": 250,
    "recraftv3": 40,
    "recraftv2": 22,
}
_STYLED = ("recraftv2", "recraftv3")


def _picture(value: Any) -> str | None:
    problem = strict.data_url(value)
    if problem is not None:
        return problem
    image = strict.picture_of(value)
    fits = all(256 <= side <= 4096 for side in image.size) and image.width * image.height <= 16_000_000
    light = len(base64.b64decode(value.rpartition(",")[2])) < _MOST_BYTES
    return None if fits and light else "a picture of 256 to 4096 px below 10 MB"


_WORDS: Mapping[str, Check] = {
    "prompt": strict.text(10_000),
    "model": strict.one_of(*_UNITS),
    "n": strict.whole(1, 6),
    "style": strict.one_of(*_V3_STYLES),
    "substyle": strict.text(40),
    "negative_prompt": strict.text(),
    "random_seed": strict.whole(0, 2**32 - 1),
    "response_format": strict.one_of("url", "b64_json"),
    "image_format": strict.one_of("png", "webp"),
}
_SIDES: Mapping[str, Check] = {f"expand_{side}": strict.whole(0, 4096) for side in ("top", "right", "bottom", "left")}
_TOOL: Mapping[str, Check] = {"response_format": _WORDS["response_format"]}


@dataclass(frozen=True, slots=True)
class Path:
    """units: what it costs; None where the model says. single: one picture instead of a list."""

    fields: Mapping[str, Check]
    required: tuple[str, ...]
    units: int | None = 40
    single: bool = False


PATHS: Mapping[str, Path] = {
    "/images/generations": Path({**_WORDS, "size": strict.one_of(*_RATIOS)}, ("prompt", "model"), None),
    "/images/imageToImage": Path(
        {**_WORDS, "image_url": _picture, "strength": strict.number(0, 1)}, ("prompt", "image_url", "strength")
    ),
    "/images/inpaint": Path(
        {**_WORDS, "image_url": _picture, "mask_url": _picture}, ("prompt", "image_url", "mask_url")
    ),
    "/images/outpaint": Path({**_WORDS, **_SIDES, "image_url": _picture}, ("prompt", "image_url")),
    "/images/crispUpscale": Path({**_TOOL, "image_url": _picture}, ("image_url",), 4, single=True),
    "/images/creativeUpscale": Path({**_TOOL, "image_url": _picture}, ("image_url",), 250, single=True),
}


class FakeRecraft(Wire):
    """by_address: gives pictures as addresses even where base64 was asked for."""

    def __init__(self, *, by_address: bool = False) -> None:
        super().__init__()
        self.by_address = by_address
        self.bodies: list[dict[str, Any]] = []
        self._numbers = count(1)

    def handle(self, seen: Seen) -> Said:
        if seen.path.startswith("/files/"):
            leaked = "authorization" in seen.headers
            return Said(403) if leaked else Said(200, encoded(Image.new("RGB", (64, 48), "olive")))
        if seen.headers.get("Authorization") != f"Bearer {KEY}":
            return Said(401, "request unauthorized", {"Content-Type": "text/plain"})
        if seen.method == "GET" and seen.path == "/users/me":
            return Said(200, {"id": "u", "email": "anna@example.com", "name": "Anna", "credits": 12340})
        path = PATHS.get(seen.path) if seen.method == "POST" else None
        if path is None:
            return Said(404, "not found", {"Content-Type": "text/plain"})
        body = seen.json()
        problem = self._problem(seen.path, path, body)
        if problem:
            return Said(400, {"code": "invalid_request_parameter", "message": problem})
        units = path.units if path.units is not None else _UNITS[body["model"]]
        self.bodies.append(body)
        self.charge(seen.path, Decimal(units) / 1000)
        made = self._made(body)
        both = {"created": 1, "credits": units}
        return Said(200, {**both, "image": made} if path.single else {**both, "data": [made]})

    @staticmethod
    def _problem(name: str, path: Path, body: dict[str, Any]) -> str:
        wrong = strict.entries(body, path.fields, path.required)
        if wrong:
            return f"{wrong[0]['loc'][-1]}: {wrong[0]['msg']}"
        model = body.get("model", "")
        if model not in _STYLED and {"style", "substyle", "negative_prompt"} & body.keys():
            return "style and negative_prompt are for V2 and V3"
        if "substyle" in body and "style" not in body:
            return "substyle without style"
        if model in _STYLED and len(body["prompt"]) > 1000:
            return "prompt is too long"
        if "image_url" in body and "prompt" in body and model != "recraftv3":
            return "model does not edit"
        if "mask_url" in body:
            faults = strict.mask_faults(
                strict.picture_of(body["image_url"]), strict.picture_of(body["mask_url"]), "mask_url"
            )
            return str(faults[0]["msg"]) if faults else ""
        if name.endswith("outpaint"):
            size = strict.picture_of(body["image_url"]).size
            wide = size[0] + body.get("expand_left", 0) + body.get("expand_right", 0)
            high = size[1] + body.get("expand_top", 0) + body.get("expand_bottom", 0)
            if (wide, high) == size or max(wide, high) > 4096:
                return "expand: between 1 px and a side of 4096 in all"
        return ""

    def _made(self, body: dict[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        made: dict[str, Any] = {"image_id": f"00000000-0000-0000-0000-{number:012}"}
        if self.by_address or body.get("response_format") != "b64_json":
            return {**made, "url": f"{self.url}/files/{number}"}
        kind = body.get("image_format", "png").upper()
        picture = encoded(Image.new("RGB", (64, 48), "olive"), kind)
        return {**made, "b64_json": base64.b64encode(picture).decode(), "revised_prompt": "a red fox"}
