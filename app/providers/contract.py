"""The one contract between the engine and whatever makes pictures.

An adapter is told what to make (`Request`), answers with a `Handle` that survives a crash or with `Outputs` at once,
and fails only with the errors below. The engine stores the handle before it waits, so after any crash it can `follow`
the same work again, or `find` it by the reference it sent. It is made of its provider's address and a key
(`Adapter(base_url, key)`), as its head in the catalogue says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, runtime_checkable


class Operation(StrEnum):
    """What a job does. One word per idea, the same in table, form, template, log and button."""

    TXT2IMG = "txt2img"
    IMG2IMG = "img2img"
    INPAINT = "inpaint"
    OUTPAINT = "outpaint"
    UPSCALE = "upscale"
    ITERATE = "iterate"
    IMG2VID = "img2vid"
    INTERPOLATE = "interpolate"


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier step of the conversation that a request continues: what was asked and what came of it.

    image: the picture that came, None when none did. outcome: `kept`, `rejected`, `failed` or empty.
    """

    prompt: str
    image: Path | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One call to one model.

    reference: our name for this submission, unique per charge; sent along where the provider takes one.
    params: only what the model's catalogue row allows (`strength` 0..1, `cfg_scale`, `steps`, `sampler`, `duration_s`,
    `fps`, `factor`, `expand` as left/top/right/bottom pixels).
    aspect: the size's shape among those the model takes, such as "16:9"; empty where it takes sizes.
    wire: what the model's row tells its adapter and nobody else: names of fields, forced arguments.
    files: local paths by role: `image`, `mask` (white = repaint), `first`, `last`.
    history: the last turns of the conversation this request continues, oldest first; adapters send of it what their
    model can take.
    """

    reference: str
    operation: Operation
    endpoint: str
    prompt: str
    negative_prompt: str = ""
    seed: int = 0
    width_px: int = 1024
    height_px: int = 1024
    aspect: str = ""
    wire: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    history: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Handle:
    """A small JSON object by which the provider knows the work; stored before anything waits on it."""

    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Output:
    """One picture or video as bytes, in the format named by `mime`.

    trusted: made by our own code from our own pixels, so it need not pass the limited decoder again.
    part: where on it the asked-for picture lies, in shares of its width and height (left, top, right, bottom, 0..1),
    when the provider was sent a larger canvas to meet its size rules; None for all of it.
    """

    data: bytes
    mime: str
    trusted: bool = False
    part: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Outputs:
    """The end of a job: its files in order, what they cost if the provider said so, and what it told us."""

    items: tuple[Output, ...]
    cost: Decimal | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """fraction: 0..1. preview: a small JPEG or WebP of the picture so far, if there is one.

    resumable: whether a later `follow` goes on from here. The work of a provider that would begin afresh is not handed
    on at the end of a slice, or it might never end.
    """

    fraction: float
    step: int | None = None
    steps: int | None = None
    preview: bytes | None = None
    message: str = ""
    resumable: bool = True


class Unknown:
    """`find` cannot tell whether the provider ever got the submission."""


class NotSubmitted:
    """`find` is certain that the provider never got the submission, so sending it is safe."""


class ErrorKind(StrEnum):
    USER_FIXABLE = "user_fixable"
    MODERATION = "moderation"
    CAPACITY = "capacity"
    PROVIDER = "provider"
    BUG = "bug"


class ProviderError(Exception):
    """A failure the engine knows how to treat.

    sentence: for the person, says whose fault it is and what to do next; never the provider's raw text (that goes
    to `detail`, for the log). may_have_cost: money may be gone although nothing came back. once: worth sending again,
    but no more than once, for the provider had it in hand and each time may cost after all.
    """

    def __init__(
        self,
        kind: ErrorKind,
        sentence: str,
        *,
        retryable: bool = False,
        once: bool = False,
        may_have_cost: bool = False,
        retry_after_s: float | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence
        self.retryable = retryable
        self.once = once
        self.may_have_cost = may_have_cost
        self.retry_after_s = retry_after_s
        self.detail = detail


class Cancelled(Exception):
    """Raised by `follow` when the provider confirms that the work was cancelled and no output will come."""


@runtime_checkable
class TellsLifetimes(Protocol):
    """An adapter whose provider says itself when its models end."""

    def lifetimes(self) -> Mapping[str, date]:
        """The last day of each model that will end, by endpoint. A call that costs nothing; raises ProviderError."""


@runtime_checkable
class Provider(Protocol):
    """What the engine asks of an adapter. Every method may raise ProviderError; none may block for ever."""

    id: str

    def submit(self, request: Request) -> Handle | Outputs:
        """Send the work once. Never retries on its own."""

    def follow(self, handle: Handle) -> Iterator[Progress | Outputs]:
        """Yield progress until the outputs come. The generator may be closed at any point and followed again later,
        in another process. Yields at least every few seconds, so that the follower can renew its lease."""

    def cancel(self, handle: Handle) -> None:
        """Ask the provider to stop. Idempotent; returning does not mean that it has stopped."""

    def find(self, reference: str) -> Handle | Outputs | NotSubmitted | Unknown:
        """After a crash between sending and storing: what became of the submission with this reference?"""

    def check(self) -> str:
        """Try the key with a call that costs nothing. Answers with a sentence about the account; raises ProviderError
        when the key is not accepted or nobody answers."""


@runtime_checkable
class Searching(Protocol):
    """Of a provider that takes no name of ours and yet lists what it was sent: it is asked with the request itself
    when `find` answers Unknown."""

    def search(self, request: Request, since: datetime) -> Handle | Outputs | NotSubmitted | Unknown:
        """As `find`, for what was sent at `since` (aware) or a little later. Raises a retryable ProviderError while it
        may only not be listed yet."""
