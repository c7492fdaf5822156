"""What of a conversation goes to a model: earlier pictures where it takes several, and one paragraph of words."""

from __future__ import annotations

from collections.abc import Sequence

from app.providers.contract import Request, Turn

_MOST_WORDS = 240
_OUTCOMES = {"kept": "was kept", "rejected": "was rejected", "failed": "failed"}


def shown(request: Request, most: int) -> list[Turn]:
    """The earlier turns whose pictures go along, oldest first: the newest `most`, without the picture to change."""
    now = request.files.get("image")
    with_pictures = [turn for turn in request.history if turn.image is not None and turn.image != now]
    return with_pictures[-most:] if most > 0 else []


def told(request: Request, seen: Sequence[Turn] = (), *, name: str = "image {}", most: int | None = None) -> str:
    """The prompt, and after it what was asked before and what became of it.

    seen: turns whose pictures go along, numbered from 2 on, for the first is the one to change. name: how the model
    wants a picture called. most: characters of it at most; the prompt comes first and is never cut.
    """
    lines = [_line(turn, name.format(seen.index(turn) + 2) if turn in seen else "") for turn in request.history]
    while lines:
        now = f" Now change {name.format(1)} as said first." if seen else ""
        text = f"{request.prompt}\n\nBefore this: {'; '.join(lines)}.{now}"
        if most is None or len(text) <= most:
            return text
        lines = lines[1:]
    return request.prompt


def _line(turn: Turn, picture: str) -> str:
    asked = " ".join(turn.prompt.split())
    asked = asked if len(asked) <= _MOST_WORDS else f"{asked[: _MOST_WORDS - 1]}…"
    outcome = _OUTCOMES.get(turn.outcome, "")
    return " ".join(part for part in (f"“{asked}”", f"({picture})" if picture else "", outcome) if part)
