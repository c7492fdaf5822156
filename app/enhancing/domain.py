"""What is wished of a prompt, what of an answer is usable, and which wishes are the same. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, get_args

from app.limits import PROMPT_CHARS
from app.prompts.grammar import normalise, parse
from app.prompts.multi import split_prompts
from app.prompts.syntax import lay_out

Target = Literal["image", "video"]
Focus = Literal["", "outfits", "poses", "expressions", "lighting"]
Family = Literal["", "sketch", "sdxl", "flux", "gpt-image", "gemini", "recraft"]
FOCUSES: tuple[Focus, ...] = get_args(Focus)
MOST_VARIATIONS = 10
MOST_PROMPTS = 20
MOST_STYLES = 5
STYLE_CHARS = 80


class State(StrEnum):
    """How a request stands that a worker writes."""

    WAITING = "waiting"
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"


OPEN = (State.WAITING, State.WRITING)

# How a family is told by the id of its model.
_FAMILY_SIGNS: tuple[tuple[str, Family], ...] = (
    ("sketch", "sketch"),
    ("sdxl", "sdxl"),
    ("flux", "flux"),
    ("gpt-image", "gpt-image"),
    ("gemini", "gemini"),
    ("nano-banana", "gemini"),
    ("recraft", "recraft"),
)
_BETWEEN = "\n---\n"
_WORD = re.compile(r"\w+")
# Letters that shall stand in the picture: there "Open" is not "OPEN".
_LETTERING = re.compile(r'("[^"\n]+"|“[^”\n]+”)')
_NUMBER = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*•])\s+")


@dataclass(frozen=True, slots=True)
class Wish:
    """A prompt and what to make of it.

    focus: the one thing in which the variations differ; empty for all. styles: hints such as "photorealistic".
    """

    prompt: str
    target: Target = "image"
    family: Family = ""
    focus: Focus = ""
    styles: tuple[str, ...] = ()
    count: int = 5


def parts_of(wish: Wish) -> list[Wish]:
    """A wish for each of the prompts pasted at once, without their comments, which no model should take for words.

    Raises MacroError where a prompt cannot be read.
    """
    parts = []
    for pasted in split_prompts(wish.prompt):
        parse(pasted.text, first_line=pasted.first_line)
        prompt = "".join(text for text, kind in _stretches(pasted.text) if kind != "comment").strip()
        if prompt:
            parts.append(replace(wish, prompt=prompt))
    return parts


def joined(parts: Sequence[Sequence[str]]) -> list[str]:
    """The variations of prompts pasted at once as variations of the whole: the first of each, then the second."""
    return [_BETWEEN.join(texts) for texts in zip(*parts, strict=False)]


def macros_in(text: str) -> Counter[str]:
    """The macros of a prompt as typed, each with how often it stands there."""
    return Counter(text for text, kind in _stretches(normalise(text)) if kind == "macro")


def usable(wish: Wish, written: Sequence[str]) -> list[str]:
    """What of an answer can be used: every macro as it was and no other, nothing twice, nothing too long."""
    macros = macros_in(wish.prompt)
    kept: list[str] = []
    for text in written:
        text = _NUMBER.sub("", normalise(text)).strip()
        if text and text not in kept and len(text) <= PROMPT_CHARS and macros_in(text) == macros and _is_one(text):
            kept.append(text)
    return kept[: wish.count]


def digest(wish: Wish, model_id: str) -> str:
    """The same for wishes that differ in case, spaces and signs alone, outside of macros and quotation marks.

    The count stays out: few are a part of many.
    """
    words = [
        text if kind == "macro" or _LETTERING.fullmatch(text) else " ".join(_WORD.findall(text.casefold()))
        for stretch, kind in _stretches(normalise(wish.prompt))
        for text in ([stretch] if kind == "macro" else _LETTERING.split(stretch))
    ]
    styles = sorted({" ".join(_WORD.findall(style.casefold())) for style in wish.styles} - {""})
    said = [model_id, [word for word in words if word], wish.target, wish.family, wish.focus, styles]
    return hashlib.sha256(json.dumps(said).encode("ascii")).hexdigest()


def family_of(model_id: str) -> Family:
    """How to write for a model; empty where nothing special is known."""
    return next((family for sign, family in _FAMILY_SIGNS if sign in model_id.casefold()), "")


def _is_one(text: str) -> bool:
    """Whether a text is still one prompt: neither several nor, by a line that begins with #, partly a comment."""
    return len(split_prompts(text)) == 1 and all(kind != "comment" for _, kind in _stretches(text))


def _stretches(text: str) -> Iterator[tuple[str, Literal["prose", "macro", "comment"]]]:
    """The whole text in order: outermost macros, comments, and the prose between them."""
    layout = lay_out(text)
    position = 0
    for mark in layout.marks:
        if mark.start < position:
            continue  # inside a macro that was told already
        frame = layout.frames.get(mark.start) if mark.kind in ("open", "variable") else None
        if frame is not None and frame.is_macro and frame.end is not None:
            start, end = frame.brace, frame.end + 1
        elif mark.kind in ("wildcard", "comment"):
            start, end = mark.start, mark.end
        else:
            continue
        if start > position:
            yield text[position:start], "prose"
        yield text[start:end], "comment" if mark.kind == "comment" else "macro"
        position = end
    if position < len(text):
        yield text[position:], "prose"
