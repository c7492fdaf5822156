"""What Recraft says: lists and single pictures, and errors that may be JSON or plain text."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.outbound import Reply, from_base64
from app.providers import failures, fields
from app.providers.contract import ProviderError

NAME = "Recraft"
_UNITS_PER_DOLLAR = 1000
_MODERATED = ("moderat", "nsfw", "content policy", "prohibited", "safety")
_BROKE = ("not enough credit", "insufficient credit", "out of credit", "not enough api unit")
_FIELDS = ("negative_prompt", "prompt", "mask", "image", "size", "substyle", "style", "strength", "expand", "model")


@dataclass(frozen=True, slots=True)
class Made:
    """data: the file, None when only an address was given. cost: dollars, None when it was not said."""

    data: bytes | None
    url: str
    cost: Decimal | None
    notes: dict[str, Any]


def read(reply: Reply) -> Made:
    """A success of either shape. Raises Garbled, and ProviderError when there is no picture in it."""
    said = reply.object()
    found = said.get("image")
    if not isinstance(found, dict):
        items = said.get("data")
        found = items[0] if isinstance(items, list) and items and isinstance(items[0], dict) else {}
    notes = {"request_id": found.get("image_id"), "revised_prompt": found.get("revised_prompt")}
    encoded, url = found.get("b64_json"), found.get("url")
    if not isinstance(encoded, str) and not isinstance(url, str):
        raise failures.no_picture(NAME, detail=f"an answer with {sorted(said)}")
    told = {name: str(value)[:2000] for name, value in notes.items() if value}
    data = from_base64(encoded) if isinstance(encoded, str) else None
    return Made(data, url if isinstance(url, str) else "", _dollars(said.get("credits")), told)


def refusal(reply: Reply) -> ProviderError:
    code, text = _words(reply)
    lower = f"{code} {text}".lower()
    detail = f"{code} {text}".strip()
    if reply.status == 402 or any(word in lower for word in _BROKE):
        return failures.out_of_credit(NAME, detail=f"{reply.status}: {detail}")
    if reply.status in {400, 403, 422} and any(word in lower for word in _MODERATED):
        return failures.moderated(NAME, "", detail=f"{reply.status}: {detail}")
    if reply.status in {400, 422}:
        named = next((field for field in _FIELDS if field in lower), "")
        return fields.refused(NAME, named, detail=f"{reply.status}: {detail}")
    if reply.status >= 500 and reply.status != 503:
        # Synchronous work that broke in the middle: nobody says that it is free.
        return failures.broke_off(NAME, detail=f"{reply.status}: {detail}")
    return failures.from_status(NAME, reply, detail=detail)


def credits_left(reply: Reply) -> str:
    left = reply.object().get("credits")
    dollars = _dollars(left)
    if dollars is None:
        return "The key is accepted."
    return f"The key is accepted: {left} API units left (${dollars:.2f})."


def _words(reply: Reply) -> tuple[str, str]:
    """Code and message, from JSON or from plain text."""
    said = reply.object_if_any()
    if not said:
        return "", reply.text()[:300]
    return str(said.get("code", ""))[:60], str(said.get("message", ""))[:300]


def _dollars(units: Any) -> Decimal | None:
    if isinstance(units, bool) or not isinstance(units, int | float) or units < 0:
        return None
    return Decimal(str(units)) / _UNITS_PER_DOLLAR
