"""What all adapters over a network share: waiting, counting, pictures, structure asked for and checked, failures told.

An adapter says how a question looks on the wire (`_pieces`); every call is streamed, so that a slow model that talks is
told from one that is dead. Structure is asked for twice at most: an answer of another shape goes back once with what is
wrong with it.
"""

from __future__ import annotations

import json
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from app.llm import shapes
from app.llm.contract import Answer, Ask, LanguageError, Message, Piece
from app.llm.offers import Offer, spoken_tokens, tokens_of
from app.outbound import Outbound, OutboundError, Patience, Reply, Unreachable

_CONNECT_S = 5.0
# Keys, prompts in base64 and signed addresses have no place in a log; a sentence has.
_LONG_WORD = re.compile(r"\S{25,}")
_DETAIL_CHARS = 300
# An account without money is told with the status of one that is busy, and by a word of its own.
_SPENT = {
    "insufficient_quota",
    "credit_balance_exhausted",
    "billing_hard_limit_reached",
    "organization_usage_limit_exceeded",
    "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded",
}

Ended = Literal["done", "length", "refused"]


@dataclass
class Counted:
    """What is known at the end of a stream. Tokens that the provider does not tell are estimated."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    ended: Ended | None = None


class Remote(ABC):
    """A model at the other end of a network."""

    provider: str
    # As people know it.
    provider_name: str

    def __init__(self, offer: Offer, outbound: Outbound) -> None:
        self.offer = offer
        self._outbound = outbound

    @property
    def id(self) -> str:
        return f"{self.provider}:{self.offer.model}"

    @property
    def name(self) -> str:
        return self.offer.name

    @property
    def sees(self) -> bool:
        return self.offer.sees

    def estimate(self, ask: Ask) -> Decimal | None:
        return self.offer.estimate(ask)

    def answer(self, ask: Ask) -> Answer:
        ends = time.monotonic() + ask.timeout_s
        answer = self._whole(ask)
        if ask.schema is None:
            return answer
        data, fault = self._read(ask, answer)
        if not fault:
            return replace(answer, data=data)
        left = ends - time.monotonic()
        if left <= 0:
            raise LanguageError(f"{self.name} took too long.", retryable=True, cost=answer.cost)
        second = self._again(replace(ask, timeout_s=left), answer, fault)
        data, fault = self._read(ask, second)
        if fault:
            raise LanguageError(
                f"{self.name} answered twice in a form that cannot be used.", detail=fault, cost=second.cost
            )
        return replace(second, data=data)

    def stream(self, ask: Ask) -> Iterator[Piece | Answer]:
        if ask.schema is not None:  # half an object is of no use to anybody
            yield self.answer(ask)
            return
        counted = Counted()
        said: list[str] = []
        with self._failing(), closing(self._pieces(ask, counted)) as pieces:
            for text in pieces:
                if text:
                    said.append(text)
                    yield Piece(text)
        yield self._counted(ask, "".join(said), counted)

    @abstractmethod
    def _pieces(self, ask: Ask, counted: Counted) -> Generator[str, None, None]:
        """The words as they come; `counted` is filled on the way, `ended` when the provider says that it was all."""

    def _whole(self, ask: Ask) -> Answer:
        counted = Counted()
        with self._failing(), closing(self._pieces(ask, counted)) as pieces:
            text = "".join(pieces)
        return self._counted(ask, text, counted)

    def _counted(self, ask: Ask, text: str, counted: Counted) -> Answer:
        if counted.ended is None:
            how = "broke off in the middle" if text else "gave no usable answer"
            raise LanguageError(f"{self.name} {how}.", retryable=True, detail="the stream had no end")
        taken = counted.input_tokens if counted.input_tokens is not None else tokens_of(ask)
        given = counted.output_tokens if counted.output_tokens is not None else spoken_tokens(len(text))
        return Answer(
            text,
            model=self.offer.model,
            provider=self.provider,
            input_tokens=taken,
            output_tokens=given,
            cost=self.offer.cost(taken, given),
            ended=counted.ended,
        )

    def _read(self, ask: Ask, answer: Answer) -> tuple[Any, str]:
        """An answer as data and what is wrong with it. Raises LanguageError for a refusal: asking again mends none."""
        if answer.ended == "refused":
            raise LanguageError(f"{self.name} refused this. Rephrase it and try again.", cost=answer.cost)
        if ask.schema is None:
            return None, ""
        data, fault = shapes.read(answer.text, ask.schema)
        if fault and answer.ended == "length":
            fault = "It was cut off for its length: be shorter."
        return data, fault

    def _again(self, ask: Ask, first: Answer, fault: str) -> Answer:
        """The second and last attempt, with the first one and its fault before it. Counts both."""
        said = (Message("assistant", first.text), Message("user", f"That answer cannot be used. {fault} {_AGAIN}"))
        # A user's turn must not follow another's, and an answer of nothing is none.
        messages = (*ask.messages, *said) if first.text.strip() else (*ask.messages[:-1], _joined(ask.messages[-1]))
        try:
            second = self._whole(replace(ask, messages=messages))
        except LanguageError as error:
            error.cost += first.cost
            raise
        return replace(
            second,
            input_tokens=first.input_tokens + second.input_tokens,
            output_tokens=first.output_tokens + second.output_tokens,
            cost=first.cost + second.cost,
        )

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """What goes wrong with the call itself, as sentences."""
        try:
            yield
        except Unreachable as error:
            sentence = f"{self.provider_name} could not be reached."
            raise LanguageError(sentence, retryable=True, detail=error.detail) from error
        except OutboundError as error:
            sentence = f"{self.provider_name} gave no usable answer."
            raise LanguageError(sentence, retryable=True, detail=f"{type(error).__name__}: {error.detail}") from error

    def _refused(self, reply: Reply, kinds: Sequence[str], said: str) -> LanguageError:
        """An answer that is none, by its status and the provider's words for it. said: its sentence, for the log."""
        detail = for_the_log(f"{reply.status} {next(filter(None, kinds), '')} {said}")
        name, status = self.provider_name, reply.status
        if status in {401, 403}:
            return LanguageError(f"{name} does not accept the key that is set up here.", detail=detail)
        if status == 402 or _SPENT.intersection(kinds):
            return LanguageError(f"The account at {name} has no credit left.", detail=detail)
        if status == 404:
            return LanguageError(f"{name} has no model called {self.offer.model}.", detail=detail)
        if status == 413 or "context_length_exceeded" in kinds:
            return LanguageError("This is too much at once: shorten it or leave pictures out.", detail=detail)
        if status == 429:
            wait = reply.headers.get("Retry-After", "")
            when = f"in {wait} seconds" if wait.isdigit() and int(wait) <= 600 else "in a few minutes"
            return LanguageError(f"{name} is busy. Try again {when}.", retryable=True, detail=detail)
        if status >= 500:
            return LanguageError(f"{name} has trouble of its own. Try again.", retryable=True, detail=detail)
        return LanguageError(f"{name} could not take this request.", detail=detail)

    def _patience(self, ask: Ask) -> Patience:
        return Patience(connect_s=min(_CONNECT_S, ask.timeout_s), silence_s=ask.timeout_s, total_s=ask.timeout_s)


