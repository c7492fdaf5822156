"""fal as a server beside us, stricter than theirs: its queue, its media host, and each endpoint's own input."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any

from PIL import Image

from tests.app.imaging.files import encoded, video
from tests.support import strict
from tests.support.strict import Check
from tests.support.wire import Said, Seen, Wire

KEY = "fal-key-id:fal-secret"
Price = Callable[[dict[str, Any]], str]

_RATIOS = ("21:9", "16:9", "3:2", "4:3", "5:4", "1:1", "4:5", "3:4", "2:3", "9:16")
_KLING_RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9")
_SEED: Mapping[str, Check] = {"seed": strict.whole(0, 2**32 - 1)}
_FORMAT: Mapping[str, Check] = {"output_format": strict.one_of("jpeg", "png", "webp")}
_GPT_SIZES = ("1024x1024", "1536x1024", "1024x1536")


def _pixels(value: Any) -> str | None:
    presets = ("square_hd", "square", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9", "auto")
    if value in presets if isinstance(value, str) else False:
        return None
    if not isinstance(value, dict) or value.keys() != {"width", "height"}:
        return "a preset or width and height"
    wide, high = value["width"], value["height"]
    fits = wide % 16 == high % 16 == 0 and max(wide, high) <= 3840 and 655_360 <= wide * high <= 8_294_400
    return None if fits and max(wide, high) <= 3 * min(wide, high) else "sides in multiples of 16, 3:1 at most"


def _start(least_px: int) -> Check:
    def check(value: Any) -> str | None:
        problem = strict.data_url(value)
        if problem is not None:
            return problem
        return None if min(strict.picture_of(value).size) >= least_px else f"sides of {least_px} px"

    return check


def _banana(*more_ratios: str) -> Mapping[str, Check]:
    return {
        **_SEED,
        **_FORMAT,
        "prompt": strict.text(),
        "aspect_ratio": strict.one_of(*_RATIOS, *more_ratios),
        "num_images": strict.whole(1, 4),
    }


def _kling(more: Mapping[str, Check], start: str, end: str = "", longest: int = 0) -> Mapping[str, Check]:
    durations = [str(number) for number in range(3, longest + 1)] if longest else ["5", "10"]
    ends = {end: _start(300)} if end else {}
    return {"prompt": strict.text(2500), start: _start(300), **ends, "duration": strict.one_of(*durations), **more}


_NEGATIVE: Mapping[str, Check] = {"negative_prompt": strict.text(500)}
_CFG: Mapping[str, Check] = {"cfg_scale": strict.number(0, 1)}
_AUDIO: Mapping[str, Check] = {"generate_audio": strict.switch}
_EDITS: Mapping[str, Check] = {"image_urls": strict.list_of(strict.data_url, 16)}
_GPT: Mapping[str, Check] = {
    **_FORMAT,
    "prompt": strict.text(),
    "quality": strict.one_of("low", "medium", "high"),
    "num_images": strict.whole(1, 4),
}
_GPT_15: Mapping[str, Check] = {
    **_GPT,
    "image_size": strict.one_of(*_GPT_SIZES),
    "background": strict.one_of("auto", "transparent", "opaque"),
}
_KLING_IMAGE: Mapping[str, Check] = {
    **_FORMAT,
    "prompt": strict.text(2500),
    "resolution": strict.one_of("1K", "2K"),
    "aspect_ratio": strict.one_of(*_KLING_RATIOS),
    "num_images": strict.whole(1, 9),
}
_KONTEXT: Mapping[str, Check] = {
    **_SEED,
    "prompt": strict.text(),
    "image_url": strict.data_url,
    "aspect_ratio": strict.one_of("21:9", "16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "9:21"),
    "guidance_scale": strict.number(1, 20),
    "num_images": strict.whole(1, 4),
    "output_format": strict.one_of("jpeg", "png"),
}
_VEO: Mapping[str, Check] = {
    **_SEED,
    **_NEGATIVE,
    **_AUDIO,
    "prompt": strict.text(),
    "duration": strict.one_of("4s", "6s", "8s"),
    "aspect_ratio": strict.one_of("auto", "16:9", "9:16"),
    "resolution": strict.one_of("720p", "1080p", "4k"),
}


def _gpt_15(body: dict[str, Any]) -> str:
    amounts = {"low": (".009", ".013", ".013"), "medium": (".034", ".050", ".051"), "high": (".133", ".199", ".200")}
    return amounts[body["quality"]][_GPT_SIZES.index(body["image_size"])]


_GPT_2_PIXELS = (1024 * 768, 1024 * 1024, 1024 * 1536, 1920 * 1080, 2560 * 1440, 3840 * 2160)
_GPT_2 = {
    "low": (".005", ".006", ".005", ".005", ".007", ".012"),
    "medium": (".037", ".053", ".042", ".040", ".056", ".101"),
    "high": (".145", ".211", ".165", ".158", ".222", ".401"),
}
_GPT_2_EDIT = {
    "low": (".011", ".015", ".018", ".017", ".019", ".024"),
    "medium": (".043", ".061", ".054", ".053", ".068", ".113"),
    "high": (".151", ".219", ".178", ".158", ".234", ".413"),
}


def _gpt_2(amounts: Mapping[str, tuple[str, ...]]) -> Price:
    """For the first size of the list that holds as many pixels."""

    def price(body: dict[str, Any]) -> str:
        pixels = body["image_size"]["width"] * body["image_size"]["height"]
        return amounts[body["quality"]][bisect_left(_GPT_2_PIXELS, pixels)]

    return price


def _by_resolution(amounts: Mapping[str, str]) -> Price:
    return lambda body: amounts[body["resolution"]]


_BANANA_PRO = _by_resolution({"1K": ".15", "2K": ".15", "4K": ".30"})
_BANANA_2 = _by_resolution({"0.5K": ".06", "1K": ".08", "2K": ".12", "4K": ".16"})


def _by_second(amounts: Mapping[Any, str], named: str) -> Price:
    return lambda body: str(Decimal(amounts[body[named]]) * int(str(body["duration"]).removesuffix("s")))


def _for_five(amount: str) -> Price:
    return lambda body: str(Decimal(amount) * int(body["duration"]) / 5)


@dataclass(frozen=True, slots=True)
class Endpoint:
    fields: Mapping[str, Check]
    required: tuple[str, ...]
    price: Price
    makes: str = "image"


def _veo(body: dict[str, Any]) -> str:
    amounts = {False: "0.30", True: "0.35"} if body["resolution"] == "4k" else {False: "0.10", True: "0.15"}
    return _by_second(amounts, "generate_audio")(body)


_VIDEO = "fal-ai/kling-video/"
ENDPOINTS: Mapping[str, Endpoint] = {
    "fal-ai/gpt-image-1.5": Endpoint(_GPT_15, ("prompt",), _gpt_15),
    "fal-ai/gpt-image-1.5/edit": Endpoint(
        {**_GPT_15, **_EDITS, "mask_image_url": strict.data_url, "input_fidelity": strict.one_of("low", "high")},
        ("prompt", "image_urls"),
        _gpt_15,
    ),
    "openai/gpt-image-2": Endpoint({**_GPT, "image_size": _pixels}, ("prompt",), _gpt_2(_GPT_2)),
    "openai/gpt-image-2/edit": Endpoint(
        {**_GPT, **_EDITS, "image_size": _pixels, "mask_url": strict.data_url},
        ("prompt", "image_urls"),
        _gpt_2(_GPT_2_EDIT),
    ),
    "fal-ai/kling-image/v3/text-to-image": Endpoint({**_KLING_IMAGE, **_NEGATIVE}, ("prompt",), lambda _: "0.028"),
    "fal-ai/kling-image/v3/image-to-image": Endpoint(
        {**_KLING_IMAGE, "image_url": _start(300)}, ("prompt", "image_url"), lambda _: "0.028"
    ),
    "fal-ai/kling-image/o1": Endpoint(
        {
            "prompt": strict.text(2500),
            "image_urls": strict.list_of(strict.data_url, 10),
            "resolution": strict.one_of("1K", "2K"),
            "aspect_ratio": strict.one_of("auto", *_KLING_RATIOS),
            "num_images": strict.whole(1, 9),
        },
        ("prompt", "image_urls"),
        lambda _: "0.028",
    ),
    "fal-ai/nano-banana": Endpoint(_banana(), ("prompt",), lambda _: "0.039"),
    "fal-ai/nano-banana/edit": Endpoint({**_banana("auto"), **_EDITS}, ("prompt", "image_urls"), lambda _: "0.039"),
    "fal-ai/nano-banana-pro": Endpoint(
        {**_banana("auto"), "resolution": strict.one_of("1K", "2K", "4K")}, ("prompt",), _BANANA_PRO
    ),
    "fal-ai/nano-banana-pro/edit": Endpoint(
        {**_banana("auto"), **_EDITS, "resolution": strict.one_of("1K", "2K", "4K")},
        ("prompt", "image_urls"),
        _BANANA_PRO,
    ),
    "fal-ai/nano-banana-2": Endpoint(
        {**_banana("auto", "4:1", "1:4", "8:1", "1:8"), "resolution": strict.one_of("0.5K", "1K", "2K", "4K")},
        ("prompt",),
        _BANANA_2,
    ),
    "fal-ai/nano-banana-2/edit": Endpoint(
        {
            **_banana("auto", "4:1", "1:4", "8:1", "1:8"),
            **_EDITS,
            "resolution": strict.one_of("0.5K", "1K", "2K", "4K"),
        },
        ("prompt", "image_urls"),
        _BANANA_2,
    ),
    "fal-ai/flux-pro/kontext": Endpoint(_KONTEXT, ("prompt", "image_url"), lambda _: "0.04"),
    "fal-ai/flux-pro/kontext/max": Endpoint(_KONTEXT, ("prompt", "image_url"), lambda _: "0.08"),
    "fal-ai/wan-25-preview/image-to-video": Endpoint(
        {
            **_SEED,
            **_NEGATIVE,
            "prompt": strict.text(1500),
            "image_url": strict.data_url,
            "resolution": strict.one_of("480p", "720p", "1080p"),
            "duration": strict.one_of("5", "10"),
            "enable_prompt_expansion": strict.switch,
        },
        ("prompt", "image_url"),
        _by_second({"480p": "0.05", "720p": "0.10", "1080p": "0.15"}, "resolution"),
        "video",
    ),
    "fal-ai/wan/v2.2-a14b/image-to-video/turbo": Endpoint(
        {
            **_SEED,
            "prompt": strict.text(),
            "image_url": strict.data_url,
            "end_image_url": strict.data_url,
            "resolution": strict.one_of("480p", "580p", "720p"),
        },
        ("prompt", "image_url"),
        lambda body: {"480p": "0.05", "580p": "0.075", "720p": "0.10"}[body["resolution"]],
        "video",
    ),
    "fal-ai/wan/v2.7/image-to-video": Endpoint(
        {
            **_SEED,
            **_NEGATIVE,
            "prompt": strict.text(5000),
            "image_url": strict.data_url,
            "end_image_url": strict.data_url,
            "resolution": strict.one_of("720p", "1080p"),
            "duration": strict.whole(2, 15),
        },
        ("prompt",),
        _by_second({"720p": "0.10", "1080p": "0.15"}, "resolution"),
        "video",
    ),
    f"{_VIDEO}v2.5-turbo/pro/image-to-video": Endpoint(
        _kling({**_NEGATIVE, **_CFG}, "image_url", "tail_image_url"),
        ("prompt", "image_url"),
        _for_five("0.35"),
        "video",
    ),
    f"{_VIDEO}v2.5-turbo/standard/image-to-video": Endpoint(
        _kling({**_NEGATIVE, **_CFG}, "image_url"), ("prompt", "image_url"), _for_five("0.21"), "video"
    ),
    f"{_VIDEO}v2.1/master/image-to-video": Endpoint(
        _kling({**_NEGATIVE, **_CFG}, "image_url"), ("prompt", "image_url"), _for_five("1.40"), "video"
    ),
    f"{_VIDEO}v3/pro/image-to-video": Endpoint(
        _kling({**_NEGATIVE, **_CFG, **_AUDIO}, "start_image_url", "end_image_url", 15),
        ("prompt", "start_image_url"),
        _by_second({False: "0.112", True: "0.168"}, "generate_audio"),
        "video",
    ),
    f"{_VIDEO}o3/standard/image-to-video": Endpoint(
        _kling(_AUDIO, "image_url", "end_image_url", 15),
        ("prompt", "image_url"),
        _by_second({False: "0.084", True: "0.112"}, "generate_audio"),
        "video",
    ),
    "fal-ai/veo3.1/fast/image-to-video": Endpoint(
        {**_VEO, "image_url": _start(720)}, ("prompt", "image_url"), _veo, "video"
    ),
    "fal-ai/veo3.1/fast/first-last-frame-to-video": Endpoint(
        {**_VEO, "first_frame_url": _start(720), "last_frame_url": _start(720)},
        ("prompt", "first_frame_url", "last_frame_url"),
        _veo,
        "video",
    ),
}


@cache
def clip() -> bytes:
    return video()


class FakeFal(Wire):
    """looks: how many times a request is still waiting, and then running. ending: what its result is instead."""

    def __init__(self, *, looks: int = 1, ending: Said | None = None) -> None:
        super().__init__()
        self.looks = looks
        self.ending = ending
        self.extra: dict[str, Any] = {}
        self.media_host = ""
        self.bodies: list[dict[str, Any]] = []
        self._requests: dict[str, dict[str, Any]] = {}
        self._numbers = count(1)

    def handle(self, seen: Seen) -> Said:
        if seen.path.startswith("/files/"):
            return self._file(seen)
        if seen.headers.get("Authorization") != f"Key {KEY}":
            return Said(401, {"detail": "No user found for the key"})
        if seen.method == "GET" and seen.path == "/v1/models/pricing":
            return Said(200, {"prices": [{"endpoint_id": seen.query["endpoint_id"], "unit_price": 0.039}]})
        if seen.method == "GET" and seen.path == "/v1/models/requests/by-endpoint":
            return self._listed(seen)
        if "/requests/" in seen.path:
            return self._asked(seen)
        return self._submitted(seen) if seen.method == "POST" else Said(404, {"detail": "Not found"})

    def _submitted(self, seen: Seen) -> Said:
        name = seen.path.removeprefix("/")
        endpoint = ENDPOINTS.get(name)
        if endpoint is None:
            return Said(404, {"detail": f'Application "{name}" not found'})
        body = seen.json()
        wrong = strict.entries(body, endpoint.fields, endpoint.required) or _mask_faults(body)
        if wrong:
            return Said(422, {"detail": wrong})
        request_id = f"req-{next(self._numbers)}"
        # Their addresses leave out all of an endpoint's id but owner and application.
        own = f"/{'/'.join(name.split('/')[:2])}/requests/{request_id}"
        self.bodies.append(body)
        self.charge(name, endpoint.price(body))
        self._requests[request_id] = {
            "own": own,
            "endpoint": name,
            "body": body,
            "looks": [*["IN_QUEUE"] * self.looks, *["IN_PROGRESS"] * self.looks],
            "stopped": False,
        }
        return Said(
            200,
            {
                "request_id": request_id,
                "response_url": f"{self.url}{own}",
                "status_url": f"{self.url}{own}/status",
                "cancel_url": f"{self.url}{own}/cancel",
                "status": "IN_QUEUE",
                "queue_position": 0,
            },
        )

    def _asked(self, seen: Seen) -> Said:
        own, _, rest = seen.path.partition("/requests/")
        request_id, _, what = rest.partition("/")
        known = self._requests.get(request_id)
        if known is None or known["own"] != f"{own}/requests/{request_id}":
            return Said(404, {"detail": "Request not found"})
        if (seen.method, what) == ("PUT", "cancel"):
            if not known["looks"]:
                return Said(400, {"status": "ALREADY_COMPLETED"})
            known["looks"], known["stopped"] = [], True
            return Said(202, {"status": "CANCELLATION_REQUESTED"})
        if (seen.method, what) == ("GET", "status"):
            if known["looks"]:
                state = known["looks"].pop(0)
                told = {"queue_position": 2} if state == "IN_QUEUE" else {"logs": None}
                return Said(202, {"status": state, **told})
            return Said(200, {"status": "COMPLETED", "logs": None, "metrics": {"inference_time": 3.5}})
        if known["looks"]:
            return Said(400, {"detail": "Request is still in progress"})
        if known["stopped"]:
            return Said(499, {"detail": "cancelled", "error_type": "client_cancelled"})
        return self.ending or self._result(request_id, known)

    def _result(self, request_id: str, known: dict[str, Any]) -> Said:
        makes = ENDPOINTS[known["endpoint"]].makes
        kind = "mp4" if makes == "video" else known["body"].get("output_format", "png")
        file = {"url": f"{self.media_host or self.url}/files/{request_id}.{kind}", "content_type": f"{makes}/{kind}"}
        result: dict[str, Any] = {"video": file} if makes == "video" else {"images": [file]}
        if "seed" in known["body"]:
            result["seed"] = known["body"]["seed"]
        return Said(200, {**result, **self.extra}, {"x-fal-billable-units": "1"})

    def _listed(self, seen: Seen) -> Said:
        if seen.query.get("expand") != "payloads" or datetime.fromisoformat(seen.query["start"]).tzinfo is None:
            return Said(422, {"error": {"type": "validation_error", "message": "start, expand"}})
        items = [
            {
                "request_id": request_id,
                "endpoint_id": known["endpoint"],
                "sent_at": "2099-01-01T00:00:00Z",
                "json_input": known["body"],
            }
            for request_id, known in self._requests.items()
            if known["endpoint"] == seen.query.get("endpoint_id")
        ]
        return Said(200, {"items": items, "next_cursor": None, "has_more": False})

    @staticmethod
    def _file(seen: Seen) -> Said:
        if "authorization" in seen.headers:
            return Said(403, {"detail": "a key at the media host"})
        kind = seen.path.rpartition(".")[2]
        if kind == "mp4":
            return Said(200, clip())
        return Said(200, encoded(Image.new("RGB", (64, 48), "navy"), {"jpeg": "JPEG", "webp": "WEBP"}.get(kind, "PNG")))


def _mask_faults(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Right by both readings: white and transparent where to repaint, black and opaque elsewhere."""
    name = next((name for name in ("mask_url", "mask_image_url") if name in body), None)
    if name is None:
        return []
    image, mask = strict.picture_of(body["image_urls"][0]), strict.picture_of(body[name])
    colours = {colour for _, colour in mask.getcolors() or []}
    size = body["image_size"]
    asked = tuple(map(int, size.split("x"))) if isinstance(size, str) else (size["width"], size["height"])
    right = mask.size == image.size == asked and colours == {(255, 255, 255, 0), (0, 0, 0, 255)}
    return [] if right else [{"loc": ["body", name], "msg": "not a mask of the image", "type": "value_error"}]
