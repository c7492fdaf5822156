"""A discrete-event simulation of lanes, to compare placement with the simple policies people use instead.

Time is simulated, so minutes of GPU work take milliseconds. Policies see what they would see in the product: expected
seconds, never how long a job will really take. Four reference nodes: 16 GB premium, 8 GB quality, 12 GB standard and
4 GB draft, which runs SD 1.5 only.
"""

from __future__ import annotations

import heapq
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from app.generation.fairness import Meter
from app.generation.placement import (
    DEFAULT,
    Group,
    Head,
    Kind,
    Lane,
    Occupant,
    Offer,
    OwnerShare,
    Policy,
    Requirement,
    place,
)

HEADS_PER_GROUP = 20
TICK_S = 2.0

REFERENCE_NODES = (
    Lane(
        "studio",
        "comfyui",
        Kind.GPU,
        1,
        {"sd15": Offer(3.0, 3.0), "sdxl": Offer(8.0, 6.0), "flux": Offer(14.0, 12.0)},
        staged_slots=1,
        tier=3,
        max_pixels=1536 * 1536,
        memory_mib=16_384,
    ),
    Lane(
        "attic",
        "comfyui",
        Kind.GPU,
        1,
        {"sd15": Offer(4.0, 3.0), "sdxl": Offer(12.0, 7.0)},
        staged_slots=1,
        tier=2,
        max_pixels=1024 * 1024,
        memory_mib=8_192,
    ),
    Lane(
        "north",
        "comfyui",
        Kind.GPU,
        1,
        {"sd15": Offer(6.0, 4.0), "sdxl": Offer(18.0, 9.0), "flux": Offer(30.0, 22.0)},
        staged_slots=1,
        tier=1,
        max_pixels=1024 * 1024,
        memory_mib=12_288,
    ),
    Lane(
        "spare",
        "comfyui",
        Kind.GPU,
        1,
        {"sd15": Offer(12.0, 6.0)},
        staged_slots=1,
        tier=0,
        max_pixels=512 * 512,
        memory_mib=4_096,
    ),
)


@dataclass(eq=False)
class Job:
    """luck: what its real seconds are of the expected ones."""

    id: str
    owner: str
    model: str
    arrives: float
    pixels: int = 512 * 512
    work: float = 1.0
    interactive: bool = False
    luck: float = 1.0
    lane: str | None = None
    started: float | None = None
    ended: float | None = None
    charged_s: float = 0.0
    charged_at: float = 0.0

    @property
    def wait_s(self) -> float:
        assert self.started is not None, f"{self.id} never started"
        return self.started - self.arrives


@dataclass(eq=False)
class Node:
    lane: Lane
    loaded: str | None = None
    loaded_at: float = 0.0
    running: list[tuple[Job, float]] = field(default_factory=list)
    staged: list[Job] = field(default_factory=list)
    busy_s: float = 0.0

    @property
    def free(self) -> bool:
        return len(self.running) < self.lane.slots

    def can_run(self, job: Job) -> bool:
        fits = self.lane.max_pixels is None or job.pixels <= self.lane.max_pixels
        return fits and job.model in self.lane.offers

    def expected_s(self, job: Job) -> float:
        offer = self.lane.offers[job.model]
        return offer.expected_s * job.work + (0.0 if self.loaded == job.model else offer.switch_s)


#: Called with the waiting jobs (oldest first), the nodes and the time; answers which job goes where.
Decide = Callable[["Simulation"], Sequence[tuple[Job, Node]]]


