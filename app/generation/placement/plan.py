"""What placement answers: who goes where now and why, and what everybody else waits for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from functools import cached_property

from app.generation.placement.facts import Group, Kind


@dataclass(frozen=True, slots=True)
class Assignment:
    """One job given to one lane.

    reason: a few words for its owner, such as "studio, warm with Flux Klein".
    staged: it waits on the lane itself for the next slot. load_s: seconds of loading the model that are expected.
    charge_s: what to charge its owner's meter of `kind` with, now, when it is placed.
    """

    job_id: str
    lane_id: str
    owner: str
    kind: Kind
    reason: str
    expected_start: float
    expected_finish: float
    staged: bool
    load_s: float
    charge_s: float


class WaitCause(StrEnum):
    """Why a job waits, for pages that show a mark beside the sentence."""

    UNOFFERED = "unoffered"  # no lane has the model
    UNFIT = "unfit"  # lanes have it, none fits this job
    OWNER_CAP = "owner_cap"
    UNHEALTHY = "unhealthy"
    PAUSED = "paused"
    RATE = "rate"
    NOT_YET = "not_yet"
    BETTER = "better"  # a lane is free, and waiting for another one is quicker
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Wait:
    """Why a group's next job waits. expected_start: when it can be told. until: a moment named in the sentence."""

    job_id: str
    cause: WaitCause
    text: str
    expected_start: float | None = None
    until: float | None = None

    @property
    def reason(self) -> str:
        """The sentence with moments in UTC."""
        return self.sentence(UTC)

    def sentence(self, zone: tzinfo) -> str:
        """The sentence with moments on the reader's own clock."""
        if self.until is None:
            return self.text
        # Rounded up: "until 14:05" must not be seen at 14:05:40 with the job still waiting.
        moment = datetime.fromtimestamp(-(-self.until // 60) * 60, zone)
        return self.text.replace("{until}", f"{moment:%H:%M}")


class Plan:
    """The outcome of one `place` call.

    assignments: in the order they were decided, which is the order to move the rows in.
    `wait_for` and `waits` are worked out when they are first read, so a plan nobody looks at costs nothing more.
    """

    def __init__(
        self, assignments: Sequence[Assignment], waiting: Sequence[Group], explain: Callable[[Group], Wait | None]
    ) -> None:
        self.assignments = tuple(assignments)
        self._waiting = waiting
        self._explain = explain

    @property
    def waiting(self) -> Sequence[Group]:
        """The groups the plan was made for, in their order."""
        return self._waiting

    def wait_for(self, group: Group) -> Wait | None:
        """Why the next job of the group waits; None when all its heads are assigned."""
        return self._explain(group)

    @cached_property
    def waits(self) -> tuple[Wait, ...]:
        """One `Wait` per group that has a head left, in the groups' order."""
        found = (self._explain(group) for group in self._waiting)
        return tuple(wait for wait in found if wait is not None)
