"""The lanes while a plan is made: when each opens next, what it will hold then, and which one suits a job best.

Lanes are told apart by bits, so that "can anybody here take this group?" is one `&` however many lanes there are; only
a group that can be taken is measured lane by lane.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappush, heapreplace
from math import inf
from typing import NamedTuple

from app.generation.placement.facts import Head, Kind, Lane, Policy, Requirement


class Place:
    """One lane and its near future, changed by every `claim` and `plan` on it.

    start: when the next job given to it would start. open: it can be given one now. tail: the model it holds then.
    ends: when each slot in use frees, a heap. planned: jobs that wait but count on this lane.
    """

    __slots__ = (
        "bit",
        "ends",
        "evict_s",
        "free",
        "gate",
        "lane",
        "open",
        "planned",
        "rate_left",
        "reachable",
        "stage_free",
        "start",
        "tail",
        "tail_since",
    )

    def __init__(self, lane: Lane, bit: int, now: float) -> None:
        self.lane = lane
        self.bit = bit
        running = [occupant for occupant in lane.occupants if not occupant.staged]
        staged = [occupant for occupant in lane.occupants if occupant.staged]
        self.ends = [_believable(occupant.finish_at, now) for occupant in running]
        heapify(self.ends)
        self.free = max(lane.slots - len(running), 0)
        self.stage_free = lane.staged_slots - len(staged)
        if len(running) > lane.slots:  # its slots were lowered: the surplus has to drain before anything is staged
            self.stage_free = 0
        for occupant in staged:
            end = _believable(occupant.finish_at, now)
            if self.free:  # staged, and its slot has come free: it is about to start
                self.free -= 1
                heappush(self.ends, end)
            elif self.ends:
                heapreplace(self.ends, max(end, self.ends[0]))
        last = next((o.model for o in reversed([*running, *staged]) if o.model is not None), None)
        self.tail = lane.loaded_model if last is None else last
        self.tail_since = lane.loaded_at if self.tail == lane.loaded_model else now
        self.rate_left: float = inf if lane.rate is None else lane.rate.requests - lane.rate.used
        self.gate = now if lane.resume_at is None else max(now, lane.resume_at)
        self.planned = 0
        self.evict_s = 0.0
        self.start = inf
        self.open = False
        self.reachable = False

    @property
    def staging(self) -> bool:
        """The next job given to it would wait there for a slot."""
        return not self.free

    @property
    def in_use(self) -> int:
        return self.lane.slots - self.free


def _believable(finish_at: float, now: float) -> float:
    """When a job will really be done. One that is overdue is believed to need as long again as it is late, so that
    nobody waits for ever for a lane that hangs."""
    return finish_at if finish_at >= now else now + (now - finish_at)


class Candidate(NamedTuple):
    """A lane that can run a model: what a standard job takes there and what speaks against it, in seconds."""

    place: Place
    expected_s: float
    switch_s: float
    penalty_s: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The best lane for one head.

    taken: it is open and gets the job now; otherwise the head waits for it. other: the next best lane, if any, and
    how much later it would be done.
    """

    candidate: Candidate
    taken: bool
    start: float
    load_s: float
    finish: float
    other: Candidate | None
    other_later_s: float
    alone: bool

    @property
    def lane(self) -> Lane:
        return self.candidate.place.lane


