"""All lanes while a plan is made, and which of them suits a job best.

Lanes are told apart by bits, so that "can anybody here take this group?" is one `&` however many lanes there are. Only
a group that can be taken is measured, over all lanes at once.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import inf
from operator import itemgetter
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


class _Offering:
    """The lanes that offer one model, with the numbers of their offers side by side."""

    def __init__(self, model: str, places: Sequence[Place]) -> None:
        offers = [place.lane.offers[model] for place in places]
        indexes = [place.index for place in places]
        self.model = model
        self.places = places
        self.position = {index: at for at, index in enumerate(indexes)}
        self.switches_s = [offer.switch_s for offer in offers]
        self._expected_s = [offer.expected_s for offer in offers]
        self._gather = itemgetter(*indexes)
        self._seconds: dict[float, list[float]] = {}
        self._penalties: dict[tuple[int, int], list[float]] = {}

    def gather(self, numbers: Sequence[float]) -> Sequence[float]:
        """The lanes' entries of a list over all lanes."""
        found = self._gather(numbers)
        return (found,) if len(self.places) == 1 else found  # one item alone comes bare

    def seconds(self, work: float) -> list[float]:
        """How long `work` takes on each, loading the model included."""
        found = self._seconds.get(work)
        if found is None:
            pairs = zip(self._expected_s, self.switches_s, strict=True)
            found = self._seconds[work] = [expected_s * work + switch_s for expected_s, switch_s in pairs]
        return found

    def penalties(self, bits: int, tier: int, step_s: float) -> list[float]:
        """What speaks against each: being below the tier; not being in `bits` is infinitely bad."""
        found = self._penalties.get((bits, tier))
        if found is None:
            found = [max(tier - it.lane.tier, 0) * step_s if it.bit & bits else inf for it in self.places]
            self._penalties[bits, tier] = found
        return found


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
        offering: dict[str, list[Place]] = defaultdict(list)
        for place in self.places:
            self._index(place, offering)
            self._refresh(place)
        self._offering = {model: _Offering(model, places) for model, places in offering.items()}
        self.longest_switch_s = max(self.switch_s.values(), default=0.0)

    def _index(self, place: Place, offering: dict[str, list[Place]]) -> None:
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
            offering[model].append(place)
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
        offering = self._offering[model]
        places = offering.places
        costs = self._costs(offering, tier, bits, head)
        score = min(costs, default=inf)
        if score == inf:
            return None
        best = costs.index(score)
        alone = bits.bit_count() == 1
        if not places[best].open:
            opens = [at for at, place in enumerate(places) if place.open]
            open_best = min(opens, key=costs.__getitem__, default=best)
            open_score = costs[open_best]
            if open_best == best or open_score == inf:
                return self._chosen(places[best], model, head, taken=False, other=None, later_s=inf, alone=alone)
            wait_s = self._starts[places[best].index] - self.now
            gain_s = max(self.policy.gain_s, self.policy.gain_ratio * wait_s)
            if wait_s <= self.policy.wait_for_better_s and score + gain_s < open_score:
                other, later_s = places[open_best], open_score - score
                return self._chosen(places[best], model, head, taken=False, other=other, later_s=later_s, alone=alone)
            best, score = open_best, open_score
        costs[best] = inf
        second = min(costs)
        runner_up = None if second == inf else places[costs.index(second)]
        return self._chosen(places[best], model, head, taken=True, other=runner_up, later_s=second - score, alone=alone)

    def _costs(self, offering: _Offering, tier: int, bits: int, head: Head) -> list[float]:
        """For every lane that offers the model, when it would have the head done, plus what speaks against it;
        infinite where it cannot.

        Placement spends most of its time here, so it adds ready-made lists and asks nothing lane by lane.
        """
        seconds = offering.seconds(head.work)
        penalties = offering.penalties(bits, tier, self.policy.tier_step_s)
        starts = offering.gather(self._cold_starts)
        costs = [a + b + c for a, b, c in zip(starts, seconds, penalties, strict=True)]
        for index in self._holders[offering.model]:
            at = offering.position.get(index)
            if at is not None:
                costs[at] = self._starts[index] + seconds[at] - offering.switches_s[at] + penalties[at]
        if head.resume_on is not None:
            only = head.resume_on
            return [cost if it.lane.id == only else inf for cost, it in zip(costs, offering.places, strict=True)]
        if head.excluded_lanes:
            excluded = head.excluded_lanes
            return [inf if it.lane.id in excluded else cost for cost, it in zip(costs, offering.places, strict=True)]
        return costs

    def _chosen(
        self, place: Place, model: str, head: Head, *, taken: bool, other: Place | None, later_s: float, alone: bool
    ) -> Choice:
        start = self._starts[place.index]
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
