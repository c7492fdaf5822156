"""Finding the marks of the macro language in a text, and which of them are only prose.

One pass over the text, linear in its length and never raising: the parser refuses what is wrong here, the
highlighter colours it. A brace is a macro only if it has a bar at its own level or a header such as `2$$`; a bar inside
a closed `[...]` belongs to that bracket (other tools alternate words so) and divides nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MAX_DEPTH = 5
"""How deep groups and variables may stand in each other."""

TOKEN = re.compile(
    r"""
      (?P<escape>\\[{}|_$\#])
    | (?P<comment>^[ \t]*\#
        (?!(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})(?!\w))  # a colour is not a comment
        [^\n]*(?:\n|\Z))
    | (?P<variable>\$\{)
    | (?P<open>\{)
    | (?P<close>\})
    | (?P<bar>\|)
    | (?P<bracket>[\[\]])
    | (?P<wildcard>(?<!\w)__(?=[A-Za-z0-9*])
        (?P<name>[A-Za-z0-9_/*.-]{1,200}?)(?:\((?P<arguments>[^()\n]{0,200})\))?__(?!\w))
    """,
    re.VERBOSE | re.MULTILINE,
)
VARIABLE = re.compile(r"\$\{\s*(?P<name>[^\W\d][\w-]*)\s*(?:(?P<sign>=)\s*!?|(?P<colon>:)|(?=\}))")
HEADER = re.compile(
    r"""\s*(?:(?P<low>\d+)(?P<dash>-(?P<high>\d*))?|-(?P<upto>\d+))\$\$
        (?:(?P<separator>(?:\\[^\n]|[^\\{}|$])*)\$\$)?""",
    re.VERBOSE,
)
WEIGHT = re.compile(r"\s*(?P<weight>\d+(?:\.\d*)?|\.\d+)::")
ESCAPE = re.compile(r"\\([{}|_$#])")


@dataclass(slots=True)
class Mark:
    """A place where the text may stop being prose: offsets into the text and the name of the token."""

    kind: str
    start: int
    end: int
    match: re.Match[str]


@dataclass(slots=True)
class Frame:
    """A brace or a variable from where it opens to where it closes (`end` is None while it is open).

    body: where its first option starts, after `${name=` and `2$$ and $$`.
    """

    start: int
    body: int
    variable: re.Match[str] | None
    header: re.Match[str] | None
    dollar: bool
    bars: list[int] = field(default_factory=list)
    brackets: list[int] = field(default_factory=list)
    end: int | None = None

    @property
    def is_group(self) -> bool:
        return bool(self.bars) or self.header is not None

    @property
    def is_macro(self) -> bool:
        return self.is_group or self.variable is not None

    @property
    def is_unclosed(self) -> bool:
        """Open to the end although it is meant as a macro; a lone `{` in prose is not."""
        return self.end is None and (self.is_group or self.dollar)

    @property
    def brace(self) -> int:
        """Where the group itself begins: `${5|10}` is a dollar sign before a group."""
        return self.start + 1 if self.dollar and self.variable is None else self.start


@dataclass(slots=True)
class Layout:
    """All marks of a text in order, and the frames by the offset at which they open."""

    text: str
    marks: list[Mark]
    frames: dict[int, Frame]

    @property
    def first_unclosed(self) -> Frame | None:
        return next((frame for frame in self.frames.values() if frame.is_unclosed), None)


def lay_out(text: str) -> Layout:
    """Find marks and frames. Line ends must already be plain newlines (`grammar.normalise`)."""
    marks: list[Mark] = []
    frames: dict[int, Frame] = {}
    open_frames: list[Frame] = []
    position = 0
    while match := TOKEN.search(text, position):
        kind = match.lastgroup or ""
        start, position = match.start(), match.end()
        marks.append(Mark(kind, start, position, match))
        top = open_frames[-1] if open_frames else None
        if kind in ("open", "variable"):
            frame = _open_frame(text, start, dollar=kind == "variable")
            frames[start] = frame
            open_frames.append(frame)
            position = frame.body  # "$${" of a header is not the start of a variable
        elif top is None:
            continue
        elif kind == "close":
            top.end = start
            open_frames.pop()
        elif kind == "bar":
            top.bars.append(start)
        elif kind == "bracket":
            if text[start] == "[":
                top.brackets.append(len(top.bars))
            elif top.brackets:
                del top.bars[top.brackets.pop() :]
    return Layout(text, marks, frames)


def _open_frame(text: str, start: int, *, dollar: bool) -> Frame:
    variable = VARIABLE.match(text, start) if dollar else None
    body = variable.end() if variable else start + 1 + dollar
    takes_header = variable is None or bool(variable["sign"] or variable["colon"])
    header = HEADER.match(text, body) if takes_header else None
    return Frame(start, header.end() if header else body, variable, header, dollar)
