"""A bar for each period, as rectangles in a box of 100 by 100 that the page stretches to its width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.billing.spending import Line
from app.money import ZERO

# Of a period's width; the rest is the gap to the next.
_FILLED = Decimal("0.7")


@dataclass(frozen=True, slots=True)
class Bar:
    """x, width, and heights above the ground: of all, and of the part on one's own keys, which stands below."""

    begins: date
    amount: Decimal
    x: Decimal
    width: Decimal
    height: Decimal
    own_height: Decimal


@dataclass(frozen=True, slots=True)
class Chart:
    bars: list[Bar]
    top: Decimal

    @property
    def highest(self) -> Bar:
        return max(self.bars, key=lambda bar: bar.amount)


def chart_of(lines: Sequence[Line], periods: Sequence[date]) -> Chart:
    """periods: at least one, in order. The dearest reaches the top; where nothing was spent there is no bar."""
    sums = dict.fromkeys(periods, ZERO)
    own = dict.fromkeys(periods, ZERO)
    for line in lines:
        sums[line.begins] += line.amount
        own[line.begins] += line.amount if line.own_key else ZERO
    top = max(sums.values())
    step = Decimal(100) / len(periods)
    bars = [
        Bar(
            begins,
            sums[begins],
            x=_rounded(step * (at + (1 - _FILLED) / 2)),
            width=_rounded(step * _FILLED),
            height=_rounded(100 * sums[begins] / top) if top else ZERO,
            own_height=_rounded(100 * own[begins] / top) if top else ZERO,
        )
        for at, begins in enumerate(periods)
    ]
    return Chart(bars, top)


def _rounded(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.01"))
