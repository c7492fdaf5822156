"""Counting is arithmetic; expanding is quick."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from app.prompts.count import count
from app.prompts.expand import How, sample
from app.prompts.grammar import parse
from app.prompts.plan import plan
from bench.measurement import Row, row

HUGE = "a {a|b|c|d|e|f|g|h|i|j} " * 12
PLAIN = "a {red|green|blue} fox, {dawn|dusk} light"


def run() -> list[Row]:
    huge, plain = parse(HUGE), parse(PLAIN)
    planned = plan(huge)
    return [
        row("macro count, 3 x 2", _times(lambda: count(plan(plain))), "ms", budget=1),
        row("macro count, 10^12 combinations", _times(lambda: count(plan(huge))), "ms", budget=1),
        row("macro parse and count, 10^12, as while typing", _times(lambda: count(plan(parse(HUGE)))), "ms"),
        row(
            "expansion of 10,000 prompts, spread evenly",
            _times(lambda: sample(planned, 10_000, How.EVEN), rounds=7),
            "ms",
            budget=200,
        ),
        row(
            "expansion of 10,000 prompts, at random",
            _times(lambda: sample(planned, 10_000, How.RANDOM, seed=1), rounds=7),
            "ms",
            budget=200,
        ),
    ]


def _times(work: Callable[[], object], rounds: int = 50) -> list[float]:
    work()
    found = []
    for _ in range(rounds):
        start = perf_counter()
        work()
        found.append((perf_counter() - start) * 1000)
    return found
