"""Whose turn it is: groups in the fair order of their owners.

A turn goes, in this order, to

1. work that is already at a provider and only has to be followed again;
2. an owner who starves: waits and got no lane of this kind for `starving_s`, longest first;
3. the owner with the smallest share: weighted lane-seconds had lately, divided by the owner's weight. A watched job
   gets a head start of `interactive_s`. A group whose model is warm on an open lane gets one worth the saved switches,
   so lanes are worked through in batches; so does any group of an owner whom nobody served for `rested_s`, so that a
   newcomer never waits for somebody's batch;
4. on equal shares the warm group, then the smaller position, then the smaller job id.

Each job given or planned is charged to its owner at once, so the next turn sees it: two equal owners alternate. Groups
stand in a heap under the key they had when they were pushed; keys mostly grow (shares only do), so a group is checked
when it surfaces and pushed back if it has grown. Keys that shrink, when a lane becomes warm, are pushed anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import count
from math import inf

from app.generation.placement.board import Board
from app.generation.placement.facts import Group, Head, Kind, OwnerShare, Policy

#: rank; share or moment; cold; position; job id. Compared left to right, smallest first.
Key = tuple[int, float, bool, float, str]

_NOBODY = OwnerShare()


class Owner:
    """One owner's standing while a plan is made."""

    __slots__ = ("cap", "groups", "id", "in_flight", "rush", "served", "share", "turns", "weight")

    def __init__(self, owner_id: str, share: OwnerShare) -> None:
        self.id = owner_id
        self.weight = share.weight
        self.in_flight = share.in_flight
        self.cap = share.in_flight_cap
        self.share = {kind: share.consumed.get(kind, 0.0) / share.weight for kind in Kind}
        self.served = {kind: share.served_at.get(kind, -inf) for kind in Kind}
        self.rush: list[Line] = []
        self.turns = 0

    @property
    def full(self) -> bool:
        return self.cap is not None and self.in_flight >= self.cap

    def charge(self, kind: Kind, seconds: float, now: float) -> None:
        self.turns += 1
        self.share[kind] += seconds / self.weight
        self.served[kind] = max(now, self.served[kind])


class Line:
    """A group's heads in a row. bits: the lanes that could take them. head: the next one, unless the line is `over`.
    left: heads passed over, because they may not start yet or have to wait."""

    __slots__ = ("bits", "entry", "group", "head", "index", "kind", "left", "over", "owner", "stamp")

    def __init__(self, group: Group, owner: Owner, bits: int, kind: Kind, now: float) -> None:
        self.group = group
        self.owner = owner
        self.bits = bits
        self.kind = kind
        self.index = -1
        self.head: Head = group.heads[0]
        self.over = False
        self.left: list[Head] = []
        self.entry: Key | None = None
        self.stamp = 0
        self.advance(now)

    def advance(self, now: float) -> None:
        """Step to the next head that may start by now."""
        heads = self.group.heads
        self.index += 1
        while self.index < len(heads) and heads[self.index].not_before > now:
            self.left.append(heads[self.index])
            self.index += 1
        self.over = self.index == len(heads)
        if not self.over:
            self.head = heads[self.index]


class Turns:
    """Every group with a head that may start, handed out in fair order by `take`."""

    def __init__(
        self, waiting: Sequence[Group], owners: Mapping[str, OwnerShare], board: Board, now: float, policy: Policy
    ) -> None:
        self.board = board
        self.now = now
        self.policy = policy
        self.owners: dict[str, Owner] = {}
        self.lines: list[Line] = []
        self.wanted = 0
        self._by_model: dict[str, list[Line]] = defaultdict(list)
        self._heap: list[tuple[Key, int, Line]] = []
        self._pushes = count()  # so that two stands of one line never compare the lines themselves
        for group in waiting:
            if group.heads:
                self._stand(group, owners)
        heapify(self._heap)

    def _stand(self, group: Group, owners: Mapping[str, OwnerShare]) -> None:
        owner = self.owners.get(group.owner)
        if owner is None:
            owner = self.owners[group.owner] = Owner(group.owner, owners.get(group.owner, _NOBODY))
        bits = self.board.fitting(group.model, group.requirement) & self.board.usable
        line = Line(group, owner, bits, self._kind(bits, owner), self.now)
        self.lines.append(line)
        if line.over or not bits:
            return
        self.wanted |= bits
        self._by_model[group.model].append(line)
        self._heap.append(self._entry(line))

    def _entry(self, line: Line) -> tuple[Key, int, Line]:
        if line.head.run_next and line not in line.owner.rush:
            line.owner.rush.append(line)
        line.entry = self._key(line)
        line.stamp = line.owner.turns
        return (line.entry, next(self._pushes), line)

    def _kind(self, bits: int, owner: Owner) -> Kind:
        """Where a group stands in line: among the kinds it could run on, the one its owner has had least of."""
        kinds = [kind for kind, lanes in self.board.by_kind.items() if bits & lanes]
        return kinds[0] if len(kinds) == 1 else min(kinds, key=lambda kind: owner.share[kind], default=Kind.GPU)

    def _key(self, line: Line) -> Key:
        head, owner, kind, policy = line.head, line.owner, line.kind, self.policy
        if head.resume_on is not None:
            return (0, head.waiting_since, False, head.order, head.job_id)
        served = owner.served[kind]
        hungry_since = max(head.waiting_since, served)
        if self.now - hungry_since > policy.starving_s:
            return (1, hungry_since, False, head.order, head.job_id)
        share = owner.share[kind]
        if head.interactive:
            share -= policy.interactive_s
        model = line.group.model
        warm = bool(line.bits & self.board.warm.get(model, 0))
        if self.now - served > policy.rested_s:
            share -= policy.stickiness * self.board.longest_switch_s
        elif warm:
            share -= policy.stickiness * self.board.switch_s[model]
        return (2, share, not warm, head.order, head.job_id)

    def take(self) -> Line | None:
        """The group whose turn it is, out of the line until `put` back; None when nobody is left."""
        heap = self._heap
        while heap:
            entry, _, line = heappop(heap)
            if entry is not line.entry:
                continue  # an older stand of the same group
            if line.stamp != line.owner.turns or not entry[2]:  # otherwise nothing in its key has changed
                key = self._key(line)
                if key > entry:
                    self.put(line)
                    continue
            line.entry = None
            return self._rushed(line)
        return None

    def _rushed(self, line: Line) -> Line:
        """The same owner's turn, given to the job they asked to run next if there is one of this kind."""
        head = line.head
        rush = line.owner.rush
        if not rush or head.run_next or head.resume_on is not None:
            return line
        waiting = [
            other
            for other in rush
            if other.entry is not None
            and other.head.run_next
            and other.kind == line.kind
            and other.bits & self.board.open
        ]
        if not waiting:
            return line
        first = min(waiting, key=_position)
        first.entry = None
        self.put(line)
        return first

    def put(self, line: Line) -> None:
        """Stand in line again, with the next head or under another kind."""
        if not line.over:
            heappush(self._heap, self._entry(line))

    def warmed(self, model: str) -> None:
        """A lane has become warm with `model` and is still open: its groups may move up."""
        for line in self._by_model[model]:
            if line.entry is not None and line.entry[2]:
                self.put(line)


def _position(line: Line) -> tuple[float, str]:
    return (line.head.order, line.head.job_id)
