"""Videos by interactions: what starts one, what became of it, and where its file lies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.outbound import Garbled, Reply
from app.providers import failures
from app.providers.contract import Cancelled, ErrorKind, ProviderError, Request
from app.providers.gemini.refusals import NAME, failed
from app.providers.pictures import file_of, stored
from app.providers.waiting import forgotten, lost

_MOST_BYTES = 14_000_000
_FILE = re.compile(r"files/([A-Za-z0-9_-]{1,100})")
_GOING = {"queued", "in_progress"}


@dataclass(frozen=True, slots=True)
class Going:
    """Not done yet."""


@dataclass(frozen=True, slots=True)
class Filmed:
    """data: the video in base64, where it came along; else `file`, the id of the file that it will be in, or `url`."""

    data: str = ""
    file: str = ""
    url: str = ""


def body_of(request: Request) -> dict[str, Any]:
    """Raises ProviderError without words: an empty wish would still be billed."""
    if not request.prompt.strip():
        raise ProviderError(ErrorKind.USER_FIXABLE, "Say what should happen in the video.")
    picture = stored(file_of(request, "image"), most_bytes=_MOST_BYTES)
    return {
        "model": request.endpoint,
        "input": [
            {"type": "image", "data": picture.base64, "mime_type": picture.mime},
            {"type": "text", "text": request.prompt},
        ],
        "response_format": {
            "type": "video",
            "aspect_ratio": request.aspect,
            "resolution": str(request.params["resolution"]),
            "duration": f"{request.params['duration_s']}s",
            "delivery": "uri",
        },
        "generation_config": {"video_config": {"task": "image_to_video"}},
        # So that it goes on without us, and can be asked for after a crash.
        "background": True,
        "store": True,
    }


def id_of(reply: Reply) -> str:
    """The id of an interaction that was just started. Raises Garbled."""
    found = reply.object().get("id")
    if not isinstance(found, str) or not re.fullmatch(r"[A-Za-z0-9_.-]{1,400}", found):
        raise Garbled("an interaction was answered without an id")
    return found


def tells(reply: Reply) -> bool:
    """Whether a look at an interaction or a file says something; what does not is no reason to give up."""
    if reply.ok:
        return bool(reply.object_if_any())
    return 400 <= reply.status < 500 and reply.status not in {408, 429}


def state_of(reply: Reply, interaction: str) -> Going | Filmed:
    """Raises Cancelled, or ProviderError for every end without a video."""
    if not reply.ok:
        detail = f"{reply.status} for interaction {interaction}"
        raise (failures.key_withdrawn if _is_refused(reply) else forgotten)(NAME, detail=detail)
    said = reply.object()
    status = str(said.get("status") or "")
    if status in _GOING:
        return Going()
    if status == "cancelled":
        raise Cancelled
    for content in _contents(said):
        filmed = _filmed(content)
        if filmed is not None:
            return filmed
    # Some refusals are a quick `completed` with nothing in it.
    raise failed(said.get("errors"), detail=f"interaction {interaction} {status or 'without a status'}, no video")


def is_ready(reply: Reply, file: str) -> bool:
    """Whether a file can be fetched by now. Raises ProviderError when it never will be."""
    if not reply.ok:
        # What is gone is answered with 403 too.
        withdrawn = _is_refused(reply) and reply.status != 403
        raise (failures.key_withdrawn if withdrawn else lost)(NAME, detail=f"{reply.status} for file {file}")
    state = str(reply.object().get("state") or "")
    if state == "FAILED":
        raise failed([], detail=f"file {file} failed")
    return state in {"ACTIVE", ""}


def usage_of(reply: Reply) -> Mapping[str, Any]:
    usage = reply.object().get("usage")
    return usage if isinstance(usage, Mapping) else {}


def _is_refused(reply: Reply) -> bool:
    return reply.status in {401, 403} or "API_KEY_INVALID" in reply.text()


def _contents(said: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    steps = said.get("steps")
    for step in steps if isinstance(steps, list) else []:
        if isinstance(step, Mapping) and step.get("type") == "model_output":
            content = step.get("content")
            yield from (each for each in (content if isinstance(content, list) else []) if isinstance(each, Mapping))


def _filmed(content: Mapping[str, Any]) -> Filmed | None:
    if content.get("type") != "video":
        return None
    data, uri = content.get("data"), content.get("uri")
    if isinstance(data, str) and data:
        return Filmed(data=data)
    if not isinstance(uri, str) or not uri:
        return None
    named = _FILE.search(uri)
    return Filmed(file=named[1]) if named else Filmed(url=uri)
