"""The rules of jobs: states and how they may change, seeds, and what a request expands to. Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence
from enum import StrEnum

from app.generation.errors import IllegalTransition, SeedOutOfRange

MAX_SEED = 2**32 - 1


class JobState(StrEnum):
    """waiting: in the queue. placed: given to a lane. submitted: being sent, its handle not yet on file.
    running: its handle is on file. cancelling: on its way out."""

    WAITING = "waiting"
    PLACED = "placed"
    SUBMITTED = "submitted"
    RUNNING = "running"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


_S = JobState

NEXT_STATES: dict[JobState, frozenset[JobState]] = {
    _S.WAITING: frozenset({_S.PLACED, _S.CANCELLED, _S.FAILED}),
    # Back to waiting: its lane went away before anything was sent.
    _S.PLACED: frozenset({_S.SUBMITTED, _S.WAITING, _S.CANCELLING, _S.CANCELLED, _S.FAILED}),
    # Straight to succeeded: a provider that answers at once has no handle.
    _S.SUBMITTED: frozenset({_S.RUNNING, _S.SUCCEEDED, _S.WAITING, _S.CANCELLING, _S.FAILED}),
    _S.RUNNING: frozenset({_S.SUCCEEDED, _S.WAITING, _S.CANCELLING, _S.FAILED}),
    # To failed: it broke while being stopped, and may have cost money, which "cancelled" would hide.
    _S.CANCELLING: frozenset({_S.CANCELLED, _S.FAILED}),
    # A person's retry, and only that, opens an ended job again.
    _S.FAILED: frozenset({_S.WAITING}),
    _S.CANCELLED: frozenset({_S.WAITING}),
}

ACTIVE = frozenset({_S.PLACED, _S.SUBMITTED, _S.RUNNING, _S.CANCELLING})
FINAL = frozenset({_S.SUCCEEDED, _S.FAILED, _S.CANCELLED})
OPEN = frozenset(JobState) - FINAL


def advance(current: JobState, to: JobState) -> JobState:
    """The new state, or IllegalTransition."""
    if to not in NEXT_STATES.get(current, frozenset()):
        raise IllegalTransition(current, to)
    return to


def states_before(to: JobState) -> frozenset[JobState]:
    """The states from which `to` may be reached; the `WHERE` of every compare-and-set."""
    return frozenset(state for state, nexts in NEXT_STATES.items() if to in nexts)


def check_seed(seed: int | None) -> int | None:
    """0 to 2^32-1, or None for a random one. Raises SeedOutOfRange."""
    if seed is not None and not 0 <= seed <= MAX_SEED:
        raise SeedOutOfRange()
    return seed


def seeds_for(count: int, seed: int | None, rng: random.Random) -> list[int]:
    """`count` different seeds: counting up from `seed` (wrapping round at the top), or random ones."""
    if seed is not None:
        return [(seed + offset) % (MAX_SEED + 1) for offset in range(count)]
    return rng.sample(range(MAX_SEED + 1), count)


def join_prompt(*parts: str) -> str:
    """Theme, prompt and style as one text: the parts that say something, parted by a comma.

    The order is documented for users in docs/prompts.md: theme first (it sets the scene), then what they typed,
    then the style (how it should look).
    """
    return ", ".join(part for part in (_trimmed(text) for text in parts) if part)


def _trimmed(text: str) -> str:
    return text.strip().strip(",").strip()


def reference_of(job_id: object, submission: int) -> str:
    """Our name for one submission of a job, the same whenever it is computed."""
    return f"{job_id}.{submission}"


def backoff_s(failures: int, rng: random.Random, *, first_s: float = 1.0, most_s: float = 120.0) -> float:
    """Seconds to wait before the next try: doubling, with full jitter so that a crowd does not return together."""
    return rng.uniform(0.5, 1.0) * min(most_s, first_s * 2.0 ** min(failures, 16))


def evenly(total: int, wanted: int) -> Sequence[int]:
    """`wanted` indices spread over 0..total-1, first and last included where they fit."""
    if wanted >= total:
        return range(total)
    if wanted == 1:
        return [0]
    return [index * (total - 1) // (wanted - 1) for index in range(wanted)]
