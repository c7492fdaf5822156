"""From the text of a template to its tree: the macro language's rules, with the position of whatever breaks them.

    text       anything; `\\{ \\} \\| \\_ \\$ \\#` stand for the bare character
    group      { [pick] option | option ... }      option = [weight ::] template, trimmed at both ends
    pick       2$$   1-3$$   -3$$ (1 to 3)   2-$$ (2 to all), then the words between two picks and another $$, or ","
    wildcard   __name__   __folder/*__   __**/name__   __name(x=red)__
    variable   ${x=template} (decided once)   ${x}   ${x:template if x is not set}; bars divide options here too
    comment    a line that starts with #, unless a colour such as #ff0000 starts it

Everything else is prose and stays as typed: braces without a bar at their own level, `a__b`, `[a|b]`, `$5`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from app.prompts.errors import MacroError
from app.prompts.syntax import ESCAPE, MAX_DEPTH, WEIGHT, Frame, Layout, Mark, lay_out

MAX_WEIGHT = 1_000_000.0
ALL = 1_000_000_000
"""How many an open-ended pick takes: more than any group has."""


@dataclass(frozen=True, slots=True)
class Text:
    value: str


@dataclass(frozen=True, slots=True)
class Option:
    weight: float
    body: Body


@dataclass(frozen=True, slots=True)
class Group:
    """Options of which `low` to `high` are taken, in every order, with `separator` between them.

    start, end: offsets in the template; two groups are equal when their content is.
    """

    options: tuple[Option, ...]
    low: int
    high: int
    separator: str
    start: int = field(compare=False)
    end: int = field(compare=False)

    @property
    def takes_one(self) -> bool:
        return self.low == self.high == 1


@dataclass(frozen=True, slots=True)
class Wildcard:
    name: str
    arguments: tuple[tuple[str, str], ...]
    start: int = field(compare=False)
    end: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Binding:
    name: str
    value: Body
    start: int = field(compare=False)
    end: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Reference:
    name: str
    default: Body | None
    start: int = field(compare=False)
    end: int = field(compare=False)


Node: TypeAlias = Text | Group | Wildcard | Binding | Reference
Body: TypeAlias = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed text that can still say where in it (or in the file it came from) something stands."""

    text: str
    body: Body
    first_line: int = 1
    first_column: int = 1
    path: str | None = None

    def position(self, offset: int) -> tuple[int, int]:
        """The 1-based line and column of an offset into `text`."""
        lines_before = self.text.count("\n", 0, offset)
        column = offset - self.text.rfind("\n", 0, offset)
        return self.first_line + lines_before, column + (self.first_column - 1 if lines_before == 0 else 0)

    def error(self, code: str, sentence: str, offset: int) -> MacroError:
        line, column = self.position(offset)
        return MacroError(code, sentence, line=line, column=column, path=self.path)


