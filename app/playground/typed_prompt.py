"""A prompt as it was typed, cut for colours: the marks of the macro language, and the options that were taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.prompts.grammar import normalise
from app.prompts.highlight import highlight

_MARKS = {"brace", "bar", "weight", "separator", "variable"}


@dataclass(frozen=True, slots=True)
class Stretch:
    """kind: "prose" | "mark" | "option" (one that was not taken) | "taken" | "wildcard" | "comment"."""

    text: str
    kind: str


def stretches_of(template: str, choices: Iterable[Any]) -> list[Stretch]:
    """The template in pieces that joined give it again.

    choices: as a recipe keeps them, from left to right, each with the `text` it took. A text that stands nowhere among
    the options (a wildcard's, a nested group's) colours nothing.
    """
    text = normalise(template)
    taken = [str(each["text"]).strip() for each in choices if isinstance(each, Mapping) and each.get("text")]
    found: list[Stretch] = []
    position = 0
    for token in highlight(text):
        if token.start > position:
            found.append(Stretch(text[position : token.start], "prose"))
        piece = text[token.start : token.end]
        kind = "mark" if token.kind in _MARKS else token.kind
        if kind == "option" and piece.strip() in taken:
            # One of several equal options is enough, and groups take their options in order.
            taken.remove(piece.strip())
            kind = "taken"
        found.append(Stretch(piece, kind if kind != "error" else "prose"))
        position = token.end
    if position < len(text):
        found.append(Stretch(text[position:], "prose"))
    return found
