"""Several models as one: the first that answers, in the order of the settings."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from app.llm.contract import Answer, Ask, LanguageError, LanguageModel, Piece

log = logging.getLogger(__name__)
# With less time left than this, no further model of a network could answer anything whole.
_LEAST_S = 1.0


class Chain:
    """Tries each model in turn. Whoever looks at it sees the first one.

    A question with pictures goes to the models that see; where none does, to all, and the last says that it cannot.
    Once words of a streamed answer were shown, its failure is told: another model would say something else.
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
        for model, is_last in zip(models, [*[False] * (len(models) - 1), True], strict=True):
            # What answers at home by rules needs no time; the others share what the person is willing to wait.
            left = max(_LEAST_S, ends - time.monotonic())
            said = False
            try:
                part = replace(ask, timeout_s=left)
                for piece in model.stream(part) if streamed else (model.answer(part),):
                    said = True
                    yield piece
            except LanguageError as error:
                log.warning("language model %s failed: %s (%s)", model.id, error.sentence, error.detail)
                if said or is_last:
                    raise
            else:
                return

    def _fitting(self, ask: Ask) -> Sequence[LanguageModel]:
        if not any(message.pictures for message in ask.messages):
            return self.models
        return [model for model in self.models if model.sees] or self.models
