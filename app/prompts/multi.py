"""Several prompts pasted at once, a line of `---` between each two."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.prompts.grammar import normalise

_RULE = re.compile(r"^[ \t]*-{3,}[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Pasted:
    """One prompt of several; first_line is its line in the whole text, from 1."""

    text: str
    first_line: int


def split_prompts(text: str) -> list[Pasted]:
    """The prompts between the lines of dashes, without the blanks around them; empty ones are left out.

    Give `first_line` to `grammar.parse`, and an error names the line in the whole text.
    """
    text = normalise(text)
    prompts = []
    start = 0
    for rule in (*_RULE.finditer(text), None):
        end = rule.start() if rule else len(text)
        part = text[start:end]
        prompt = part.strip()
        if prompt:
            lead = len(part) - len(part.lstrip())
            prompts.append(Pasted(prompt, text.count("\n", 0, start + lead) + 1))
        start = rule.end() if rule else end
    return prompts