def normalise(text: str) -> str:
    """One kind of line end, the one a browser's text box counts with."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def parse(text: str, *, first_line: int = 1, first_column: int = 1, path: str | None = None) -> Template:
    """Read a template. Raises MacroError with the place of the first mistake.

    first_line, first_column, path: where the text stands in what the person wrote, for errors only.
    """
    text = normalise(text)
    blank = Template(text, (), first_line, first_column, path)
    body = _Parser(blank, lay_out(text)).whole()
    return Template(text, body, first_line, first_column, path)


def parse_option(text: str, *, line: int, column: int, path: str) -> tuple[float, Template]:
    """Read one entry of a wildcard file: like an option of a group, it may begin with a weight."""
    text = normalise(text)
    blank = Template(text, (), line, column, path)
    option = _Parser(blank, lay_out(text)).option(0, len(text), 0)
    return option.weight, Template(text, option.body, line, column, path)


class _Parser:
    """Walks the marks of a layout once, from left to right; nested groups recurse, at most MAX_DEPTH deep."""

    def __init__(self, source: Template, layout: Layout) -> None:
        self.source = source
        self.text = layout.text
        self.marks = layout.marks
        self.frames = layout.frames
        self.cursor = 0
        if frame := layout.first_unclosed:
            raise self._unclosed(frame)

    def whole(self) -> Body:
        return self._body(0, len(self.text), 0)

    def option(self, start: int, end: int, depth: int) -> Option:
        weight = 1.0
        if match := WEIGHT.match(self.text, start, end):
            weight = float(match["weight"])
            if weight > MAX_WEIGHT:
                raise self.source.error("bad_weight", f"A weight goes up to {MAX_WEIGHT:,.0f}.", match.start("weight"))
            start = match.end()
        return Option(weight, _trimmed(self._body(start, end, depth)))

    def _body(self, start: int, end: int, depth: int) -> Body:
        """The nodes between two offsets; leaves the cursor at the first mark from `end` on."""
        nodes: list[Node] = []
        prose: list[str] = []
        position = start
        while self.cursor < len(self.marks) and self.marks[self.cursor].start < end:
            mark = self.marks[self.cursor]
            self.cursor += 1
            frame = self.frames.get(mark.start) if mark.kind in ("open", "variable") else None
            if frame and frame.is_macro:
                prose.append(self.text[position : frame.brace])
                _flush(prose, nodes)
                nodes.append(self._macro(frame, depth + 1))
                position = frame.end + 1 if frame.end is not None else end
                self.cursor += 1  # past the closing brace
            elif mark.kind == "wildcard":
                prose.append(self.text[position : mark.start])
                _flush(prose, nodes)
                nodes.append(self._wildcard(mark))
                position = mark.end
            elif mark.kind == "escape":
                prose += [self.text[position : mark.start], self.text[mark.end - 1]]
                position = mark.end
            elif mark.kind == "comment":
                prose.append(self.text[position : mark.start])
                if not self.text.endswith("\n", mark.start, mark.end):  # the last line goes with the break before it
                    prose = ["".join(prose).removesuffix("\n")]
                position = mark.end
        prose.append(self.text[position:end])
        _flush(prose, nodes)
        return tuple(nodes)

    def _macro(self, frame: Frame, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self.source.error(
                "too_deep", f"Groups may stand in each other {MAX_DEPTH} deep; move the inner ones out.", frame.brace
            )
        end = frame.end if frame.end is not None else len(self.text)
        if frame.variable is None:
            return self._group(frame, frame.brace, end, depth)
        name = frame.variable["name"]
        if not (frame.variable["sign"] or frame.variable["colon"]):
            return Reference(name, None, frame.start, end + 1)
        if frame.is_group:
            value: Body = (self._group(frame, frame.start, end, depth),)
        else:
            value = _trimmed(self._body(frame.body, end, depth))
        if frame.variable["sign"]:
            return Binding(name, value, frame.start, end + 1)
        return Reference(name, value, frame.start, end + 1)

    def _group(self, frame: Frame, start: int, end: int, depth: int) -> Group:
        options = []
        option_start = frame.body
        for option_end in (*frame.bars, end):
            options.append(self.option(option_start, option_end, depth))
            option_start = option_end + 1
            if option_end != end:
                self.cursor += 1  # past the bar
        if not any(option.weight for option in options):
            raise self.source.error("bad_weight", "Every option here has weight 0; give one of them more.", start)
        low, high, separator = _picks(frame)
        return Group(tuple(options), low, high, separator, start, end + 1)

    def _wildcard(self, mark: Mark) -> Wildcard:
        pairs = []
        for pair in (mark.match["arguments"] or "").split(","):
            name, sign, value = (part.strip() for part in pair.partition("="))
            if sign and name:
                pairs.append((name, value))
            elif pair.strip():
                raise self.source.error(
                    "bad_arguments", "Write what a wildcard is given as name=value, with commas between.", mark.start
                )
        return Wildcard(mark.match["name"], tuple(pairs), mark.start, mark.end)

    def _unclosed(self, frame: Frame) -> MacroError:
        if frame.variable is None and not frame.is_group:
            return self.source.error("unclosed_variable", "This ${ is never closed; add } or write \\$.", frame.start)
        if frame.variable is not None:
            return self.source.error("unclosed_variable", "This variable is never closed; add }.", frame.start)
        sentence = "This group is never closed; add } or write \\{ for a plain brace."
        return self.source.error("unclosed_group", sentence, frame.brace)


def _picks(frame: Frame) -> tuple[int, int, str]:
    """How many options a group takes, at least and at most, and what it writes between them."""
    header = frame.header
    if header is None:
        return 1, 1, ","
    if header["upto"]:
        low, high = 1, _number(header["upto"])
    else:
        low = _number(header["low"])
        high = low if not header["dash"] else _number(header["high"]) if header["high"] else ALL
    separator = header["separator"]
    return min(low, high), max(low, high), "," if separator is None else ESCAPE.sub(r"\1", separator)


def _number(digits: str) -> int:
    return int(digits) if len(digits) < 10 else ALL


def _flush(prose: list[str], nodes: list[Node]) -> None:
    text = "".join(prose)
    prose.clear()
    if text:
        nodes.append(Text(text))


def _trimmed(body: Body) -> Body:
    """The body without blanks at its two ends."""
    if body and isinstance(body[0], Text) and body[0].value[0].isspace():
        rest = body[0].value.lstrip()
        body = (Text(rest), *body[1:]) if rest else body[1:]
    if body and isinstance(body[-1], Text) and body[-1].value[-1].isspace():
        rest = body[-1].value.rstrip()
        body = (*body[:-1], Text(rest)) if rest else body[:-1]
    return body
