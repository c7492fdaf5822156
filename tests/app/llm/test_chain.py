from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from app.llm.chain import Chain
from app.llm.contract import Answer, Ask, LanguageError, Message, Picture, Piece


class Scripted:
    """Says its words, or fails before or after the first of them."""

    def __init__(self, name: str, words: str = "", *, sees: bool = False, cost: str = "0") -> None:
        self.id = self.name = name
        self.sees = sees
        self.words, self.cost = words, Decimal(cost)
        self.seconds: list[float] = []

    def estimate(self, ask: Ask) -> Decimal:
        return self.cost

    def answer(self, ask: Ask) -> Answer:
        self.seconds.append(ask.timeout_s)
        if not self.words:
            raise LanguageError(f"{self.name} is down.", cost=self.cost)
        return Answer(self.words, model=self.name, provider="test", cost=self.cost)

    def stream(self, ask: Ask) -> Iterator[Piece | Answer]:
        if self.words.endswith("…"):
            yield Piece(self.words)
            raise LanguageError(f"{self.name} broke off.")
        answer = self.answer(ask)
        yield Piece(self.words)
        yield answer


HELLO = Ask("", (Message("user", "Hello"),), timeout_s=10)
LOOK = Ask("", (Message("user", "Look", (Picture(b"", "image/png"),)),))


def test_the_first_that_answers_answers_and_is_named() -> None:
    chain = Chain([Scripted("dead"), Scripted("alive", "Hi"), Scripted("spare", "Ho")])

    assert chain.answer(HELLO).model == "alive"
    assert [type(piece).__name__ for piece in chain.stream(HELLO)] == ["Piece", "Answer"]


def test_what_an_attempt_cost_is_counted_to_the_answer() -> None:
    chain = Chain([Scripted("dear", cost="0.002"), Scripted("cheap", "Hi", cost="0.001")])

    assert chain.answer(HELLO).cost == Decimal("0.003")


def test_after_the_first_words_a_failure_is_told() -> None:
    pieces = Chain([Scripted("half", "Once…"), Scripted("spare", "Ho")]).stream(HELLO)

    assert next(pieces) == Piece("Once…")
    with pytest.raises(LanguageError, match="broke off"):
        next(pieces)


def test_the_last_failure_is_told_when_nobody_answers() -> None:
    with pytest.raises(LanguageError, match="second is down"):
        Chain([Scripted("first"), Scripted("second")]).answer(HELLO)


def test_pictures_go_to_those_who_see_and_to_all_when_nobody_does() -> None:
    blind, seeing = Scripted("blind", "No"), Scripted("seeing", "Yes", sees=True)

    assert Chain([blind, seeing]).answer(LOOK).model == "seeing"
    assert Chain([blind]).answer(LOOK).model == "blind"
    assert Chain([blind, seeing]).sees
    assert not Chain([blind]).sees


def test_a_model_leaves_time_to_those_behind_it() -> None:
    first, last = Scripted("first"), Scripted("last", "Hi")
    Chain([first, last]).answer(HELLO)

    assert first.seconds[0] <= 7
    assert last.seconds[0] > 9  # the first failed at once
