"""Closing the gaps that empty choices leave, and nothing else.

Where a choice came out empty (`{big|}`, or a `${x=...}` that only remembers), the blanks on its two sides become one,
a comma it orphaned goes, and a line it emptied goes. Prose that no empty choice touches stays as typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

Span = tuple[int, int]


def join(pieces: Sequence[str]) -> str:
    """The pieces as one text; an empty piece is a choice that came out empty."""
    return "".join(pieces) if all(pieces) else join_with_spans(pieces)[0]


def join_with_spans(pieces: Sequence[str]) -> tuple[str, list[Span]]:
    """The same text, and for each piece the (start, end) it came to stand at."""
    if all(pieces):
        ends = list(accumulate(map(len, pieces)))
        return "".join(pieces), list(pairwise((0, *ends)))
    spans: list[Span] = []
    text = ""
    gap = False
    for piece in pieces:
        if not piece:
            gap = True
        elif gap:
            text, piece = _close(text, piece)
            gap = not piece
            _cut(spans, len(text))
        spans.append((len(text), len(text) + len(piece)))
        text += piece
    if gap:
        text = text.rstrip(" \t\n,")
        _cut(spans, len(text))
    return text, spans


def _cut(spans: list[Span], length: int) -> None:
    """What was cut from the end of the text is cut from the spans that reached there."""
    for i in range(len(spans) - 1, -1, -1):
        start, end = spans[i]
        if end <= length:
            return  # those before it end no later
        spans[i] = min(start, length), length


def _close(left: str, right: str) -> tuple[str, str]:
    """Both sides of a gap as they should meet; an empty right side leaves the gap open to what follows."""
    before, after = left.rstrip(" \t"), right.lstrip(" \t")
    blank = " " if len(before) < len(left) or len(after) < len(right) else ""
    last, first = before[-1:], after[:1]
    at_start = last in ("", "\n") or last in "([<"
    if not first:
        return (before, "") if at_start else (before + blank, "")
    if first == "," and (at_start or last == ","):
        rest = after[1:].lstrip(" \t")
        blank = " " if blank or len(rest) < len(after) - 1 else ""
        return (before, rest) if at_start else (before + blank, rest)
    if first == "\n":
        return before, after.removeprefix("\n") if last in ("", "\n") else after
    if first in ")]>" and last == ",":
        return before[:-1].rstrip(" \t"), after
    if at_start:
        return before, after
    if first in ",.;:!?)]>" and len(after) == len(right):
        return before, after
    return before + blank, after
