"""All lanes while a plan is made, and which of them suits a job best.

Lanes are told apart by bits, so that "can anybody here take this group?" is one `&` however many lanes there are. Only
a group that can be taken is measured, over all lanes at once.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import inf
from typing import NamedTuple

from app.generation.placement.facts import Head, Kind, Lane, Policy, Requirement
from app.generation.placement.places import Place


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
    """The lanes by number, in the order of their ids.

    open: bits of those that can be given a job now. reachable: of those and the busy ones a job may wait for.
    warm: by model, bits of the open ones that hold it and may go on with it.
    """

    def __init__(self, lanes: Sequence[Lane], wanted_models: Iterable[str], now: float, policy: Policy) -> None:
        self.now = now
        self.policy = policy
        self.wanted = frozenset(wanted_models)
        self.lanes = tuple(sorted(lanes, key=lambda lane: lane.id))
        self.places = [Place(lane, index, now) for index, lane in enumerate(self.lanes)]
        self.open = 0
        self.reachable = 0
        self.usable = 0
        self.by_kind: dict[Kind, int] = defaultdict(int)
        self.by_model: dict[str, int] = defaultdict(int)
        self.by_id: dict[str, int] = {}
        self.warm: dict[str, int] = defaultdict(int)
        self.switch_s: dict[str, float] = defaultdict(float)
        self._equivalent: dict[str, int] = defaultdict(int)
        self._alike: dict[tuple[int | None, int | None, frozenset[str]], int] = defaultdict(int)
        self._fitting: dict[Requirement, int] = {}
        # Nobody waits longer than that while something is open, so planning further would be work for nothing.
        self._horizon_s = policy.wait_for_better_s
        self._starts = [inf] * len(self.lanes)
        self._cold_starts = [inf] * len(self.lanes)  # for a model that the lane does not hold
        self._holders: dict[str | None, set[int]] = defaultdict(set)
        self._seconds: dict[tuple[str, float], list[float]] = {}
        self._penalties: dict[tuple[int, int], list[float]] = {}
        self._opens_of: tuple[int, list[int]] = (0, [])
        for place in self.places:
            self._index(place)
            self._refresh(place)
        self.longest_switch_s = max(self.switch_s.values(), default=0.0)

    def _index(self, place: Place) -> None:
        lane, bit = place.lane, place.bit
        self.by_id[lane.id] = bit
        self.by_kind[lane.kind] |= bit
        self._alike[lane.max_pixels, lane.memory_mib, lane.features] |= bit
        self._holders[place.tail].add(place.index)
        if place.usable:
            self.usable |= bit
        for model in self.wanted & lane.offers.keys():
            offer = lane.offers[model]
            self.by_model[model] |= bit
            if offer.equivalent:
                self._equivalent[model] |= bit
            self.switch_s[model] = max(self.switch_s[model], offer.switch_s)

    def fitting(self, model: str, requirement: Requirement) -> int:
        """The bits of the lanes, usable or not, that offer the model and satisfy the requirement."""
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

    def choose(self, model: str, tier: int, bits: int, head: Head) -> Choice | None:
        """The lane of `bits` that would have the head done earliest, loading its model included; None when none can.

        An open lane is passed over for a busy one only when that one opens soon and gains enough (see `Policy`).
        Jobs that wait are planned on their lane like placed ones, so the next head sees it busier: that is why lanes
        idle only as long as waiting is truly better.
        """
        costs = self._costs(model, tier, bits, head)
        score = min(costs, default=inf)
        if score == inf:
            return None
        best = costs.index(score)
        alone = bits.bit_count() == 1
        if not self.places[best].open:
            open_best = min(self._opens(), key=costs.__getitem__, default=best)
            open_score = costs[open_best]
            if open_best == best or open_score == inf:
                return self._chosen(best, model, head, taken=False, other=None, later_s=inf, alone=alone)
            wait_s = self._starts[best] - self.now
            gain_s = max(self.policy.gain_s, self.policy.gain_ratio * wait_s)
            if wait_s <= self.policy.wait_for_better_s and score + gain_s < open_score:
                other, later_s = self.places[open_best], open_score - score
                return self._chosen(best, model, head, taken=False, other=other, later_s=later_s, alone=alone)
            best, score = open_best, open_score
        costs[best] = inf
        second = min(costs)
        runner_up = None if second == inf else self.places[costs.index(second)]
        return self._chosen(best, model, head, taken=True, other=runner_up, later_s=second - score, alone=alone)

    def _costs(self, model: str, tier: int, bits: int, head: Head) -> list[float]:
        """For every lane, when it would have the head done plus what speaks against it; infinite where it cannot.

        Placement spends most of its time here, so it adds ready-made lists and asks nothing lane by lane.
        """
        seconds = self._seconds.get((model, head.work))
        if seconds is None:
            offers = [lane.offers.get(model) for lane in self.lanes]
            seconds = [inf if offer is None else offer.expected_s * head.work + offer.switch_s for offer in offers]
            self._seconds[model, head.work] = seconds
        penalties = self._penalties.get((bits, tier))
        if penalties is None:
            step_s = self.policy.tier_step_s
            penalties = [max(tier - it.lane.tier, 0) * step_s if it.bit & bits else inf for it in self.places]
            self._penalties[bits, tier] = penalties
        costs = [a + b + c for a, b, c in zip(self._cold_starts, seconds, penalties, strict=True)]
        for index in self._holders[model]:
            if (offer := self.lanes[index].offers.get(model)) is not None:
                costs[index] = self._starts[index] + seconds[index] - offer.switch_s + penalties[index]
        if head.resume_on is not None:
            return [cost if lane.id == head.resume_on else inf for cost, lane in zip(costs, self.lanes, strict=True)]
        if head.excluded_lanes:
            excluded = head.excluded_lanes
            return [inf if lane.id in excluded else cost for cost, lane in zip(costs, self.lanes, strict=True)]
        return costs

    def _opens(self) -> list[int]:
        """The numbers of the open lanes; kept, as many heads may come between two changes."""
        if self._opens_of[0] != self.open:
            self._opens_of = (self.open, [place.index for place in self.places if place.open])
        return self._opens_of[1]

    def _chosen(
        self, index: int, model: str, head: Head, *, taken: bool, other: Place | None, later_s: float, alone: bool
    ) -> Choice:
        place, start = self.places[index], self._starts[index]
        offer = place.lane.offers[model]
        load_s = 0.0 if place.tail == model else offer.switch_s
        finish = start + load_s + offer.expected_s * head.work
        return Choice(place, taken, start, load_s, finish, other, later_s, alone)

    def claim(self, choice: Choice, model: str, *, new_request: bool) -> None:
        """Give the chosen lane its job."""
        place = choice.place
        place.stage_free -= place.staging
        place.rate_left -= new_request
        self._seat(choice, model)

    def plan(self, choice: Choice, model: str) -> None:
        """Let a job that waits count on the chosen lane."""
        choice.place.planned += 1
        self._seat(choice, model)

    def look_far(self) -> None:
        """From now on lanes may be planned on however late they open: for telling people what they wait for."""
        self._horizon_s = sys.float_info.max
        for place in self.places:
            self._refresh(place)

    def _seat(self, choice: Choice, model: str) -> None:
        place = choice.place
        if place.tail != model:
            self._holders[place.tail].discard(place.index)
            self._holders[model].add(place.index)
            if place.tail is not None:
                self.warm[place.tail] &= ~place.bit
        place.seat(model, choice.finish)
        self._refresh(place)

    def _refresh(self, place: Place) -> None:
        """Note when the lane opens next, whether it is open, and what unloading its model would cost others."""
        policy, bit = self.policy, place.bit
        start = place.opens_at()
        place.open = place.is_open(policy)
        awaited = place.usable and place.planned < policy.lookahead * place.lane.slots
        if place.open or (awaited and start - self.now <= self._horizon_s):
            self.reachable |= bit
        else:
            self.reachable &= ~bit
            start = inf
        self.open = self.open | bit if place.open else self.open & ~bit
        self._starts[place.index] = self._cold_starts[place.index] = start
        tail = place.tail
        offer = place.lane.offers.get(tail) if tail is not None and tail in self.wanted else None
        if tail is None or offer is None or offer.switch_s <= 0:
            return
        self._cold_starts[place.index] = start + policy.eviction * offer.switch_s
        batch_s = policy.batch_switches * offer.switch_s
        goes_on = place.tail_since is None or self.now - place.tail_since <= batch_s
        if place.open and goes_on:
            self.warm[tail] |= bit
        else:
            self.warm[tail] &= ~bit