class Simulation:
    """Runs `jobs` on `lanes` under `decide`, until all are done."""

    def __init__(self, jobs: Sequence[Job], lanes: Sequence[Lane], decide: Decide) -> None:
        self.now = 0.0
        self.nodes = [Node(lane, lane.loaded_model) for lane in lanes]
        self.waiting: list[Job] = []
        self.done: list[Job] = []
        self.meters: dict[tuple[str, Kind], Meter] = defaultdict(Meter)
        self.served_at: dict[tuple[str, Kind], float] = {}
        self.in_flight: dict[str, int] = defaultdict(int)
        self.switches = 0
        self._decide = decide
        self._numbers = count()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._total = len(jobs)
        for job in jobs:
            self._at(job.arrives, partial(self.waiting.append, job))

    def run(self) -> Simulation:
        self._at(0.0, self._tick)
        while len(self.done) < self._total:
            self.now, _, event = heapq.heappop(self._events)
            event()
            if self._events and self._events[0][0] == self.now:
                continue  # all that happens at one moment is one decision
            for job, node in self._decide(self):
                self._accept(job, node)
        return self

    @property
    def makespan_s(self) -> float:
        return max(job.ended or 0.0 for job in self.done)

    def wait_s(self, *, interactive: bool) -> float:
        """Mean seconds from arrival to start."""
        waits = [job.wait_s for job in self.done if job.interactive is interactive]
        return sum(waits) / len(waits)

    def _at(self, moment: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._numbers), event))

    def _tick(self) -> None:
        self._at(self.now + TICK_S, self._tick)

    def _accept(self, job: Job, node: Node) -> None:
        assert job in self.waiting, f"{job.id} was placed twice"
        assert node.can_run(job), f"{node.lane.id} cannot run {job.id}"
        self.waiting.remove(job)
        self.in_flight[job.owner] += 1
        job.lane = node.lane.id
        if node.free:
            self._start(job, node)
        else:
            assert len(node.staged) < node.lane.staged_slots, f"{node.lane.id} is full"
            node.staged.append(job)

    def _start(self, job: Job, node: Node) -> None:
        expected = node.expected_s(job)
        if node.loaded != job.model:
            node.loaded, node.loaded_at = job.model, self.now
            self.switches += 1
        real = expected * job.luck
        job.started = self.now
        node.busy_s += real
        node.running.append((job, self.now + expected))
        self._at(self.now + real, lambda: self._end(job, node))

    def _end(self, job: Job, node: Node) -> None:
        job.ended = self.now
        node.running = [entry for entry in node.running if entry[0] is not job]
        self.done.append(job)
        self.in_flight[job.owner] -= 1
        key = (job.owner, node.lane.kind)
        self.served_at[key] = self.now
        used = self.now - (job.started or 0.0)
        self.meters[key] = self.meters[key].settle(job.charged_s, job.charged_at, used, self.now)
        if node.staged and node.free:
            self._start(node.staged.pop(0), node)


def placement(policy: Policy = DEFAULT) -> Decide:
    """The product's own placement, fed as the engine feeds it."""

    def decide(sim: Simulation) -> list[tuple[Job, Node]]:
        jobs = {job.id: job for job in sim.waiting}
        nodes = {node.lane.id: node for node in sim.nodes}
        plan = place(_groups(sim.waiting), [_lane(node, sim.now) for node in sim.nodes], _shares(sim), sim.now, policy)
        for assignment in plan.assignments:
            job, key = jobs[assignment.job_id], (assignment.owner, assignment.kind)
            job.charged_s, job.charged_at = assignment.charge_s, sim.now
            sim.meters[key] = sim.meters[key].charge(assignment.charge_s, sim.now)
        return [(jobs[a.job_id], nodes[a.lane_id]) for a in plan.assignments]

    return decide


def _groups(waiting: Sequence[Job]) -> list[Group]:
    grouped: dict[tuple[str, str, int], list[Job]] = defaultdict(list)
    for job in waiting:
        grouped[job.owner, job.model, job.pixels].append(job)
    return [
        Group(
            owner,
            model,
            Requirement(pixels=pixels),
            tuple(
                Head(job.id, job.arrives, job.arrives, job.work, interactive=job.interactive)
                for job in jobs[:HEADS_PER_GROUP]
            ),
            len(jobs),
        )
        for (owner, model, pixels), jobs in grouped.items()
    ]


def _lane(node: Node, now: float) -> Lane:
    occupants = [Occupant(end, job.model) for job, end in node.running]
    end = min((end for _, end in node.running), default=now)
    for job in node.staged:
        end = max(end, now) + node.expected_s(job)
        occupants.append(Occupant(end, job.model, staged=True))
    it = node.lane
    return Lane(
        it.id,
        it.provider,
        it.kind,
        it.slots,
        it.offers,
        it.name,
        it.staged_slots,
        tuple(occupants),
        node.loaded,
        node.loaded_at,
        tier=it.tier,
        max_pixels=it.max_pixels,
        memory_mib=it.memory_mib,
    )


def _shares(sim: Simulation) -> dict[str, OwnerShare]:
    working = {
        (job.owner, node.lane.kind) for node in sim.nodes for job in [*node.staged, *(job for job, _ in node.running)]
    }
    shares = {}
    for owner in {job.owner for job in sim.waiting}:
        consumed = {kind: sim.meters[owner, kind].read(sim.now) for kind in Kind if (owner, kind) in sim.meters}
        served = {kind: sim.served_at[owner, kind] for kind in Kind if (owner, kind) in sim.served_at}
        served |= {kind: sim.now for kind in Kind if (owner, kind) in working}
        shares[owner] = OwnerShare(consumed, served, in_flight=sim.in_flight[owner])
    return shares


def _greedy(pick: Callable[[Simulation, list[Job], list[Node]], tuple[Job, Node] | None]) -> Decide:
    """A policy that gives free nodes one job after the other."""

    def decide(sim: Simulation) -> list[tuple[Job, Node]]:
        jobs, free, given = list(sim.waiting), [node for node in sim.nodes if node.free], []
        while jobs and free and (pair := pick(sim, jobs, free)) is not None:
            given.append(pair)
            jobs.remove(pair[0])
            free.remove(pair[1])
        return given

    return decide


