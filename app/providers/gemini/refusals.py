"""Google's own words for what went wrong, put for people. Most refusals are answers like others, without a picture."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from app.outbound import Garbled, Reply
from app.providers import failures, fields
from app.providers.contract import ErrorKind, ProviderError

NAME = "Gemini"

_MOST_QUOTED = 200
# Why nothing came, by block reason or finish reason.
_REFUSED = {
    "SAFETY": "unsafe content",
    "PROHIBITED_CONTENT": "prohibited content",
    "BLOCKLIST": "a word on its blocklist",
    "SPII": "personal data",
    "RECITATION": "too close to existing work",
    "JAILBREAK": "an attempt to get around its rules",
    "MODEL_ARMOR": "the rules of its account",
    "IMAGE_SAFETY": "the picture would have been unsafe",
    "IMAGE_PROHIBITED_CONTENT": "the picture would have been prohibited",
    "IMAGE_RECITATION": "the picture would have been too close to existing work",
}
_SUSPENDED = {"PUP_LIMITED_DISABLED", "ESCALATION"}
_CATEGORIES = {
    "HARM_CATEGORY_SEXUALLY_EXPLICIT": "sexual content",
    "HARM_CATEGORY_HARASSMENT": "harassment",
    "HARM_CATEGORY_HATE_SPEECH": "hate",
    "HARM_CATEGORY_DANGEROUS_CONTENT": "dangerous content",
    "HARM_CATEGORY_JAILBREAK": "an attempt to get around its rules",
}
_SPAN = re.compile(r"(\d{1,7}(?:\.\d+)?)s")


def refusal(reply: Reply) -> ProviderError:
    """What an answer other than 2xx means."""
    error = _error_of(reply)
    told, message = str(error.get("status") or error.get("code") or ""), str(error.get("message") or "")
    details = [entry for entry in error.get("details") or () if isinstance(entry, Mapping)]
    reasons = {str(entry.get("reason")) for entry in details if entry.get("reason")}
    detail = f"{reply.status} {told} {' '.join(sorted(reasons))}: {message[:300]}"
    if "API_KEY_INVALID" in reasons or (reply.status == 400 and "api key" in message.lower()):
        return failures.key_refused(NAME, detail=detail)
    if reply.status == 429:
        if re.search(r"limit: 0\b", message):
            # Picture models have no free tier: waiting would never help.
            return failures.out_of_credit(NAME, detail=detail)
        return failures.busy(NAME, _pause_s(reply, details), detail=detail)
    if told == "FAILED_PRECONDITION":
        return ProviderError(
            ErrorKind.PROVIDER,
            "Gemini wants billing to be set up for this key, or does not serve this country. Look into its project "
            "at Google, or choose another model.",
            detail=detail,
        )
    field = next((_field_of(entry) for entry in details if _field_of(entry)), "")
    if reply.status == 400 and field:
        return fields.refused(NAME, field, detail=detail)
    return failures.from_status(NAME, reply, detail=detail)


def withheld(said: Mapping[str, Any], words: str) -> ProviderError:
    """Why a 200 of generateContent has no picture. words: what it said instead."""
    feedback, candidate = _mapping(said.get("promptFeedback")), _first(said.get("candidates"))
    blocked, finished = str(feedback.get("blockReason") or ""), str(candidate.get("finishReason") or "")
    detail = f"200 without a picture: {blocked or finished or 'no reason'} ({said.get('responseId', 'no id')})"
    if finished in _SUSPENDED:
        return ProviderError(
            ErrorKind.PROVIDER, "Google has limited this account. Look into its project at Google.", detail=detail
        )
    if blocked:
        why = _categories(feedback.get("safetyRatings")) or _REFUSED.get(blocked, "")
        return failures.moderated(NAME, why, detail=detail)
    if finished in _REFUSED:
        # Whether what was begun is billed is not known.
        why = _categories(candidate.get("safetyRatings")) or _REFUSED[finished]
        return failures.moderated(NAME, why, may_have_cost=True, detail=detail)
    if words and finished in {"", "STOP"}:
        short = words if len(words) <= _MOST_QUOTED else f"{words[: _MOST_QUOTED - 1]}…"
        return ProviderError(
            ErrorKind.USER_FIXABLE,
            f"Gemini answered in words instead of a picture: “{short}” Say what to draw. It may have been charged.",
            may_have_cost=True,
            detail=detail,
        )
    return failures.no_picture(NAME, detail=detail)


def failed(errors: Any, *, detail: str) -> ProviderError:
    """An interaction that ended without its video. errors: entries with `code` and `message`."""
    entries = [entry for entry in errors if isinstance(entry, Mapping)] if isinstance(errors, list) else []
    told = "; ".join(f"{entry.get('code', '')}: {str(entry.get('message', ''))[:200]}" for entry in entries)
    detail = f"{detail}: {told}" if told else detail
    if re.search(r"safety|prohibited|blocked|content.policy|responsible", told, re.IGNORECASE):
        return failures.moderated(NAME, "", may_have_cost=True, detail=detail)
    return ProviderError(
        ErrorKind.PROVIDER,
        "Gemini could not finish this video. It may have been charged. Try again, or say it differently.",
        may_have_cost=True,
        detail=detail,
    )


def _pause_s(reply: Reply, details: Iterable[Mapping[str, Any]]) -> float | None:
    """Seconds it asks to wait. What is counted by the day does not come back soon, whatever it asks for."""
    asked = failures.retry_after_s(reply)
    for entry in details:
        if any("perday" in str(each.get("quotaId", "")).lower() for each in _listed(entry.get("violations"))):
            return failures.LONGEST_PAUSE_S
        found = _SPAN.fullmatch(str(entry.get("retryDelay", "")))
        if found is not None:
            asked = min(float(found[1]), failures.LONGEST_PAUSE_S)
    return asked


def _field_of(entry: Mapping[str, Any]) -> str:
    """The last name in the first violation's path: `image_size` of `generation_config.image_config.image_size`."""
    violations = _listed(entry.get("fieldViolations"))
    return str(violations[0].get("field") or "").rpartition(".")[2] if violations else ""


def _categories(ratings: Any) -> str:
    named = [_CATEGORIES.get(str(each.get("category")), "") for each in _listed(ratings) if each.get("blocked")]
    return ", ".join(dict.fromkeys(filter(None, named)))


def _error_of(reply: Reply) -> Mapping[str, Any]:
    try:
        said = reply.json()
    except Garbled as garbled:
        return {"message": garbled.detail}
    if isinstance(said, list) and said:
        said = said[0]
    return _mapping(said.get("error")) if isinstance(said, Mapping) else {}


def _first(entries: Any) -> Mapping[str, Any]:
    return _mapping(entries[0]) if isinstance(entries, list) and entries else {}


def _listed(entries: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
