"""Black Forest Labs as a server beside us, stricter than theirs: every endpoint's own fields and no others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any

from PIL import Image

from tests.app.imaging.files import encoded
from tests.support import strict
from tests.support.strict import Check
from tests.support.wire import Said, Seen, Wire

KEY = "bfl-secret-key"
_FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}
_RATIOS = ("21:9", "16:9", "3:2", "4:3", "5:4", "1:1", "4:5", "3:4", "2:3", "9:16", "9:21")

_SEED: Mapping[str, Check] = {"seed": strict.whole(0, 2**32 - 1)}
_COMMON: Mapping[str, Check] = {
    **_SEED,
    "prompt": strict.text(),
    "output_format": strict.one_of(*_FORMATS),
    "safety_tolerance": strict.whole(0, 6),
}
_UPSAMPLING: Mapping[str, Check] = {"prompt_upsampling": strict.switch}
_PRO: Mapping[str, Check] = {
    **_COMMON,
    **_UPSAMPLING,
    "image_prompt": strict.bare_picture,
    "width": strict.whole(256, 1440, 32),
    "height": strict.whole(256, 1440, 32),
}
_KONTEXT: Mapping[str, Check] = {
    **_COMMON,
    **_UPSAMPLING,
    "aspect_ratio": strict.one_of(*_RATIOS),
    **dict.fromkeys(("input_image", "input_image_2", "input_image_3", "input_image_4"), strict.bare_picture),
}
_BY_STEPS: Mapping[str, Check] = {
    **_COMMON,
    **_UPSAMPLING,
    "image": strict.bare_picture,
    "steps": strict.whole(15, 50),
    "guidance": strict.number(1.5, 100),
}
_SIDES: Mapping[str, Check] = {side: strict.whole(0, 2048) for side in ("top", "bottom", "left", "right")}


def _flux_2(pictures: int, **more: Check) -> Mapping[str, Check]:
    names = ["input_image", *(f"input_image_{number}" for number in range(2, pictures + 1))]
    return {
        **_COMMON,
        "safety_tolerance": strict.whole(0, 5),
        "width": strict.whole(64, 4096, 16),
        "height": strict.whole(64, 4096, 16),
        **dict.fromkeys(names, strict.bare_picture),
        **more,
    }


@dataclass(frozen=True, slots=True)
class Model:
    """credits: for a picture of a megapixel, further: for each after it and each that goes in."""

    fields: Mapping[str, Check]
    credits: str
    required: tuple[str, ...] = ()
    further: str = "0"
    also: Callable[[dict[str, Any]], list[dict[str, Any]]] = field(default=lambda _: [])


def _fill(body: dict[str, Any]) -> list[dict[str, Any]]:
    if "mask" not in body:
        return []
    return strict.mask_faults(strict.picture_of(body["image"]), strict.picture_of(body["mask"]), "mask")


def _expand(body: dict[str, Any]) -> list[dict[str, Any]]:
    grown = any(body.get(side) for side in _SIDES)
    return [] if grown else [{"loc": ["body"], "msg": "at least one side", "type": "value_error"}]


def _within_4_mp(body: dict[str, Any]) -> list[dict[str, Any]]:
    fits = body.get("width", 0) * body.get("height", 0) <= 4_000_000
    return [] if fits else [{"loc": ["body", "width"], "msg": "at most 4 MP", "type": "value_error"}]


MODELS: Mapping[str, Model] = {
    "flux-pro-1.1": Model(_PRO, "4"),
    "flux-dev": Model({**_PRO, "steps": strict.whole(1, 50), "guidance": strict.number(1.5, 5)}, "2.5"),
    "flux-pro-1.1-ultra": Model(
        {**_COMMON, **_UPSAMPLING, "aspect_ratio": strict.one_of(*_RATIOS), "raw": strict.switch}, "6"
    ),
    "flux-kontext-pro": Model(_KONTEXT, "4", ("prompt",)),
    "flux-kontext-max": Model(_KONTEXT, "8", ("prompt",)),
    "flux-pro-1.0-fill": Model({**_BY_STEPS, "mask": strict.bare_picture}, "5", ("image",), also=_fill),
    "flux-pro-1.0-expand": Model({**_BY_STEPS, **_SIDES}, "5", ("image",), also=_expand),
    "flux-2-pro": Model(_flux_2(8), "3", ("prompt",), "1.5", _within_4_mp),
    "flux-2-max": Model(_flux_2(8), "7", ("prompt",), "3", _within_4_mp),
    "flux-2-flex": Model(
        _flux_2(8, steps=strict.whole(1, 50), guidance=strict.number(1.5, 10), prompt_upsampling=strict.switch),
        "6",
        ("prompt",),
        "6",
        _within_4_mp,
    ),
    "flux-2-klein-9b": Model(_flux_2(4), "1.5", ("prompt",), "0.2", _within_4_mp),
    "flux-2-klein-4b": Model(_flux_2(4), "1.4", ("prompt",), "0.1", _within_4_mp),
    "flux-3-image": Model(
        {
            "prompt": strict.text(),
            "images": strict.list_of(strict.bare_picture, 10),
            "aspect_ratio": strict.one_of("auto", "2:1", "7:5", "5:7", "1:2", *_RATIOS),
            "resolution": strict.one_of("768sq", "1k", "1.5k", "2k", "4k"),
            "safety_tolerance": strict.whole(0, 4),
            "grounding": strict.switch,
        },
        "4.8",
        ("prompt",),
    ),
}


class FakeBfl(Wire):
    """looks: how many polls a task stays pending. ending: what it ends as, instead of Ready."""

    def __init__(self, *, looks: int = 1, ending: Mapping[str, Any] | None = None, ending_status: int = 200) -> None:
        super().__init__()
        self.looks = looks
        self.ending = ending
        self.ending_status = ending_status
        self.bodies: list[dict[str, Any]] = []
        self.sample_host = ""
        self._tasks: dict[str, dict[str, Any]] = {}
        self._numbers = count(1)

    def handle(self, seen: Seen) -> Said:
        if seen.path.startswith("/samples/"):
            # A storage host: it must never see the key.
            return Said(403, {"detail": "key"}) if "x-key" in seen.headers else self._sample(seen)
        if seen.headers.get("x-key") != KEY:
            return Said(403, {"detail": "Not authenticated"})
        if seen.method == "GET" and seen.path == "/v1/credits":
            return Said(200, {"credits": 1230.5})
        if seen.method == "GET" and seen.path == "/v1/get_result":
            return self._poll(seen)
        if seen.method == "POST" and seen.path.startswith("/v1/"):
            return self._submit(seen, seen.path.removeprefix("/v1/"))
        return Said(404, {"detail": "Not Found"})

    def _submit(self, seen: Seen, name: str) -> Said:
        model = MODELS.get(name)
        if model is None:
            return Said(404, {"detail": "Not Found"})
        if seen.headers.get("Content-Type") != "application/json":
            return Said(422, {"detail": [{"loc": ["body"], "msg": "JSON", "type": "model_attributes_type"}]})
        body = seen.json()
        wrong = strict.entries(body, model.fields, model.required) or model.also(body)
        if wrong:
            return Said(422, {"detail": wrong})
        cost = self._credits(model, body)
        self.bodies.append(body)
        self.charge(name, cost / 100)
        task = f"task-{next(self._numbers)}"
        self._tasks[task] = {"looks": self.looks, "body": body}
        polling_url = f"{self.url}/v1/get_result?id={task}"
        return Said(200, {"id": task, "polling_url": polling_url, "cost": float(cost), "input_mp": None})

    @staticmethod
    def _credits(model: Model, body: dict[str, Any]) -> Decimal:
        further = Decimal(model.further)
        if not further:
            return Decimal(model.credits)
        given = [strict.picture_of(value) for name, value in body.items() if name.startswith("input_image")]
        size = (body.get("width") or given[0].width) * (body.get("height") or given[0].height)
        into = sum(_megapixels(image.width * image.height) for image in given)
        return Decimal(model.credits) + further * (_megapixels(size) - 1 + into)

    def _poll(self, seen: Seen) -> Said:
        name = seen.query.get("id", "")
        task = self._tasks.get(name)
        if task is None:
            return Said(404, {"id": name, "status": "Task not found", "result": None})
        if task["looks"] > 0:
            task["looks"] -= 1
            return Said(200, {"id": name, "status": "Pending", "result": None, "progress": 0.4})
        if self.ending is not None:
            return Said(self.ending_status, {"id": name, "result": None, **self.ending})
        sample = f"{self.sample_host or self.url}/samples/{name}?sig=secret"
        result = {"sample": sample, "prompt": task["body"]["prompt"], "seed": task["body"].get("seed", 77)}
        return Said(200, {"id": name, "status": "Ready", "result": result, "progress": None})

    def _sample(self, seen: Seen) -> Said:
        body = self._tasks[seen.path.rpartition("/")[2]]["body"]
        kind = _FORMATS[body.get("output_format", "png")]
        return Said(200, encoded(Image.new("RGB", (64, 48), "teal"), kind))


def _megapixels(pixels: int) -> int:
    return max(-(-pixels // (1024 * 1024)), 1)
