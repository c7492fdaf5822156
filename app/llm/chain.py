"""Several models as one: the first that answers, in the order of the settings."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from app.llm.contract import Answer, Ask, LanguageError, LanguageModel, Piece

log = logging.getLogger(__name__)
_LEAST_S = 1.0
_SHARE = 0.7


class Chain:
    """Tries each model in turn. Whoever looks at it sees the first one.

    A question with pictures goes to the models that see; where none does, to all, and the last says that it cannot.
    Once words of a streamed answer were shown, its failure is told: another model would say something else. What an
    attempt cost before another one took over is counted to the answer.
    """

    def __init__(self, models: Sequence[LanguageModel]) -> None:
        if not models:
            raise ValueError("a chain needs a model")
        self.models = tuple(models)

    @property
    def id(self) -> str:
        return self.models[0].id

    @property
    def name(self) -> str:
        return self.models[0].name

    @property
    def sees(self) -> bool:
        return any(model.sees for model in self.models)

    def estimate(self, ask: Ask) -> Decimal | None:
        return self._fitting(ask)[0].estimate(ask)

    def answer(self, ask: Ask) -> Answer:
        for answer in self._in_turn(ask, streamed=False):
            if isinstance(answer, Answer):
                return answer
        raise AssertionError("a model ended without an answer")

    def stream(self, ask: Ask) -> Iterator[Piece | Answer]:
        return self._in_turn(ask, streamed=True)

    def _in_turn(self, ask: Ask, *, streamed: bool) -> Iterator[Piece | Answer]:
        ends = time.monotonic() + ask.timeout_s
        models = self._fitting(ask)
        spent = Decimal(0)
        for place, model in enumerate(models, 1):
            said = False
            try:
                for piece in _said(model, replace(ask, timeout_s=_share(ends, len(models) - place)), streamed=streamed):
                    said = True
                    yield replace(piece, cost=piece.cost + spent) if isinstance(piece, Answer) else piece
                return
            except LanguageError as error:
                log.warning("language model %s failed: %s (%s)", model.id, error.sentence, error.detail)
                spent += error.cost
                if said or place == len(models):
                    error.cost = spent
                    raise

    def _fitting(self, ask: Ask) -> Sequence[LanguageModel]:
        if not any(message.pictures for message in ask.messages):
            return self.models
        return [model for model in self.models if model.sees] or self.models


def _said(model: LanguageModel, ask: Ask, *, streamed: bool) -> Iterator[Piece | Answer]:
    if not streamed:
        yield model.answer(ask)
        return
    # Whoever stops listening ends the call, and does not wait for somebody to collect it.
    pieces = model.stream(ask)
    try:
        yield from pieces
    finally:
        if isinstance(pieces, Generator):
            pieces.close()


def _share(ends: float, behind: int) -> float:
    """Seconds for one model: most of what is left while others stand behind it, so that a dead one leaves them some."""
    left = ends - time.monotonic()
    return max(_LEAST_S, left * _SHARE if behind else left)
