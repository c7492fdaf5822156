"""What was spent, by day or month, provider and model: read from the ledger, so that it outlives the pictures."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

import sqlalchemy as sa

from app.billing.models import UsageEntry
from app.db import db, utc_now
from app.errors import Invalid
from app.forms import Body
from app.money import ZERO

By = Literal["day", "month"]

# Days are days in UTC, as the budget's are.
DAYS, MONTHS = 30, 12
# Three years are a table that a person can still read and a moment for the database.
LONGEST = timedelta(days=1100)


class SpanQuery(Body):
    """by: how lines are put together. since, until: days in UTC, both included."""

    by: By = "day"
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What one model cost in one period, which begins on `begins`. own_key: on the person's own key there.

    count: of what was delivered, or failed and may have been charged all the same.
    """

    begins: date
    provider: str
    model: str
    own_key: bool
    count: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `since` to `until`, both included."""

    since: date
    until: date

    def periods(self, by: By) -> list[date]:
        """The first days of all periods in it, in order."""
        begins = begin_of(self.since, by)
        found = []
        while begins <= self.until:
            found.append(begins)
            begins = begin_of(begins + timedelta(days=1 if by == "day" else 31), by)
        return found


def span(by: By, since: date | None = None, until: date | None = None) -> Span:
    """The days asked for, or the last 30 days or 12 months up to today. Raises Invalid."""
    until = until or utc_now().date()
    if since is None:
        if by == "day":
            since = until - timedelta(days=DAYS - 1)
        else:
            months = until.year * 12 + until.month - MONTHS
            since = date(months // 12, months % 12 + 1, 1)
    if since > until:
        raise Invalid("The first day must not come after the last.", fields={"since": "Choose an earlier day."})
    if until - since > LONGEST:
        raise Invalid("Ask for at most three years at once.", fields={"since": "Choose a later day."})
    return Span(since, until)


def lines(owner_id: uuid.UUID, asked: Span, by: By) -> list[Line]:
    """What cost something, newest period first, in it the dearest first. Exact to the last digit."""
    found = db.session.execute(
        sa.select(
            UsageEntry.day,
            UsageEntry.provider,
            UsageEntry.model,
            UsageEntry.own_key,
            sa.func.count(),
            sa.func.sum(UsageEntry.amount),
        )
        .where(
            UsageEntry.owner_id == owner_id,
            UsageEntry.day >= asked.since,
            UsageEntry.day <= asked.until,
            UsageEntry.kind != "reserve",
            UsageEntry.amount > ZERO,
        )
        .group_by(UsageEntry.day, UsageEntry.provider, UsageEntry.model, UsageEntry.own_key)
    )
    sums: dict[tuple[date, str, str, bool], tuple[int, Decimal]] = defaultdict(lambda: (0, ZERO))
    for day, provider, model, own_key, count, amount in found:
        key = (begin_of(day, by), provider, model, own_key)
        sums[key] = (sums[key][0] + count, sums[key][1] + amount)
    made = [Line(*key, count, amount) for key, (count, amount) in sums.items()]
    return sorted(made, key=lambda line: (-line.begins.toordinal(), -line.amount, line.provider, line.model))


def total(some: Iterable[Line]) -> Decimal:
    return sum((line.amount for line in some), ZERO)


def begin_of(day: date, by: By) -> date:
    return day.replace(day=1) if by == "month" else day