def _oldest_with(
    order: Callable[[Job], tuple[float, ...]], choose: Callable[[Job, Node], float]
) -> Callable[[Simulation, list[Job], list[Node]], tuple[Job, Node] | None]:
    def pick(_: Simulation, jobs: list[Job], free: list[Node]) -> tuple[Job, Node] | None:
        for job in sorted(jobs, key=order):
            able = [node for node in free if node.can_run(job)]
            if able:
                return job, min(able, key=lambda node: choose(job, node))
        return None

    return pick


def _shortest(_: Simulation, jobs: list[Job], free: list[Node]) -> tuple[Job, Node] | None:
    pairs = [(job, node) for job in jobs for node in free if node.can_run(job)]
    return min(pairs, key=lambda pair: pair[1].expected_s(pair[0]), default=None)


def _sticky(_: Simulation, jobs: list[Job], free: list[Node]) -> tuple[Job, Node] | None:
    for node in free:
        able = [job for job in jobs if node.can_run(job)]
        warm = [job for job in able if job.model == node.loaded]
        if able:
            return (warm or able)[0], node
    return None


def _owners_in_turn(sim: Simulation, jobs: list[Job], free: list[Node]) -> tuple[Job, Node] | None:
    """Round robin: the owner who was served longest ago goes next, on the fastest free node."""
    last: dict[str, float] = defaultdict(lambda: -1.0)
    for node in sim.nodes:
        for job, _ in node.running:
            last[job.owner] = max(last[job.owner], job.started or 0.0)
    for job in sim.done:
        last[job.owner] = max(last[job.owner], job.started or 0.0)
    for owner in {job.owner for job in set(sim.waiting) - set(jobs)}:  # given a node a moment ago
        last[owner] = sim.now
    return _oldest_with(lambda job: (last[job.owner], job.arrives), lambda job, node: node.expected_s(job))(
        sim, jobs, free
    )


def _earliest_finish(sim: Simulation) -> list[tuple[Job, Node]]:
    """Oldest first, each to the node that would finish it first, busy ones included; only starts on free ones."""
    opens = {node.lane.id: max([sim.now, *(end for _, end in node.running)]) for node in sim.nodes}
    loaded = {node.lane.id: node.loaded for node in sim.nodes}
    free = {node.lane.id for node in sim.nodes if node.free}
    given = []
    for job in sim.waiting:
        if not free:
            break
        able = [node for node in sim.nodes if node.can_run(job)]

        def finish(node: Node, job: Job = job) -> float:
            offer = node.lane.offers[job.model]
            load = 0.0 if loaded[node.lane.id] == job.model else offer.switch_s
            return opens[node.lane.id] + load + offer.expected_s * job.work

        best = min(able, key=finish)
        opens[best.lane.id], loaded[best.lane.id] = finish(best), job.model
        if best.lane.id in free:
            free.remove(best.lane.id)
            given.append((job, best))
    return given


#: The policies of schedulers in use and of the textbooks; `owners in turn` is the fairest of them.
FAIREST = "owners in turn"
KNOWN: dict[str, Decide] = {
    "first free": _greedy(_oldest_with(lambda job: (job.arrives,), lambda job, node: 0.0)),
    "fastest free": _greedy(_oldest_with(lambda job: (job.arrives,), lambda job, node: node.expected_s(job))),
    "least loaded": _greedy(_oldest_with(lambda job: (job.arrives,), lambda job, node: node.busy_s)),
    "shortest first": _greedy(_shortest),
    "sticky model": _greedy(_sticky),
    "earliest finish": _earliest_finish,
    FAIREST: _greedy(_owners_in_turn),
}


def mixed_load(seed: int) -> list[Job]:
    """Two people's big batches, one pipeline and three people who click now and then, about twenty minutes of work."""
    rng = random.Random(seed)
    numbers = count()
    jobs: list[Job] = []

    def add(owner: str, model: str, arrives: float, *, interactive: bool = False) -> None:
        side = 512 if model == "sd15" else 1536 if model == "flux" and rng.random() < 0.15 else 1024
        luck = min(max(rng.lognormvariate(0.0, 0.12), 0.7), 1.6)
        name = f"job-{next(numbers):04}"
        jobs.append(Job(name, owner, model, arrives, side * side, interactive=interactive, luck=luck))

    for _ in range(rng.randint(50, 70)):
        add("ada", rng.choice(["sdxl", "sdxl", "flux"]), 0.0)
    for _ in range(rng.randint(60, 90)):
        add("ben", "sd15", 20.0)
    for index in range(rng.randint(25, 40)):
        add("cleo", "sdxl", 40.0 + 5.0 * index)
    for owner in ("dora", "emil", "fay"):
        moment = rng.uniform(5.0, 40.0)
        while moment < 420.0:
            for _ in range(rng.choice([1, 1, 2, 4])):
                add(owner, rng.choice(["sd15", "sdxl", "flux"]), moment, interactive=True)
            moment += rng.expovariate(1 / 60.0)
    return jobs
