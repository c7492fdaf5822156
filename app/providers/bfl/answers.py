"""What Black Forest Labs says: about a submission, and about work it has taken."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from app.outbound import Reply
from app.providers import failures, fields
from app.providers.contract import ErrorKind, ProviderError

NAME = "Black Forest Labs"
_GOING_ON = {
    "Pending": "waiting at Black Forest Labs",
    "Queued": "waiting at Black Forest Labs",
    "Reasoning": "thinking about it",
    "Generating": "painting",
}
_PLAIN = re.compile(r"[^\w ,'-]+")


@dataclass(frozen=True, slots=True)
class Going:
    """Not done yet. fraction: 0..1, None when it was not said."""

    message: str
    fraction: float | None


@dataclass(frozen=True, slots=True)
class Missing:
    """It does not know the work: not yet, or not any more."""


@dataclass(frozen=True, slots=True)
class Ready:
    url: str
    seed: int | None
    prompt: str


def tells(reply: Reply) -> bool:
    """Whether an answer to a poll says what became of the work, or that we may not ask."""
    return reply.status in {401, 402, 403, 404} or "status" in reply.object_if_any()


def state_of(reply: Reply) -> Going | Missing | Ready:
    """Its words come before the status code: failed work may be told with 422 or 503. Raises ProviderError when the
    work has failed."""
    said = reply.object_if_any()
    status = said.get("status")
    if status == "Task not found" or (status is None and reply.status == 404):
        return Missing()
    if status is None:
        raise failures.key_withdrawn(NAME, detail=f"{reply.status} on a poll")
    if status == "Ready":
        return _ready(said)
    detail = f"{reply.status}: {status}"
    if status == "Request Moderated":
        raise failures.moderated(NAME, _reasons(said), detail=detail)
    if status == "Content Moderated":
        raise ProviderError(
            ErrorKind.MODERATION,
            f"{NAME} made a picture and held it back{_because(_reasons(said))}. Another seed or other words may pass. "
            "It may have been charged.",
            may_have_cost=True,
            detail=detail,
        )
    if status in {"Error", "Failed"}:
        raise ProviderError(
            ErrorKind.PROVIDER,
            f"{NAME} failed at this. It may have been charged once. Try again when you like.",
            may_have_cost=True,
            detail=detail,
        )
    # A word of tomorrow: the engine's own time limit ends a wait that leads nowhere.
    return Going(_GOING_ON.get(str(status), "working"), _share(said.get("progress")))


def refusal(reply: Reply) -> ProviderError:
    """Why a submission was not taken."""
    said = reply.object_if_any()
    text = _text(said) or reply.text()[:300]
    detail = f"{reply.status}: {text}"
    if said.get("status") in {"Request Moderated", "Content Moderated"} or "moderated" in text.lower():
        return failures.moderated(NAME, _reasons(said), detail=detail)
    if reply.status in {400, 422}:
        entries = fields.listed(said)
        return fields.refused(NAME, fields.named_in(entries[0]) if entries else "", detail=detail)
    return failures.from_status(NAME, reply, detail=text)


def _share(progress: Any) -> float | None:
    is_number = isinstance(progress, int | float) and not isinstance(progress, bool)
    return float(progress) if is_number and 0 <= progress <= 1 else None


def _ready(said: dict[str, Any]) -> Ready:
    result = said.get("result")
    result = result if isinstance(result, dict) else {}
    url = result.get("sample")
    if not isinstance(url, str) or not url:
        raise failures.no_picture(NAME, detail="Ready without a sample")
    seed, prompt = result.get("seed"), result.get("prompt")
    return Ready(url, seed if isinstance(seed, int) else None, prompt if isinstance(prompt, str) else "")


def _reasons(said: dict[str, Any]) -> str:
    """The categories it names under "Moderation Reasons", as plain words."""
    details = said.get("details")
    reasons = details.get("Moderation Reasons") if isinstance(details, dict) else None
    if not isinstance(reasons, list):
        return ""
    words = (_PLAIN.sub(" ", str(reason)).replace("_", " ").strip().lower()[:60] for reason in reasons[:4])
    return ", ".join(filter(None, words))


def _because(reasons: str) -> str:
    return f": {reasons}" if reasons else ""


def _text(said: dict[str, Any]) -> str:
    """From `{"detail": "text"}`, a list of entries, or `{"error", "message"}`. What was sent is never in it: entries
    are told by place and kind alone."""
    detail = said.get("detail")
    if isinstance(detail, str):
        return detail[:300]
    entries = fields.listed(said)
    if entries:
        return "; ".join(f"{fields.named_in(each)} {each.get('type')} {each.get('msg')}" for each in entries)[:300]
    return " ".join(str(said[name]) for name in ("error", "message") if isinstance(said.get(name), str))[:300]
