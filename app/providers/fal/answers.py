"""What fal says: of the queue, of a model's result, and of a model's error, which all come with the same address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.outbound import Reply
from app.providers import failures, fields
from app.providers.contract import Cancelled, ErrorKind, ProviderError
from app.providers.waiting import forgotten

NAME = "fal"
_BROKE = ("locked", "exhausted", "balance", "top up")
_STOPPED = {"client_cancelled", "client_disconnected"}
# Worth sending again, as a new request; answered with 5xx they are not billed.
_PASSING = {
    *("internal_server_error", "generation_timeout", "downstream_service_error", "downstream_service_unavailable"),
    *("request_timeout", "startup_timeout", "internal_error"),
}
_PICTURES = {
    "image_too_small": "The picture is too small for this model. Use a larger one",
    "image_too_large": "The picture is too large for this model. Use a smaller one",
    "file_too_large": "The picture's file is too large for this model. Use a smaller one",
    "image_load_error": "The model could not read the picture. Use another one",
    "unsupported_image_format": "The model does not take pictures of this format. Use another one",
    "file_download_error": "The model could not read the picture. Use another one",
    "face_detection_error": "The model found no face it could use in the picture. Use another one",
}


@dataclass(frozen=True, slots=True)
class Going:
    message: str
    fraction: float


@dataclass(frozen=True, slots=True)
class Done:
    """Completed, which is not yet a success. took_s: seconds of work, when it was said."""

    took_s: float | None


@dataclass(frozen=True, slots=True)
class Missing:
    """It does not know the request."""


@dataclass(frozen=True, slots=True)
class Result:
    url: str
    notes: dict[str, Any]


def tells_state(reply: Reply) -> bool:
    return reply.status in {401, 403, 404} or (reply.ok and "status" in reply.object_if_any())


def state_of(reply: Reply) -> Going | Done | Missing:
    """Raises ProviderError when we may not ask."""
    if reply.status == 404:
        return Missing()
    if not reply.ok:
        raise failures.key_withdrawn(NAME, detail=f"{reply.status} on a status")
    said = reply.object_if_any()
    if said["status"] == "COMPLETED":
        metrics = said.get("metrics")
        took = metrics.get("inference_time") if isinstance(metrics, dict) else None
        return Done(float(took) if isinstance(took, int | float) else None)
    before = said.get("queue_position")
    if said["status"] == "IN_QUEUE":
        waiting = isinstance(before, int) and before > 0
        return Going(f"waiting at {NAME}, {before} before it" if waiting else f"waiting at {NAME}", 0.0)
    return Going(f"being made at {NAME}", 0.1)


def tells_result(reply: Reply) -> bool:
    """A gateway's page says nothing; a model's own error does, whatever its code."""
    if reply.ok:
        return bool(reply.object_if_any())
    return reply.status != 429 and (reply.status < 500 or bool(_type_of(reply) or reply.object_if_any().get("detail")))


def result_of(reply: Reply) -> Result:
    """Raises ProviderError, and Cancelled when the request was stopped."""
    if reply.status == 499 or _type_of(reply) in _STOPPED:
        raise Cancelled
    if not reply.ok:
        raise _failure(reply, sent=True)
    said = reply.object_if_any()
    if any(said.get("has_nsfw_concepts") or ()):
        raise failures.moderated(
            NAME, "its filter blackened the picture", may_have_cost=True, detail="has_nsfw_concepts"
        )
    images, video = said.get("images"), said.get("video")
    file = video if isinstance(video, dict) else images[0] if isinstance(images, list) and images else None
    url = file.get("url") if isinstance(file, dict) else None
    if not isinstance(url, str) or not url:
        raise failures.no_picture(NAME, detail=f"a result with {sorted(said)}")
    told = {
        "seed": said.get("seed"),
        "revised_prompt": said.get("actual_prompt") or said.get("prompt"),
        "description": said.get("description"),
        "billable_units": reply.headers.get("x-fal-billable-units"),
    }
    return Result(url, {name: _short(value) for name, value in told.items() if value not in (None, "")})


def requests_like(reply: Reply, fingerprint: Mapping[str, Any]) -> list[str]:
    """The ids of the listed requests whose input holds all of this."""
    items = reply.object_if_any().get("items")
    found: list[str] = []
    for item in items if isinstance(items, list) else ():
        given = item.get("json_input") if isinstance(item, dict) else None
        alike = isinstance(given, dict) and all(given.get(name) == value for name, value in fingerprint.items())
        if alike and isinstance(item.get("request_id"), str):
            found.append(item["request_id"])
    return found


def refusal(reply: Reply) -> ProviderError:
    """Why a submission was not taken."""
    return _failure(reply, sent=False)


def _failure(reply: Reply, *, sent: bool) -> ProviderError:
    """sent: whether work was taken, so that anything but 5xx may have been billed."""
    said = reply.object_if_any()
    entries = fields.listed(said)
    kind = _type_of(reply)
    detail = _told(said, entries, kind)
    billed = sent and reply.status < 500
    if kind == "content_policy_violation":
        return failures.moderated(NAME, "", may_have_cost=billed, detail=detail)
    if kind == "no_media_generated":
        return ProviderError(
            ErrorKind.USER_FIXABLE,
            f"The model made nothing of this{_charge(billed)}. Change the prompt or the picture and retry.",
            may_have_cost=billed,
            detail=detail,
        )
    if kind in _PICTURES:
        sentence = f"{_PICTURES[kind]}{_charge(billed)}."
        return ProviderError(ErrorKind.USER_FIXABLE, sentence, may_have_cost=billed, detail=detail)
    if sent and reply.status == 404:
        return forgotten(NAME, detail=f"404: {detail}")
    if sent and reply.status in {401, 403}:
        return failures.key_withdrawn(NAME, detail=f"{reply.status}: {detail}")
    if reply.status == 403 and any(word in detail.lower() for word in _BROKE):
        return failures.out_of_credit(NAME, detail=f"{reply.status}: {detail}")
    if not sent and reply.status >= 500 and not kind:
        # Not the queue's own words: a gateway may have handed the request on before it gave up.
        return failures.from_status(NAME, reply, detail=detail)
    if reply.status >= 500 or kind in _PASSING or kind.startswith("runner_"):
        return _passing(reply, billed, f"{reply.status}: {detail}")
    if reply.status in {400, 422}:
        named = fields.named_in(entries[0]) if entries else ""
        return fields.refused(NAME, named, detail=f"{reply.status}: {detail}", may_have_cost=billed)
    failure = failures.from_status(NAME, reply, detail=detail)
    failure.may_have_cost = billed
    failure.retryable = failure.retryable and not billed
    return failure


def _passing(reply: Reply, billed: bool, detail: str) -> ProviderError:
    again = reply.headers.get("X-Fal-Retryable", "true").lower() != "false"
    ending = "It may have been charged once. Try again when you like." if billed else "Nothing was charged; try again."
    return ProviderError(
        ErrorKind.PROVIDER,
        f"The model at {NAME} broke down over this. {ending}",
        retryable=again and not billed,
        once=True,
        may_have_cost=billed,
        retry_after_s=failures.retry_after_s(reply),
        detail=detail,
    )


def _type_of(reply: Reply) -> str:
    """The kind of an error: of the first entry, of the body, or of the header."""
    said = reply.object_if_any()
    entries = fields.listed(said)
    error = said.get("error")
    named = (
        entries[0].get("type") if entries else None,
        said.get("error_type"),
        error.get("type") if isinstance(error, dict) else None,
        reply.headers.get("X-Fal-Error-Type"),
    )
    return next((kind for kind in named if isinstance(kind, str) and kind), "")


def _told(said: dict[str, Any], entries: list[dict[str, Any]], kind: str) -> str:
    """For the log; entries carry what was sent under `input`, which stays out."""
    if entries:
        return "; ".join(f"{fields.named_in(each)} {each.get('type')} {each.get('msg')}" for each in entries)[:300]
    text = said.get("detail")
    return f"{kind} {text if isinstance(text, str) else ''}".strip()[:300]


def _charge(billed: bool) -> str:
    return "; it may have been charged" if billed else "; you were not charged"


def _short(value: Any) -> Any:
    return value if isinstance(value, int | float) else str(value)[:2000]
