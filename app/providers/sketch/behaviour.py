"""How Sketch plays a provider: its latency and its failures, by setting and never by the words of a prompt."""

from __future__ import annotations

from dataclasses import dataclass

from app.providers.contract import ErrorKind, ProviderError
from app.providers.sketch.chance import Dice

HANG = "hang"
GARBAGE = "garbage"
_KINDS = frozenset(
    {ErrorKind.USER_FIXABLE, ErrorKind.MODERATION, ErrorKind.CAPACITY, ErrorKind.PROVIDER, HANG, GARBAGE}
)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """latency_s, jitter_s: each job waits latency plus up to jitter seconds from its submit on. failure_rate: share of
    references that fail, 0..1. failure_kinds: which ways, chosen evenly: `user_fixable`, `moderation`, `capacity`
    (turned away at submit, with a retry_after), `provider`, `hang` (progress that never ends) or `garbage` (bytes that
    are no picture). fast: paint the plain picture unless a request says otherwise. seed: which references fail; the
    same reference under the same seed always fares the same."""

    latency_s: float = 0.0
    jitter_s: float = 0.0
    failure_rate: float = 0.0
    failure_kinds: tuple[str, ...] = (ErrorKind.PROVIDER,)
    fast: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if self.latency_s < 0 or self.jitter_s < 0:
            raise ValueError("Sketch's latency and jitter are seconds and cannot be negative.")
        if not 0 <= self.failure_rate <= 1:
            raise ValueError("Sketch's failure rate is a share between 0 and 1.")
        if unknown := set(self.failure_kinds) - _KINDS:
            raise ValueError(f"Sketch knows no failure {sorted(unknown)}; choose from {sorted(_KINDS)}.")

    def wait_s(self, reference: str) -> float:
        return self.latency_s + self.jitter_s * Dice(self.seed, reference, "latency").between(0, 1)

    def failure(self, reference: str) -> str | None:
        """The kind of failure that befalls this reference, if any."""
        dice = Dice(self.seed, reference, "failure")
        if not self.failure_kinds or not dice.chance(self.failure_rate):
            return None
        return dice.pick(self.failure_kinds)


def staged(kind: str) -> ProviderError:
    """The error of a failure that was ordered by setting."""
    sentence, retryable, retry_after_s = {
        ErrorKind.USER_FIXABLE: ("Sketch was told to find fault with this request: change the prompt.", False, None),
        ErrorKind.MODERATION: ("Sketch was told to decline this prompt as a moderator would: reword it.", False, None),
        ErrorKind.CAPACITY: ("Sketch was told to be full: it takes work again in a moment.", True, 1.0),
        ErrorKind.PROVIDER: ("Sketch was told to break down: try again.", True, None),
    }[ErrorKind(kind)]
    return ProviderError(
        ErrorKind(kind),
        sentence,
        retryable=retryable,
        retry_after_s=retry_after_s,
        may_have_cost=kind == ErrorKind.PROVIDER,
    )
