"""The one contract between the product and whatever writes words.

An adapter is asked (`Ask`) and answers once (`Answer`) or in pieces (`Piece`, then the `Answer`). Calls change nothing
at the provider, so a lost one may be repeated; what each costs is counted from the tokens of its answer.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture shown to a model that can see: PNG, JPEG or WebP bytes, and which of them by media type."""

    data: bytes
    mime: str

    @property
    def base64(self) -> str:
        return b64encode(self.data).decode("ascii")


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation. Only a user's message carries pictures."""

    role: Literal["user", "assistant"]
    text: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """What a model is asked.

    schema: a JSON schema whose root is an object; the answer's `data` then holds what was parsed, already validated
    against it. timeout_s: for the whole call. temperature None: the model's own.
    facts: the same wish as data, for what answers by rules and cannot read prose; models never see them.
    """

    system: str
    messages: tuple[Message, ...]
    max_tokens: int = 1024
    schema: Mapping[str, Any] | None = None
    temperature: float | None = None
    timeout_s: float = 60.0
    facts: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """The next words of a streamed answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. cost: US dollars, exact; zero for what runs at home. ended: why the model stopped."""

    text: str
    model: str
    provider: str
    data: Any = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal = Decimal(0)
    ended: Literal["done", "length", "refused"] = "done"


class LanguageError(Exception):
    """A failure with a sentence for the person; the provider's own words go to `detail`, for the log.

    cost: US dollars that were spent all the same, for an answer that came and was of no use.
    """

    def __init__(self, sentence: str, *, retryable: bool = False, detail: str = "", cost: Decimal = Decimal(0)) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.retryable = retryable
        self.detail = detail
        self.cost = cost


@runtime_checkable
class LanguageModel(Protocol):
    """What the product asks of an adapter. Methods may raise LanguageError; none may block beyond the ask's timeout.

    id: `provider:model`. sees: whether it looks at pictures.
    """

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def sees(self) -> bool: ...

    def estimate(self, ask: Ask) -> Decimal | None:
        """What the call will cost at most, in US dollars, as far as the words tell; None when no price is known."""

    def answer(self, ask: Ask) -> Answer: ...

    def stream(self, ask: Ask) -> Iterator[Piece | Answer]:
        """Pieces as they come, and the whole answer last. Closing the generator ends the call."""
