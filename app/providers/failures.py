"""From what became of a call to the error the engine knows how to treat: the part that all providers share.

Each adapter reads its provider's own words first (moderation, a parameter that is wrong) and leaves the rest to
`from_status` and `sending`. Sentences name the provider, say whose turn it is and whether money may be gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from app.outbound import Garbled, HostNotAllowed, LostAnswer, OutboundError, Reply, Unreachable
from app.providers.contract import ErrorKind, ProviderError

# Statuses of gateways, Cloudflare's own among them, that had passed the request on and heard nothing back.
_GAVE_UP = {502, 504, 520, 522, 524}
# "Not now", said before any work was begun.
_LATER = {408, 503, 529}
# However long a provider asks to be left alone: after this it is asked again.
LONGEST_PAUSE_S = 3600.0


@contextmanager
def sending(provider: str) -> Iterator[None]:
    """Around the call that costs money. A lost answer may have been paid for, so nothing sends it again by itself."""
    try:
        yield
    except Unreachable as error:
        raise unreachable(provider, error) from error
    except (LostAnswer, Garbled, HostNotAllowed) as error:
        raise _lost(provider, f"{type(error).__name__}: {error.detail}") from error
    except Inconclusive as error:
        raise _lost(provider, error.detail) from error


class Inconclusive(ProviderError):
    """An answer that leaves open whether the work was done: of a gateway that waited in vain, or of one who broke off
    in the middle of it. Worth asking again only where a question costs nothing."""


def _lost(provider: str, detail: str) -> ProviderError:
    return ProviderError(
        ErrorKind.PROVIDER,
        f"No result came back from {provider}, and we cannot tell whether it made one. It may have been charged once. "
        "Try again when you like.",
        may_have_cost=True,
        detail=detail,
    )


@contextmanager
def asking(provider: str) -> Iterator[None]:
    """Around calls that cost nothing and may be repeated: polling, looking up, cancelling, fetching."""
    try:
        yield
    except OutboundError as error:
        raise unreachable(provider, error) from error


def unreachable(provider: str, error: OutboundError) -> ProviderError:
    return ProviderError(
        ErrorKind.PROVIDER,
        f"{provider} could not be reached. Nothing was charged for this; try again in a while.",
        retryable=True,
        detail=f"{type(error).__name__}: {error.detail}",
    )


def from_status(provider: str, reply: Reply, *, detail: str) -> ProviderError:
    """What an answer other than 2xx means when the provider's own words said nothing better. detail: for the log."""
    status = reply.status
    told = f"{status}: {detail}"
    if status in {401, 403}:
        return key_refused(provider, detail=told)
    if status == 402:
        return out_of_credit(provider, detail=told)
    if status == 404:
        return ProviderError(
            ErrorKind.PROVIDER, f"{provider} no longer answers for this model. Choose another one.", detail=told
        )
    if status == 429:
        return busy(provider, retry_after_s(reply), detail=told)
    if status in {400, 409, 413, 415, 422}:
        return ProviderError(
            ErrorKind.USER_FIXABLE,
            f"{provider} refused this request as it stands. Change the prompt, the picture or a setting; "
            "you were not charged.",
            detail=told,
        )
    if status == 408 or status >= 500:
        if status in _GAVE_UP or (status not in _LATER and not reply.object_if_any()):
            # Of its own trouble a provider tells in its own shape; a page of words is that of a host before it.
            return broke_off(provider, detail=told)
        return ProviderError(
            ErrorKind.PROVIDER,
            f"{provider} had a problem of its own. Nothing came back; try again in a while.",
            retryable=True,
            once=status not in _LATER,
            retry_after_s=retry_after_s(reply),
            detail=told,
        )
    return ProviderError(
        ErrorKind.PROVIDER, f"{provider} answered in a way we do not understand. Try again.", detail=told
    )


def broke_off(provider: str, *, detail: str) -> Inconclusive:
    return Inconclusive(
        ErrorKind.PROVIDER, f"{provider} gave no answer. Try again in a while.", retryable=True, detail=detail
    )


def key_refused(provider: str, *, detail: str) -> ProviderError:
    return ProviderError(
        ErrorKind.PROVIDER,
        f"{provider} did not accept the key, or the key may not use this model. Check it under Provider keys.",
        detail=detail,
    )


def key_withdrawn(provider: str, *, detail: str) -> ProviderError:
    """Of work that was taken: we may not ask about it any more."""
    return ProviderError(
        ErrorKind.PROVIDER,
        f"{provider} no longer accepts the key with which this was begun. It may have been charged once.",
        may_have_cost=True,
        detail=detail,
    )


def out_of_credit(provider: str, *, detail: str) -> ProviderError:
    return ProviderError(
        ErrorKind.PROVIDER,
        f"The account at {provider} has no credit left or reached its limit. Top it up there, then retry.",
        detail=detail,
    )


def busy(provider: str, after_s: float | None, *, detail: str) -> ProviderError:
    return ProviderError(
        ErrorKind.CAPACITY,
        f"{provider} is taking no more requests from this account right now.",
        retryable=True,
        retry_after_s=after_s,
        detail=detail,
    )


def moderated(provider: str, why: str, *, may_have_cost: bool = False, detail: str = "") -> ProviderError:
    """why: the provider's category in words, such as "sexual content"; empty when it gave none."""
    reason = f": {why}" if why else ""
    charge = "It may have been charged." if may_have_cost else "You were not charged."
    return ProviderError(
        ErrorKind.MODERATION,
        f"{provider} refused this prompt or picture{reason}. Rephrase and retry. {charge}",
        may_have_cost=may_have_cost,
        detail=detail,
    )


def no_picture(provider: str, *, detail: str) -> ProviderError:
    """The call went well, and there is nothing to keep: what was paid is unknown."""
    return ProviderError(
        ErrorKind.PROVIDER,
        f"{provider} answered without a picture. It may have been charged. Try again, or rephrase.",
        may_have_cost=True,
        detail=detail,
    )


def retry_after_s(reply: Reply) -> float | None:
    """The Retry-After header in seconds, whether it counts them or names a time; None without a sensible one."""
    said = reply.headers.get("Retry-After", "").strip()
    try:
        seconds = float(said)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()
        except (TypeError, ValueError):
            return None
    return min(seconds, LONGEST_PAUSE_S) if seconds >= 0 else None
