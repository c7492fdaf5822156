"""Words without a model: rules that extend prompts and answer simple questions, the same way every time.

They need no key and no network, cost nothing, and say what they are. A prompt that is proposed stands in a fence of its
own, marked `prompt`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from app.llm.builtin.enhancing import Wish, variations
from app.llm.builtin.talking import Made, reply
from app.llm.contract import Answer, Ask, LanguageError, Piece

_WORDS = re.compile(r"\S+\s*")


class Builtin:
    """The last of every chain of models: it always answers."""

    id = "builtin"
    name = "Built-in rules"
    sees = False

    def estimate(self, ask: Ask) -> Decimal:
        return Decimal(0)

    def answer(self, ask: Ask) -> Answer:
        """Facts with a `prompt` are extended; anything else is talked about, with the pictures that facts tell of.

        Raises LanguageError for other schemas.
        """
        if ask.facts and "prompt" in ask.facts:
            prompts = variations(Wish.of(ask.facts))
            return self._said("\n\n".join(prompts), {"prompts": prompts})
        text, prompts = reply(ask.messages, Made.of(ask.facts))
        if ask.schema is None:
            return self._said(text)
        return self._said(text, _as_asked(ask.schema, text, prompts))

    def stream(self, ask: Ask) -> Iterator[Piece | Answer]:
        answer = self.answer(ask)
        yield from (Piece(word) for word in _WORDS.findall(answer.text))
        yield answer

    def _said(self, text: str, data: Any = None) -> Answer:
        return Answer(text, model=self.name, provider=self.id, data=data)


def _as_asked(schema: Any, text: str, prompts: list[str]) -> dict[str, Any]:
    """The reply as an object of lists of texts and texts; rules can fill no other."""
    data: dict[str, Any] = {}
    for name, part in schema.get("properties", {}).items():
        if part.get("type") == "array" and part.get("items", {}).get("type") == "string":
            data[name] = prompts[: part.get("maxItems", len(prompts))]
        elif part.get("type") == "string" and "enum" not in part:
            data[name] = text
        elif name in schema.get("required", ()):
            raise LanguageError("The built-in rules cannot do this; set up a language model for it.")
    return data
