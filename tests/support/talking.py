"""A language model that says what a test tells it, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from apiflask import APIFlask

from app.llm.contract import Answer, Ask, Piece
from app.llm.registry import Named

COST = Decimal("0.0021")
ESTIMATE = Decimal("0.0100")


class ScriptedTalker:
    """Unless told otherwise: answers in three pieces, for a price. `between` is called before each piece."""

    id = "scripted:talker"
    name = "Scripted Talker"

    def __init__(self, *, sees: bool = True) -> None:
        self.sees = sees
        self.asked: list[Ask] = []
        self.pieces = ["Try ", "this:\n", "```prompt\na red fox\n```"]
        self.between: Callable[[int], None] = lambda number: None
        self.summary = "They like foxes."
        self.data: Any = None
        self.closed = False

    def estimate(self, ask: Ask) -> Decimal:
        return ESTIMATE

    def answer(self, ask: Ask) -> Answer:
        self.asked.append(ask)
        return Answer(self.summary, model=self.name, provider="scripted", data=self.data, cost=COST)

    def stream(self, ask: Ask) -> Iterator[Piece | Answer]:
        self.asked.append(ask)
        try:
            for number, piece in enumerate(self.pieces):
                self.between(number)
                yield Piece(piece)
            yield Answer("".join(self.pieces), self.name, "scripted", input_tokens=30, output_tokens=9, cost=COST)
        finally:
            self.closed = True


def stand_in(app: APIFlask, *, sees: bool = True) -> ScriptedTalker:
    """Put a scripted model in place of all the others."""
    talker = ScriptedTalker(sees=sees)
    app.extensions["language_models"] = (Named(talker.id, talker),)
    return talker
