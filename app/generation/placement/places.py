"""One lane's near future while a plan is made: what occupies it, when it opens, and which model it holds then."""

from __future__ import annotations

from heapq import heapify, heappush, heapreplace
from math import inf

from app.generation.placement.facts import Lane, Policy


class Place:
    """A lane, changed by every job given to it or planned on it.

    ends: when each slot in use frees, a heap. free, stage_free: slots and staged slots left. tail: the model it will
    hold when the next job starts, since `tail_since`. planned: waiting jobs that count on it. open: `is_open`, kept.
    """

    __slots__ = (
        "bit",
        "ends",
        "free",
        "gate",
        "index",
        "lane",
        "now",
        "open",
        "planned",
        "rate_left",
        "stage_free",
        "tail",
        "tail_since",
        "usable",
    )

    def __init__(self, lane: Lane, index: int, now: float) -> None:
        self.lane = lane
        self.index = index
        self.bit = 1 << index
        self.now = now
        self.usable = lane.healthy and lane.slots > 0
        self.gate = now if lane.resume_at is None else max(now, lane.resume_at)
        self.rate_left: float = inf if lane.rate is None else lane.rate.requests - lane.rate.used
        self.planned = 0
        self.open = False
        self._seat()

    def _seat(self) -> None:
        """Put the lane's occupants on its slots."""
        lane = self.lane
        running = [occupant for occupant in lane.occupants if not occupant.staged]
        staged = [occupant for occupant in lane.occupants if occupant.staged]
        self.ends = [_believable(occupant.finish_at, self.now) for occupant in running]
        heapify(self.ends)
        self.free = max(lane.slots - len(running), 0)
        # Slots that were lowered have to drain before anything is staged again.
        self.stage_free = lane.staged_slots - len(staged) if len(running) <= lane.slots else 0
        for occupant in staged:
            end = _believable(occupant.finish_at, self.now)
            if self.free:  # its slot has come free and it is about to start
                self.free -= 1
                heappush(self.ends, end)
            elif self.ends:
                heapreplace(self.ends, max(end, self.ends[0]))
        last = next((o.model for o in reversed([*running, *staged]) if o.model is not None), lane.loaded_model)
        self.tail = last
        self.tail_since = lane.loaded_at if last == lane.loaded_model else self.now

    @property
    def staging(self) -> bool:
        """The next job given to it would wait there for a slot."""
        return not self.free

    @property
    def in_use(self) -> int:
        return self.lane.slots - self.free

    def opens_at(self) -> float:
        """When the next job given to it would start; infinite when that cannot be told."""
        gate = self.gate
        if self.rate_left <= 0 and self.lane.rate is not None:
            gate = max(gate, self.lane.rate.frees_at)
        if self.free:
            return gate
        return max(gate, self.ends[0]) if self.ends else inf

    def is_open(self, policy: Policy) -> bool:
        """It can be given a job now: to run at once, or staged for a slot that frees soon."""
        if not self.usable or self.gate > self.now or self.rate_left <= 0:
            return False
        return self.free > 0 or (self.stage_free > 0 and self.ends[0] - self.now <= policy.stage_ahead_s)

    def seat(self, model: str, finish: float) -> None:
        """Let one more job, which would be done at `finish`, use the slot that opens next."""
        if self.free:
            self.free -= 1
            heappush(self.ends, finish)
        else:
            heapreplace(self.ends, finish)
        if self.tail != model:
            self.tail = model
            self.tail_since = self.now


def _believable(finish_at: float, now: float) -> float:
    """When a job will really be done. One that is overdue is believed to need as long again as it is late, so that
    nobody waits for ever for a lane that hangs."""
    return finish_at if finish_at >= now else now + (now - finish_at)
