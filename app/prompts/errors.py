"""The one refusal of the macro language: where it is, what is wrong and what to write instead."""

from __future__ import annotations

from app.errors import Invalid
from app.prompts.figures import shown


class MacroError(Invalid):
    """A template or a wildcard file that cannot be read as macros.

    code: a stable word for programs (`unclosed_group`, `missing_wildcard`, `too_many_combinations`, ...).
    sentence: what is wrong and the remedy, without the position.
    line, column: 1-based, in code points, of the template or, when `path` is given, of that wildcard file.
    """

    def __init__(self, code: str, sentence: str, *, line: int = 1, column: int = 1, path: str | None = None) -> None:
        where = f"line {line}, column {column}"
        message = f"{path}, {where}: {sentence}" if path else f"{where.capitalize()}: {sentence}"
        super().__init__(message, fields={"wildcards" if path else "prompt": message})
        self.code = code
        self.sentence = sentence
        self.line = line
        self.column = column
        self.path = path


class TooManyCombinations(MacroError):
    """Asked to write out more prompts than the limit; raised before the first is built."""

    def __init__(self, wanted: int, limit: int) -> None:
        sentence = (
            f"This prompt makes {shown(wanted)} combinations and the limit is {shown(limit)}; "
            "remove some options or take a sample of them."
        )
        super().__init__("too_many_combinations", sentence)
        self.args, self.message, self.fields = (sentence,), sentence, {"prompt": sentence}  # it is about no one place
        self.wanted = wanted
        self.limit = limit