_AGAIN = "Answer again with the corrected JSON object and nothing else."


def _joined(message: Message) -> Message:
    return replace(message, text=f"{message.text}\n\n{_AGAIN}")


def with_schema(ask: Ask) -> str:
    """The system prompt that also tells the shape: not every model that takes a schema keeps to it unasked."""
    if ask.schema is None:
        return ask.system
    told = f"Answer with one JSON object and nothing else. It must fit this JSON schema:\n{json.dumps(ask.schema)}"
    return f"{ask.system}\n\n{told}" if ask.system else told


# Structured output takes these of no provider alike, and refuses schemas that have one it does not take. They stand in
# the words of the question, and the answer is measured here.
_BOUNDS = {"minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum"}


def bare_schema(schema: Any) -> Any:
    """A schema without bounds, every object closed and all of its properties required, as strict output wants it."""
    if isinstance(schema, list):
        return [bare_schema(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    bare = {name: bare_schema(value) for name, value in schema.items() if name not in _BOUNDS}
    if bare.get("type") == "object":
        bare |= {"additionalProperties": False, "required": list(bare.get("properties", {}))}
    return bare


def for_the_log(said: str) -> str:
    """A provider's own words, short and without what may be a secret."""
    return _LONG_WORD.sub("…", said)[:_DETAIL_CHARS]


def object_in(text: str) -> dict[str, Any]:
    """A JSON object, or an empty one for anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def events(lines: Iterator[str]) -> Iterator[str]:
    """The data of server-sent events, one text for each event.

    A server that cannot stream answers with one JSON object instead, which is then the only event.
    """
    data: list[str] = []
    for line in lines:
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []
        elif line.startswith("{") and not data:
            yield "\n".join((line, *lines))
    if data:
        yield "\n".join(data)


def told_in(body: Any, *path: str) -> str:
    """A text deep in an answer that may have any shape; empty when it is not there."""
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body if isinstance(body, str) else ""
