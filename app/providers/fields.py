"""A provider names the field that is wrong: said to a person as the thing they can change."""

from __future__ import annotations

import re
from typing import Any

from app.providers.contract import ErrorKind, ProviderError

_PROPER = re.compile(r"^[A-Za-z][A-Za-z0-9_]{0,39}$")
_WORDS = (
    ("prompt", "the prompt"),
    ("mask", "the mask"),
    ("frame", "the picture"),
    ("image", "the picture"),
    ("width", "the size"),
    ("height", "the size"),
    ("size", "the size"),
    ("aspect", "the shape"),
    ("duration", "the duration"),
)


def refused(provider: str, field: str, *, detail: str, may_have_cost: bool = False) -> ProviderError:
    """field: as the provider calls it; empty when it did not say."""
    charge = "It may have been charged." if may_have_cost else "You were not charged."
    return ProviderError(
        ErrorKind.USER_FIXABLE,
        f"{provider} did not take {in_words(field)}. Change it and retry. {charge}",
        may_have_cost=may_have_cost,
        detail=detail,
    )


def in_words(field: str) -> str:
    lower = field.lower()
    known = next((words for part, words in _WORDS if part in lower), "")
    if known:
        return known
    return f"the setting “{field.replace('_', ' ')}”" if _PROPER.match(field) else "this request as it stands"


def listed(body: Any) -> list[dict[str, Any]]:
    """The entries of `{"detail": [{"loc", "msg", "type"}]}`, as FastAPI and many after it answer; else none."""
    entries = body.get("detail") if isinstance(body, dict) else None
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def named_in(entry: dict[str, Any]) -> str:
    """The last name in an entry's `loc`."""
    where = entry.get("loc")
    names = [step for step in where if isinstance(step, str) and step != "body"] if isinstance(where, list) else []
    return names[-1] if names else ""
