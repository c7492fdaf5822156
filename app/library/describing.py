"""What a recipe says in words that columns can hold. It may come from a stranger: anything may be in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app import limits

_MODEL_CHARS, _OPERATION_CHARS, _STYLE_CHARS = 64, 12, 80


@dataclass(frozen=True, slots=True)
class Described:
    """texts: what full-text search should find, in order: as typed, as sent, what to keep out."""

    model: str | None
    operation: str | None
    style: str | None
    texts: tuple[str, ...]


def describe(recipe: Mapping[str, Any]) -> Described:
    styles = recipe.get("style")
    style = styles.get("style") if isinstance(styles, Mapping) else None
    return Described(
        model=_short(recipe.get("model"), _MODEL_CHARS),
        operation=_short(recipe.get("operation"), _OPERATION_CHARS),
        style=_short(style.get("name"), _STYLE_CHARS) if isinstance(style, Mapping) else None,
        texts=tuple(
            text[: limits.PROMPT_CHARS]
            for text in (recipe.get("template"), recipe.get("prompt"), recipe.get("negative_prompt"))
            if isinstance(text, str)
        ),
    )


def _short(value: Any, most_chars: int) -> str | None:
    """None for what is no text, and for what is too long to be one of ours."""
    return value if isinstance(value, str) and 0 < len(value) <= most_chars else None