class Board:
    """All usable lanes. `open` and `reachable` are their bits: can take a job now; can be planned on as well."""

    def __init__(self, lanes: Sequence[Lane], wanted_models: Iterable[str], now: float, policy: Policy) -> None:
        self.now = now
        self.policy = policy
        self.wanted = frozenset(wanted_models)
        self.lanes = tuple(sorted(lanes, key=lambda lane: lane.id))
        self.places = [Place(lane, 1 << index, now) for index, lane in enumerate(self.lanes)]
        self.open = 0
        self.reachable = 0
        self.usable = 0
        self.by_kind: dict[Kind, int] = {}
        self.by_model: dict[str, int] = {}
        self.by_id: dict[str, int] = {}
        self.warm: dict[str, int] = {}
        self.switch_s: dict[str, float] = {}
        self._equivalent: dict[str, int] = {}
        self._candidates: dict[tuple[str, int, int], list[Candidate]] = {}
        self._alike: dict[tuple[int | None, int | None, frozenset[str]], int] = {}
        self._fitting: dict[Requirement, int] = {}
        for place in self.places:
            self._index(place)
            self._refresh(place)
        self.longest_switch_s = max((self.switch_s.get(model, 0.0) for model in self.wanted), default=0.0)

    def _index(self, place: Place) -> None:
        lane, bit = place.lane, place.bit
        self.by_id[lane.id] = bit
        self.by_kind[lane.kind] = self.by_kind.get(lane.kind, 0) | bit
        alike = (lane.max_pixels, lane.memory_mib, lane.features)
        self._alike[alike] = self._alike.get(alike, 0) | bit
        if lane.healthy and lane.slots > 0:
            self.usable |= bit
        for model, offer in lane.offers.items():
            if model not in self.wanted:
                continue
            self.by_model[model] = self.by_model.get(model, 0) | bit
            if offer.equivalent:
                self._equivalent[model] = self._equivalent.get(model, 0) | bit
            if offer.switch_s > self.switch_s.get(model, 0.0):
                self.switch_s[model] = offer.switch_s

    def fitting(self, model: str, requirement: Requirement) -> int:
        """The bits of the lanes, in use or not, that offer the model and satisfy the requirement."""
        fits = self._fitting.get(requirement)
        if fits is None:
            fits = 0
            for (max_pixels, memory_mib, features), bits in self._alike.items():
                if (
                    (max_pixels is None or requirement.pixels <= max_pixels)
                    and (memory_mib is None or requirement.memory_mib <= memory_mib)
                    and requirement.features <= features
                ):
                    fits |= bits
            if requirement.lanes is not None:
                fits &= sum(self.by_id.get(lane, 0) for lane in requirement.lanes)
            self._fitting[requirement] = fits
        offering = self.by_model if requirement.stand_in else self._equivalent
        return fits & offering.get(model, 0)

    def candidates(self, model: str, tier: int, bits: int) -> Sequence[Candidate]:
        """The lanes of `bits` with what the model takes there and what being below the wanted tier counts as."""
        found = self._candidates.get((model, tier, bits))
        if found is None:
            found = self._candidates[model, tier, bits] = []
            for place in self.places:
                if place.bit & bits:
                    lane = place.lane
                    offer = lane.offers[model]
                    below = tier - lane.tier if tier > lane.tier else 0
                    found.append(Candidate(place, offer.expected_s, offer.switch_s, below * self.policy.tier_step_s))
        return found

    def choose(self, candidates: Sequence[Candidate], model: str, head: Head) -> Choice | None:
        """The lane that would have the head done earliest, loading its model included; None when none can take it.

        An open lane is passed over for a busy one only when that one opens soon and gains enough (see `Policy`).
        Jobs that wait are planned on their lane like placed ones, so the next head sees it busier: that is why lanes
        idle only as long as waiting is truly better.
        """
        if head.resume_on is not None:
            candidates = [c for c in candidates if c.place.lane.id == head.resume_on]
        elif head.excluded_lanes:
            candidates = [c for c in candidates if c.place.lane.id not in head.excluded_lanes]
        now, work = self.now, head.work
        best = best_later = second = None
        score = later_score = second_score = inf
        for candidate in candidates:
            place, expected_s, switch_s, penalty_s = candidate
            if not place.reachable:
                continue
            cost = place.start + expected_s * work + penalty_s
            if place.tail != model:
                cost += switch_s + place.evict_s
            if place.open:
                if cost < score:
                    second, second_score = best, score
                    best, score = candidate, cost
                elif cost < second_score:
                    second, second_score = candidate, cost
            elif cost < later_score:
                best_later, later_score = candidate, cost
        alone = len(candidates) == 1
        if best is None:
            return None if best_later is None else self._chosen(best_later, model, work, False, None, inf, alone)
        if best_later is not None:
            gain = max(self.policy.gain_s, self.policy.gain_ratio * (score - now))
            soon = best_later.place.start - now <= self.policy.wait_for_better_s
            if soon and later_score + gain < score:
                return self._chosen(best_later, model, work, False, best, score - later_score, alone)
            if later_score < second_score:
                second, second_score = best_later, later_score
        return self._chosen(best, model, work, True, second, second_score - score, alone)

    def _chosen(
        self, it: Candidate, model: str, work: float, taken: bool, other: Candidate | None, later_s: float, alone: bool
    ) -> Choice:
        load_s = 0.0 if it.place.tail == model else it.switch_s
        finish = it.place.start + load_s + it.expected_s * work
        return Choice(it, taken, it.place.start, load_s, finish, other, later_s, alone)

    def claim(self, choice: Choice, model: str, *, new_request: bool) -> None:
        """Give the chosen lane its job."""
        place = choice.candidate.place
        if place.free:
            place.free -= 1
            heappush(place.ends, choice.finish)
        else:
            place.stage_free -= 1
            heapreplace(place.ends, choice.finish)
        if new_request:
            place.rate_left -= 1
        self._hold(place, model)

    def plan(self, choice: Choice, model: str) -> None:
        """Let a job that waits count on the chosen lane."""
        place = choice.candidate.place
        if place.free:
            place.free -= 1
            heappush(place.ends, choice.finish)
        else:
            heapreplace(place.ends, choice.finish)
        place.planned += 1
        self._hold(place, model)

    def _hold(self, place: Place, model: str) -> None:
        if place.tail != model:
            if place.tail is not None:
                self.warm[place.tail] = self.warm.get(place.tail, 0) & ~place.bit
            place.tail = model
            place.tail_since = self.now
        self._refresh(place)

    def _refresh(self, place: Place) -> None:
        """Work out again when the lane opens, whether it is open, and what unloading its model would cost others."""
        lane, bit, now, policy = place.lane, place.bit, self.now, self.policy
        gate = place.gate
        if place.rate_left <= 0 and lane.rate is not None:
            gate = max(gate, lane.rate.frees_at)
        slot_at = now if place.free else (place.ends[0] if place.ends else inf)
        place.start = max(gate, slot_at)
        stageable = place.stage_free > 0 and slot_at - now <= policy.stage_ahead_s
        place.open = bool(self.usable & bit and gate <= now and place.rate_left > 0 and (place.free > 0 or stageable))
        place.reachable = place.open or bool(
            self.usable & bit and place.start < inf and place.planned < policy.lookahead * lane.slots
        )
        self.open = self.open | bit if place.open else self.open & ~bit
        self.reachable = self.reachable | bit if place.reachable else self.reachable & ~bit
        self._warm(place)

    def _warm(self, place: Place) -> None:
        tail, offers = place.tail, place.lane.offers
        place.evict_s = 0.0
        if tail is None or tail not in self.wanted or tail not in offers:
            return
        switch_s = offers[tail].switch_s
        if switch_s <= 0:
            return
        place.evict_s = self.policy.eviction * switch_s
        fresh = place.tail_since is None or self.now - place.tail_since <= self.policy.batch_switches * switch_s
        kept = self.warm.get(tail, 0)
        self.warm[tail] = kept | place.bit if place.open and fresh else kept & ~place.bit
