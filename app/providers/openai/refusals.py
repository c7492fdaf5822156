"""OpenAI's own words for what went wrong, put for people; whatever they leave open is read from the status."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.outbound import Reply
from app.providers import failures, fields
from app.providers.contract import ErrorKind, ProviderError

NAME = "OpenAI"

_MODERATED = {"moderation_blocked", "content_policy_violation"}
_NO_CREDIT = {
    "insufficient_quota",
    "credit_balance_exhausted",
    "organization_usage_limit_exceeded",
    "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded",
    "billing_hard_limit_reached",
}
_CATEGORIES = {
    "sexual": "sexual content",
    "sexual/minors": "sexual content with minors",
    "violence": "violence",
    "violence/graphic": "graphic violence",
    "self-harm": "self-harm",
    "hate": "hate",
    "harassment": "harassment",
    "illicit": "illegal activity",
    "public-figure": "a real person",
    "similarity": "another's protected work",
}
_LISTED = re.compile(r"safety_violations=\[([a-z/_\-, ]{1,200})\]")
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def refusal(reply: Reply) -> ProviderError:
    """What an answer other than 2xx means."""
    error = _error_of(reply)
    code, kind, message = (str(error.get(name) or "") for name in ("code", "type", "message"))
    detail = f"{reply.status} {code or kind}: {message[:300]} ({reply.headers.get('x-request-id', 'no id')})"
    if code in _MODERATED:
        return _moderated(error, message, detail)
    if code in _NO_CREDIT or kind in _NO_CREDIT:
        return failures.out_of_credit(NAME, detail=detail)
    if reply.status == 429:
        return failures.busy(NAME, pause_s(reply), detail=detail)
    if reply.status == 403 and "verif" in message.lower():
        return ProviderError(
            ErrorKind.PROVIDER,
            "OpenAI asks for your organisation to be verified before it may use this model. Do that in its settings "
            "there, or choose another model.",
            detail=detail,
        )
    if reply.status in {400, 422} and error.get("param"):
        return fields.refused(NAME, str(error["param"]), detail=detail)
    return failures.from_status(NAME, reply, detail=detail)


def pause_s(reply: Reply) -> float | None:
    """Seconds to wait: what it asks for, else until a limit that is used up is filled again."""
    in_ms = reply.headers.get("retry-after-ms", "")
    if re.fullmatch(r"\d{1,8}(\.\d+)?", in_ms):
        return min(float(in_ms) / 1000, failures.LONGEST_PAUSE_S)
    asked = failures.retry_after_s(reply)
    if asked is not None:
        return asked
    waits = []
    for name, value in reply.headers.items():
        lower = name.lower()
        if not lower.startswith("x-ratelimit-reset-"):
            continue
        left = reply.headers.get(f"x-ratelimit-remaining-{lower.removeprefix('x-ratelimit-reset-')}", "0")
        if left.strip() == "0" and (seconds := _span_s(value)) is not None:
            waits.append(seconds)
    return min(max(waits), failures.LONGEST_PAUSE_S) if waits else None


def _span_s(said: str) -> float | None:
    """Seconds of a span such as 6m0s; None for anything else."""
    parts = _SPAN.findall(said)
    if not parts or "".join(number + unit for number, unit in parts) != said.strip():
        return None
    return float(sum(float(number) * _SECONDS[unit] for number, unit in parts))


def _moderated(error: Mapping[str, Any], message: str, detail: str) -> ProviderError:
    told = error.get("moderation_details")
    told = told if isinstance(told, Mapping) else {}
    listed = told.get("categories")
    found = _LISTED.search(message)
    categories = listed if isinstance(listed, list) else found[1].split(",") if found else []
    words = [_in_words(each) for each in categories if isinstance(each, str) and each.strip()]
    # What was refused only after it was made may well be on the bill, and so may what nobody says when.
    made = told.get("moderation_stage", "input") != "input"
    return failures.moderated(NAME, ", ".join(dict.fromkeys(words)), may_have_cost=made, detail=detail)


def _in_words(category: str) -> str:
    plain = category.strip().lower().replace("_", "-")[:40]
    return _CATEGORIES.get(plain, plain.replace("/", ", ").replace("-", " "))


def _error_of(reply: Reply) -> Mapping[str, Any]:
    error = reply.object_if_any().get("error")
    return error if isinstance(error, Mapping) else {}
