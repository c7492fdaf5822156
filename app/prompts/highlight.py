"""The colours of the prompt box: what each stretch of a text is to the macro language, also while it is being typed.

`highlight(text)` gives tokens (start, end, kind) in order, without overlap; whatever has none is prose. Offsets count
code points, which in a browser are `[...text]`, not UTF-16 units. A browser that does without the server needs only
this: run `syntax.TOKEN` over the text; push a frame at `{` and `${`, pop it at `}`, note each bar in the frame on top
(except between `[` and its `]`); a frame with a bar or a header is a group; then colour as `_Painter` does.

kinds: `brace` { } of a group; `bar`; `option` its text; `weight` 2::; `separator` the header 2$$ and $$;
`wildcard`; `variable` ${x= ... } and ${x}; `comment`; `error` an opening that is never closed or stands too deep.
"""

from __future__ import annotations

from typing import NamedTuple

from app.prompts.grammar import normalise
from app.prompts.syntax import MAX_DEPTH, WEIGHT, Frame, Mark, lay_out


class Token(NamedTuple):
    start: int
    end: int
    kind: str


def highlight(text: str) -> list[Token]:
    """Tokens of any text, however broken; never raises."""
    return _Painter(normalise(text)).paint()


class _Painter:
    def __init__(self, text: str) -> None:
        self.layout = lay_out(text)
        self.text = text
        self.tokens: list[Token] = []
        self.open: list[Frame] = []
        self.position = 0

    def paint(self) -> list[Token]:
        for mark in self.layout.marks:
            self._mark(mark)
        self._prose_until(len(self.text))
        return self.tokens

    def _mark(self, mark: Mark) -> None:
        frame = self.layout.frames.get(mark.start)
        if frame:
            self._opening(frame)
        elif self.open and mark.start == self.open[-1].end:
            self._token(mark.start, mark.end, "brace" if self.open[-1].variable is None else "variable")
            self.open.pop()
        elif self.open and mark.start in self._bars():
            self._token(mark.start, mark.end, "bar")
            self._weight(mark.end)
        elif mark.kind in ("wildcard", "comment"):
            self._token(mark.start, mark.end, mark.kind)

    def _opening(self, frame: Frame) -> None:
        if frame.is_unclosed:
            self._token(frame.start, frame.header.start() if frame.header else frame.body, "error")
            return
        if not frame.is_macro or frame.end is None:
            return
        too_deep = len(self.open) >= MAX_DEPTH
        kind = "error" if too_deep else "variable" if frame.variable else "brace"
        self._token(frame.brace, frame.header.start() if frame.header else frame.body, kind)
        self.open.append(frame)
        if frame.header:
            self._token(frame.header.start(), frame.header.end(), "separator")
        if frame.is_group:
            self._weight(frame.body)

    def _bars(self) -> list[int]:
        return self.open[-1].bars

    def _weight(self, start: int) -> None:
        if match := WEIGHT.match(self.text, start):
            self._token(match.start("weight"), match.end(), "weight")

    def _prose_until(self, end: int) -> None:
        """Prose inside a group is the text of an option; outside it has no colour."""
        if end > self.position and self.open and self.text[self.position : end].strip():
            self.tokens.append(Token(self.position, end, "option"))
        self.position = end

    def _token(self, start: int, end: int, kind: str) -> None:
        self._prose_until(start)
        if end > start:
            self.tokens.append(Token(start, end, kind))
        self.position = end
