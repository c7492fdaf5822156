"""The lanes while a plan is made: when each opens next, what it will hold then, and which one suits a job best.

Lanes are told apart by bits, so that "can anybody here take this group?" is one `&` however many lanes there are; only
a group that can be taken is measured lane by lane.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappush, heapreplace
from math import inf
from typing import NamedTuple

from app.generation.placement.facts import Head, Kind, Lane, Policy, Requirement


class Place:
    """One lane and its near future, changed by every `claim` and `plan` on it.

    start: when the next job given to it would start; infinite when it cannot be planned on. open: it can be given one now. tail: the model it holds then.
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


class Choice(NamedTuple):
    """The best lane for one head.

    taken: it is open and gets the job now; otherwise the head waits for it. other: the next best lane, if any, and
    how many seconds later it would be done. alone: no other lane can run this group.
    """

    place: Place
    taken: bool
    start: float
    load_s: float
    finish: float
    other: Place | None
    other_later_s: float
    alone: bool

    @property
    def lane(self) -> Lane:
        return self.place.lane


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
        # Nobody waits longer than that while something is open, so planning further would be wasted on `assign`.
        self._horizon_s = policy.wait_for_better_s
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

    def choose(self, model: str, requirement: Requirement, bits: int, head: Head) -> Choice | None:
        """The lane of `bits` that would have the head done earliest, loading its model included; None when none can.

        An open lane is passed over for a busy one only when that one opens soon and gains enough (see `Policy`).
        Jobs that wait are planned on their lane like placed ones, so the next head sees it busier: that is why lanes
        idle only as long as waiting is truly better.
        """
        costs = self._costs(model, requirement, bits, head)
        score = min(costs, default=inf)
        if score == inf:
            return None
        best = costs.index(score)
        alone = bits.bit_count() == 1
        if not self.places[best].open:
            open_best = min(self._open_indexes(), key=costs.__getitem__, default=best)
            open_score = costs[open_best]
            if open_best == best or open_score == inf:
                return self._chosen(best, model, head, taken=False, other=None, later_s=inf, alone=alone)
            soon = self.starts[best] - self.now <= self.policy.wait_for_better_s
            if soon and score + max(self.policy.gain_s, self.policy.gain_ratio * (open_score - self.now)) < open_score:
                other, later_s = self.places[open_best], open_score - score
                return self._chosen(best, model, head, taken=False, other=other, later_s=later_s, alone=alone)
            best, score = open_best, open_score
        costs[best] = inf
        second = min(costs)
        runner_up = None if second == inf else self.places[costs.index(second)]
        return self._chosen(best, model, head, taken=True, other=runner_up, later_s=second - score, alone=alone)

    def _costs(self, model: str, requirement: Requirement, bits: int, head: Head) -> list[float]:
        """For every lane, when it would have the head done plus what speaks against it; infinite where it cannot.

        Whole lists of numbers, as this is where placement spends its time.
        """
        work_key = (model, head.work)
        seconds = self._seconds.get(work_key)
        if seconds is None:
            seconds = self._seconds[work_key] = [
                offer.expected_s * head.work + offer.switch_s if offer is not None else inf
                for offer in (lane.offers.get(model) for lane in self.lanes)
            ]
        fit_key = (bits, requirement.tier)
        penalties = self._penalties.get(fit_key)
        if penalties is None:
            penalties = self._penalties[fit_key] = [
                max(requirement.tier - place.lane.tier, 0) * self.policy.tier_step_s if place.bit & bits else inf
                for place in self.places
            ]
        costs = [a + b + c for a, b, c in zip(self._cold_starts, seconds, penalties, strict=True)]
        for index in self._holders.get(model, ()):
            costs[index] = self.starts[index] + (costs[index] - self._cold_starts[index]) - self._switch(index, model)
        if head.resume_on is not None:
            costs = [cost if lane.id == head.resume_on else inf for cost, lane in zip(costs, self.lanes, strict=True)]
        elif head.excluded_lanes:
            excluded = head.excluded_lanes
            costs = [inf if lane.id in excluded else cost for cost, lane in zip(costs, self.lanes, strict=True)]
        return costs

    def _switch(self, index: int, model: str) -> float:
        offer = self.lanes[index].offers.get(model)
        return 0.0 if offer is None else offer.switch_s

    def _open_indexes(self) -> list[int]:
        return [index for index, place in enumerate(self.places) if place.open]

    def _chosen(
        self, index: int, model: str, head: Head, *, taken: bool, other: Place | None, later_s: float, alone: bool
    ) -> Choice:
        place, start = self.places[index], self.starts[index]
        offer = place.lane.offers[model]
        load_s = 0.0 if place.tail == model else offer.switch_s
        finish = start + load_s + offer.expected_s * head.work
        return Choice(place, taken, start, load_s, finish, other, later_s, alone)

    def claim(self, choice: Choice, model: str, *, new_request: bool) -> None:
        """Give the chosen lane its job."""
        place = choice.place
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
        place = choice.place
        if place.free:
            place.free -= 1
            heappush(place.ends, choice.finish)
        else:
            heapreplace(place.ends, choice.finish)
        place.planned += 1
        self._hold(place, model)

    def look_far(self) -> None:
        """From now on lanes may be planned on however late they open: for telling people what they wait for."""
        self._horizon_s = sys.float_info.max
        for place in self.places:
            self._refresh(place)

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
        start = max(gate, slot_at)
        stageable = place.stage_free > 0 and slot_at - now <= policy.stage_ahead_s
        place.open = bool(self.usable & bit and gate <= now and place.rate_left > 0 and (place.free > 0 or stageable))
        if place.open or (
            self.usable & bit and place.planned < policy.lookahead * lane.slots and start - now <= self._horizon_s
        ):
            place.start = start
            self.reachable |= bit
        else:
            place.start = inf
            self.reachable &= ~bit
        self.open = self.open | bit if place.open else self.open & ~bit
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
