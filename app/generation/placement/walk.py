"""One plan from the first turn to the last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.generation.placement import reasons
from app.generation.placement.board import Board, Choice
from app.generation.placement.facts import DEFAULT, Group, Lane, OwnerShare, Policy, Requirement
from app.generation.placement.plan import Assignment, Plan, Wait
from app.generation.placement.turns import Line, Turns


def place(
    waiting: Sequence[Group],
    lanes: Sequence[Lane],
    owners: Mapping[str, OwnerShare],
    now: float,
    policy: Policy = DEFAULT,
) -> Plan:
    """Assign waiting heads to lanes.

    waiting: one group per (owner, model, requirement), each job in one group only. lanes: ids are unique.
    owners: an owner who is missing has had nothing yet and has no cap. now: Unix seconds.
    """
    walk = Walk(waiting, lanes, owners, now, policy)
    walk.assign()
    return Plan(walk.assignments, waiting, walk.explain)


class Walk:
    """One walk through the turns: first while a wanted lane is open, later to the end if somebody asks why."""

    def __init__(
        self,
        waiting: Sequence[Group],
        lanes: Sequence[Lane],
        owners: Mapping[str, OwnerShare],
        now: float,
        policy: Policy,
    ) -> None:
        self.now = now
        self.board = Board(lanes, (group.model for group in waiting), now, policy)
        self.turns = Turns(waiting, owners, self.board, now, policy)
        self.assignments: list[Assignment] = []
        self.planned: dict[str, tuple[Choice, int]] = {}
        self._set_aside: list[Line] = []
        self._lines: dict[tuple[str, str, Requirement], Line] | None = None

    def assign(self) -> None:
        while self.turns.wanted & self.board.open:
            line = self.turns.take()
            if line is None:
                return
            self._turn(line)

    def _turn(self, line: Line) -> None:
        head, group, owner, board = line.head, line.group, line.owner, self.board
        if not line.bits & board.reachable:
            self._set_aside.append(line)  # nobody can take this group soon
            return
        if owner.full and head.resume_on is None:
            return
        choice = board.choose(group.model, group.requirement.tier, line.bits, head)
        if choice is None:  # this head's own exclusions; the next one may go
            self._step(line, left=True)
            return
        lane = choice.lane
        if lane.kind is not line.kind:
            # It suits a lane of another kind best, where its owner may have had more: it takes its turn there.
            ahead = owner.share[lane.kind] > owner.share[line.kind]
            line.kind = lane.kind
            if ahead:
                self.turns.put(line)
                return
        charge_s = (choice.finish - choice.start) * head.cost_weight
        owner.charge(lane.kind, charge_s, self.now)
        if not choice.taken:
            self.planned[head.job_id] = (choice, choice.place.planned)
            board.plan(choice, group.model)
            self._step(line, left=True)
            return
        new = head.resume_on is None
        reason = reasons.assigned(choice, group, head)
        self.assignments.append(
            Assignment(
                job_id=head.job_id,
                lane_id=lane.id,
                owner=group.owner,
                kind=lane.kind,
                reason=reason,
                expected_start=choice.start,
                expected_finish=choice.finish,
                staged=choice.place.staging,
                load_s=choice.load_s,
                charge_s=charge_s,
            )
        )
        board.claim(choice, group.model, new_request=new)
        owner.in_flight += new
        self._step(line, left=False)
        if choice.load_s and choice.place.open:
            self.turns.warmed(group.model)

    def _step(self, line: Line, *, left: bool) -> None:
        if left:
            line.left.append(line.head)
        line.advance(self.now)
        self.turns.put(line)

    def _carry_on(self) -> None:
        """Plan for everybody else as well, however late; nothing that is wanted is open any more."""
        self.board.look_far()
        for line in self._set_aside:
            self.turns.put(line)
        while (turn := self.turns.take()) is not None:
            self._turn(turn)

    def explain(self, group: Group) -> Wait | None:
        if self._lines is None:
            self._carry_on()
            self._lines = {_key(line.group): line for line in self.turns.lines}
        line = self._lines.get(_key(group))
        if line is None or (line.over and not line.left):
            return None
        head = line.left[0] if line.left else line.head
        if head.job_id in self.planned:
            choice, ahead = self.planned[head.job_id]
            if choice.other is not None:
                return reasons.better(choice, self.board, group, head)
            return reasons.planned(choice, self.board, group, head, ahead)
        if head.not_before > self.now:
            return reasons.not_yet(head)
        owner = line.owner
        if owner.full and owner.cap is not None and head.resume_on is None:
            return reasons.capped(head, owner.cap)
        return reasons.stuck(self.board, group, head)


def _key(group: Group) -> tuple[str, str, Requirement]:
    return (group.owner, group.model, group.requirement)
