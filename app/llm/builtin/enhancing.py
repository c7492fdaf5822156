"""A prompt in, its variations out: the prompt stands in each untouched, and what it leaves open is decided.

A prompt that tells of light gets no other light. The choice depends on the words alone, so equal prompts get equal
variations on every machine.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.llm.builtin import wording

MOST = len(wording.LOOKS)
# Families that were trained on lists of words rather than on sentences.
_BY_WORDS = {"sdxl", "sd", "sketch"}
_SUBJECT: Mapping[str, Sequence[str]] = {
    "outfits": wording.OUTFITS,
    "poses": wording.POSES,
    "expressions": wording.EXPRESSIONS,
}
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")


@dataclass(frozen=True, slots=True)
class Wish:
    """What to make of a prompt. focus: the one thing in which the variations differ, or empty for all."""

    prompt: str
    count: int = 5
    target: str = "image"
    family: str = ""
    focus: str = ""
    styles: tuple[str, ...] = ()

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Wish:
        return cls(
            prompt=str(facts["prompt"]).strip(),
            count=max(1, min(int(facts.get("count", 5)), MOST)),
            target=str(facts.get("target", "image")),
            family=str(facts.get("family", "")),
            focus=str(facts.get("focus", "")),
            styles=tuple(facts.get("styles", ())),
        )


def variations(wish: Wish) -> list[str]:
    """As many different prompts as wished for, at most MOST."""
    deck = _Deck(wish)
    write = _video if wish.target == "video" else _words if wish.family in _BY_WORDS else _sentences
    return [write(wish, deck, number) for number in range(wish.count)]


class _Deck:
    """The phrases for one prompt, shuffled by its words. With a focus, all else stays as in the first variation."""

    def __init__(self, wish: Wish) -> None:
        # Line ends and case change nothing in what a prompt says.
        said = " ".join(wish.prompt.casefold().split())
        self._digest = hashlib.sha256(f"{said}\n{wish.target}\n{wish.focus}".encode()).digest()
        self._words = set(_WORD.findall(said))
        self._focus = wish.focus

    def phrase(self, kind: str, phrases: Sequence[str], number: int) -> str:
        """A phrase, or nothing where the prompt has told of this kind of thing itself."""
        if self._told(kind):
            return ""
        return phrases[self._place(kind, len(phrases), number)]

    def subject(self, number: int) -> str:
        """What the focus says of the subject itself; lighting says nothing of it."""
        phrases = _SUBJECT.get(self._focus)
        return phrases[self._place(self._focus, len(phrases), number)] if phrases else ""

    def look(self, number: int) -> tuple[str, str, str]:
        """Light, colours and mood that go together, each empty where the prompt has told of it."""
        light, colours, mood = wording.LOOKS[self._place("lighting", len(wording.LOOKS), number)]
        if self._told("light") and self._focus != "lighting":
            return "", "", ""
        return light, "" if self._told("colours") else colours, "" if self._told("mood") else mood

    def _told(self, kind: str) -> bool:
        return not self._words.isdisjoint(wording.TOLD.get(kind, "").split())

    def _place(self, kind: str, length: int, number: int) -> int:
        order = list(range(length))
        random.Random(self._digest + kind.encode()).shuffle(order)
        return order[0 if self._focus and kind != self._focus else number % length]


def _words(wish: Wish, deck: _Deck, number: int) -> str:
    light, colours, _ = deck.look(number)
    view, finish = deck.phrase("view", wording.VIEW, number), deck.phrase("finish", wording.FINISH, number)
    parts = [_open_end(wish.prompt), deck.subject(number), view, light, colours, finish, *wish.styles]
    return ", ".join(part for part in parts if part)


def _sentences(wish: Wish, deck: _Deck, number: int) -> str:
    light, colours, mood = deck.look(number)
    view, finish = deck.phrase("view", wording.VIEW, number), deck.phrase("finish", wording.FINISH, number)
    return _joined(
        ", ".join(part for part in (_open_end(wish.prompt), deck.subject(number), view) if part),
        f"{light}, in {colours}" if light and colours else light,
        f"{finish}; the mood is {mood}" if mood else finish,
        _style(wish),
    )


def _video(wish: Wish, deck: _Deck, number: int) -> str:
    camera, motion = deck.phrase("camera", wording.CAMERA, number), deck.phrase("motion", wording.MOTION, number)
    light = deck.look(number)[0]
    return _joined(
        ", ".join(part for part in (_open_end(wish.prompt), deck.subject(number)) if part),
        f"{camera}; {motion}" if camera and motion else camera or motion,
        f"{light}, unchanged to the end" if light else "",
        f"the movement has {deck.phrase('pace', wording.PACE, number)}",
        _style(wish),
    )


def _style(wish: Wish) -> str:
    return f"Style: {', '.join(wish.styles)}" if wish.styles else ""


def _open_end(prompt: str) -> str:
    """The prompt as it is, without the stop or comma after which nothing could follow."""
    return prompt.rstrip(" \t\n,.;")


def _joined(*sentences: str) -> str:
    """Sentences in a row. The first is the person's own and keeps its first letter."""
    told = [sentence for sentence in sentences if sentence]
    return " ".join(f"{text if place == 0 else text[0].upper() + text[1:]}." for place, text in enumerate(told))
