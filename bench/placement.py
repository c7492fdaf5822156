"""How long placement takes with a long queue, and how good its decisions are beside the known simple policies."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable
from itertools import count
from statistics import median, quantiles
from time import perf_counter

from app.generation.placement import (
    Group,
    Head,
    Kind,
    Lane,
    Occupant,
    Offer,
    OwnerShare,
    Plan,
    Requirement,
    place,
)
from bench.measurement import Row
from bench.placement_simulation import FAIREST, KNOWN, REFERENCE_NODES, Simulation, mixed_load, placement

NOW = 1_000_000.0
CHECKPOINTS = [f"checkpoint-{number}" for number in range(12)]
PROVIDERS = {f"cloud-{number}": [f"cloud-{number}/model-{letter}" for letter in "abc"] for number in range(8)}
SIDES = (512, 768, 1024, 1536)
SEEDS = range(8)

Scene = tuple[list[Group], list[Lane], dict[str, OwnerShare], float]


def run() -> list[Row]:
    """All rows: time of `place` on three states of 100 lanes, then makespan and interactive wait in simulation."""
    return [
        _timed("placement, 10,000 x 100, all lanes idle", scene(busy=0.0), 20.0),
        _timed("placement, 10,000 x 100, a tenth of the lanes free", scene(busy=0.9), 20.0),
        _timed("placement, 10,000 x 100, all lanes busy", scene(busy=1.0), 20.0),
        _timed("what everybody waits for, told for 500 groups", scene(busy=0.9), None, lambda plan: plan.waits),
        *_quality(),
    ]


def scene(
    *, busy: float, seed: int = 1, lanes: int = 100, groups: int = 500, owners: int = 200, heads: int = 20
) -> Scene:
    """A fleet of GPU nodes and cloud accounts, each with its own measured speeds, and a queue of groups x heads jobs.

    busy: the part of the lanes whose slots, staged one included, are all taken.
    """
    rng = random.Random(seed)
    fleet = [_gpu_node(rng, number, busy) for number in range(lanes * 6 // 10)]
    fleet += [_cloud_account(rng, number, busy) for number in range(lanes - len(fleet))]
    models = CHECKPOINTS + [model for offered in PROVIDERS.values() for model in offered]
    numbers = count()
    queue: dict[tuple[str, str, Requirement], Group] = {}
    while len(queue) < groups:
        side = rng.choice(SIDES)
        key = (
            f"owner-{rng.randrange(owners)}",
            rng.choice(models),
            Requirement(side * side, tier=rng.choice([0, 0, 2])),
        )
        row = tuple(_head(rng, next(numbers)) for _ in range(heads))
        queue.setdefault(key, Group(*key, row, heads))
    shares = {
        f"owner-{number}": OwnerShare(
            {kind: rng.uniform(0, 800) for kind in Kind}, {kind: NOW - rng.uniform(0, 300) for kind in Kind}
        )
        for number in range(owners)
    }
    return list(queue.values()), fleet, shares, NOW


def _head(rng: random.Random, number: int) -> Head:
    work = rng.choice([0.5, 1.0, 1.0, 2.0])
    return Head(f"job-{number:05}", number, NOW - rng.uniform(0, 100), work, interactive=rng.random() < 0.2)


def _gpu_node(rng: random.Random, number: int, busy: float) -> Lane:
    slowness = rng.uniform(0.7, 3.0)
    offered = rng.sample(CHECKPOINTS, 8)
    taken = rng.random() < busy
    occupants = (
        Occupant(NOW + rng.uniform(0, 15), rng.choice(offered)),
        Occupant(NOW + rng.uniform(15, 40), rng.choice(offered), staged=True),
    )
    return Lane(
        f"node-{number:03}",
        "comfyui",
        Kind.GPU,
        1,
        {model: Offer(slowness * rng.uniform(3, 20), rng.uniform(3, 15)) for model in offered},
        staged_slots=1,
        occupants=occupants if taken else (),
        loaded_model=rng.choice(offered),
        loaded_at=NOW - rng.uniform(0, 600),
        tier=rng.randrange(4),
        max_pixels=rng.choice([512, 1024, 1536]) ** 2,
    )


def _cloud_account(rng: random.Random, number: int, busy: float) -> Lane:
    provider = rng.choice(sorted(PROVIDERS))
    taken = 4 if rng.random() < busy else 0
    return Lane(
        f"account-{number:03}",
        provider,
        Kind.CLOUD,
        4,
        {model: Offer(rng.uniform(4, 25)) for model in PROVIDERS[provider]},
        occupants=tuple(Occupant(NOW + rng.uniform(0, 20)) for _ in range(taken)),
        tier=2,
    )


def _timed(
    name: str, made: Scene, budget: float | None, then: Callable[[Plan], object] | None = None, rounds: int = 40
) -> Row:
    place(*made)  # the first call pays for caches of the interpreter
    times = []
    gc.collect()
    for _ in range(rounds):
        start = perf_counter()
        plan = place(*made)
        if then is not None:
            start = perf_counter()
            then(plan)
        times.append((perf_counter() - start) * 1000)
    jobs = sum(len(group.heads) for group in made[0])
    note = f"{jobs:,} waiting, {len(made[1])} lanes, {len(plan.assignments)} assigned; best {min(times):.1f} ms"
    return Row(name=name, median=median(times), p95=quantiles(times, n=20)[-1], unit="ms", budget=budget, note=note)


def _quality() -> list[Row]:
    """Makespan and interactive wait on the four reference nodes, mixed load, as parts of the best known policy's."""
    makespans, waits = [], []
    for seed in SEEDS:
        known = {name: Simulation(mixed_load(seed), REFERENCE_NODES, decide).run() for name, decide in KNOWN.items()}
        ours = Simulation(mixed_load(seed), REFERENCE_NODES, placement()).run()
        makespans.append(ours.makespan_s / min(it.makespan_s for it in known.values()))
        waits.append(ours.wait_s(interactive=True) / known[FAIREST].wait_s(interactive=True))
    note = f"{len(SEEDS)} seeded loads, {len(KNOWN)} known policies; simulated"
    return [
        Row(
            name="makespan, four reference nodes, to the best known policy's",
            median=median(makespans),
            p95=quantiles(makespans, n=20)[-1],
            unit="x",
            budget=1.05,
            note=note,
        ),
        Row(
            name="interactive wait, four reference nodes, to the fairest policy's",
            median=median(waits),
            p95=quantiles(waits, n=20)[-1],
            unit="x",
            budget=1.0,
            note=note,
        ),
    ]


if __name__ == "__main__":
    for row in run():
        print(f"{row['name']:70} {row['median']:8.2f} {row['p95']:8.2f} {row['unit']:3} {row['budget']} {row['note']}")
