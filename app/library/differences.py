"""What differs between pictures' recipes: words between two prompts, facts between up to four pictures. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_WORDS = re.compile(r"\w+|[^\w\s]|\s+")
# Beyond this many pairs of words a comparison would keep a page waiting: such prompts count as different throughout.
_MOST_PAIRS = 400_000
# Words and the gaps between them that stay beside a change when the rest is left out.
_NEXT_TO = 5


class Change(StrEnum):
    SAME = "same"
    ADDED = "added"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Run:
    """Words in a row that have the same fate."""

    text: str
    change: Change


@dataclass(frozen=True, slots=True)
class Cell:
    """same: as the first picture's, so a page need not repeat it."""

    text: str
    same: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One fact of all pictures, in their order; same: none differs."""

    name: str
    cells: tuple[Cell, ...]

    @property
    def same(self) -> bool:
        return all(cell.same for cell in self.cells[1:])


def changed_words(before: str, after: str) -> list[Run]:
    """How one prompt became another, in reading order: without what is GONE it is `after`, without ADDED `before`."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    ends = len(old) - tail, len(new) - tail
    runs = [
        (Change.SAME, old[:head]),
        *_between(old[head : ends[0]], new[head : ends[1]]),
        (Change.SAME, old[ends[0] :]),
    ]
    return list(_joined(runs))


def condensed(runs: Sequence[Run]) -> list[Run]:
    """The changes with the words next to them: what stays the same for longer is left out for an ellipsis."""
    last = len(runs) - 1
    return [
        Run(_ends(run.text, head=at > 0, tail=at < last), run.change) if run.change is Change.SAME else run
        for at, run in enumerate(runs)
    ]


def rows_of(facts: Sequence[Mapping[str, str]]) -> list[Row]:
    """Facts by name, in the order in which names first occur; a picture without a fact has an empty cell."""
    names = dict.fromkeys(name for each in facts for name in each)
    rows = []
    for name in names:
        texts = [each.get(name, "") for each in facts]
        rows.append(Row(name, tuple(Cell(text, at > 0 and text == texts[0]) for at, text in enumerate(texts))))
    return rows


def _ends(text: str, *, head: bool, tail: bool) -> str:
    words = _WORDS.findall(text)
    first, last = words[:_NEXT_TO] if head else [], words[-_NEXT_TO:] if tail else []
    if len(first) + len(last) >= len(words):
        return text
    before = "".join(first).rstrip() + " " if head else ""
    after = " " + "".join(last).lstrip(" ,.;:") if tail else ""
    return f"{before}…{after}"


def _shared(old: Sequence[str], new: Sequence[str]) -> int:
    """How many words both begin with."""
    for at, (one, other) in enumerate(zip(old, new, strict=False)):
        if one != other:
            return at
    return min(len(old), len(new))


def _between(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[Change, Sequence[str]]]:
    """What differs where both ends do. A gap between two changed words changes with them: phrases, not every word."""
    gone: list[str] = []
    added: list[str] = []
    for same, before, after in _pieces(old, new):
        if same and not (gone or added):
            yield Change.SAME, before
        elif same and not "".join(before).isspace():
            yield from ((Change.GONE, gone), (Change.ADDED, added), (Change.SAME, before))
            gone, added = [], []
        else:
            gone, added = [*gone, *before], [*added, *after]
    yield from ((Change.GONE, gone), (Change.ADDED, added))


def _pieces(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, Sequence[str], Sequence[str]]]:
    if len(old) * len(new) > _MOST_PAIRS:
        yield False, old, new
        return
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield tag == "equal", old[i1:i2], new[j1:j2]


def _joined(runs: Sequence[tuple[Change, Sequence[str]]]) -> Iterator[Run]:
    """Runs with words in them, neighbours of the same fate as one."""
    held: tuple[Change, str] | None = None
    for change, words in runs:
        if not words:
            continue
        text = "".join(words)
        if held is not None and held[0] is change:
            held = (change, held[1] + text)
            continue
        if held is not None:
            yield Run(held[1], held[0])
        held = (change, text)
    if held is not None:
        yield Run(held[1], held[0])
