"""One figure of the benchmark: a median with its spread, beside the budget it is held against."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median, quantiles
from typing import TypedDict


class Row(TypedDict):
    """budget: what the figure should stay under (or over, for rates: `more_is_better`); None where there is none."""

    name: str
    median: float
    p95: float
    unit: str
    budget: float | None
    note: str


def row(name: str, samples: Sequence[float], unit: str, *, budget: float | None = None, note: str = "") -> Row:
    """A row from samples in their unit."""
    p95 = quantiles(samples, n=20)[-1] if len(samples) > 1 else samples[0]
    return Row(name=name, median=median(samples), p95=p95, unit=unit, budget=budget, note=note)
