"""The one seam through which work asks whether it may happen, and says how it ended.

A unit is one delivered picture; what a workload costs is counted beside it, in dollars. Work reserves its units and its
estimate when it is accepted; later each job settles them (delivered) or releases them (failed, cancelled), each with
what it did cost. The day's counter moves by one conditional update, so that parallel requests can never take more than
the limit or the budget between them, on either dialect.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import sqlalchemy as sa

from app.billing import budgets
from app.billing.errors import BudgetReached, DailyLimitReached
from app.billing.models import DailyUsage, UsageEntry
from app.db import db, insert_once, new_id, table_of, utc_now
from app.extensions import settings
from app.money import ZERO

# Built once, as every job is closed by them.
_ENTRIES = sa.select(UsageEntry.kind, UsageEntry.day, UsageEntry.amount, UsageEntry.provider, UsageEntry.model).where(
    UsageEntry.job_id == sa.bindparam("job"), UsageEntry.submission == sa.bindparam("submission")
)
_ENTER = sa.insert(table_of(UsageEntry))


@dataclass(frozen=True, slots=True)
class Workload:
    """What is asked for, in terms billing knows: a thing that may cost units and dollars, by its id and try.

    price: the estimate. provider, model: what the money goes to, as ids of the catalogue or of language models.
    """

    job_id: uuid.UUID
    submission: int
    units: int = 1
    price: Decimal = ZERO
    provider: str = ""
    model: str = ""


def words(job_id: uuid.UUID, submission: int, model_id: str = "", *, price: Decimal = ZERO) -> Workload:
    """What a language model writes: no unit, only dollars. model_id: `provider:model`, or one name for both."""
    provider, _, model = model_id.partition(":")
    return Workload(job_id, submission, 0, price, provider[:32], (model or provider)[:64])


@dataclass(frozen=True, slots=True)
class Usage:
    """Units and dollars of today: delivered, or promised to what is under way. limit, budget None = unlimited."""

    used: int
    limit: int | None
    spent: Decimal = ZERO
    budget: Decimal | None = None

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used)


def limit_for(owner_id: uuid.UUID) -> int | None:
    """How many units the person may use in a day; None for as many as they like."""
    return settings().daily_limit


def usage_today(owner_id: uuid.UUID) -> Usage:
    """Today's usage, from the counter's row: a number kept elsewhere would lie after every outage there."""
    used, spent = _counted(owner_id, _today())
    return Usage(used, limit_for(owner_id), spent, budgets.budget_of(owner_id))


def reserve(owner_id: uuid.UUID, work: Sequence[Workload]) -> None:
    """Count the work against today's limit and budget, all of it or none. Raises DailyLimitReached, BudgetReached."""
    units = sum(item.units for item in work)
    price = sum((item.price for item in work), ZERO)
    day = _today()
    limit = limit_for(owner_id)
    # What is free may go on when the budget is used up.
    budget = budgets.budget_of(owner_id) if price else None
    if not _take(owner_id, day, units, price, limit=limit, budget=budget):
        midnight = datetime.combine(day + timedelta(days=1), time.min, UTC)
        wait_s = int((midnight - utc_now()).total_seconds()) + 1
        used, spent = _counted(owner_id, day)
        # Of what has room again by now, the one that can have refused is named.
        if limit is not None and (budget is None or used + units > limit):
            raise DailyLimitReached(units, max(0, limit - used), limit, midnight, wait_s)
        assert budget is not None  # noqa: S101 - _take refuses only against the one or the other
        raise BudgetReached(price, spent, budget, midnight, wait_s)
    db.session.execute(
        sa.insert(UsageEntry),
        [
            {
                "id": new_id(),
                "owner_id": owner_id,
                "job_id": item.job_id,
                "submission": item.submission,
                "kind": "reserve",
                "units": item.units,
                "amount": item.price,
                "provider": item.provider,
                "model": item.model,
                "day": day,
            }
            for item in work
        ],
    )


def settle(owner_id: uuid.UUID, work: Workload, *, cost: Decimal = ZERO, own_key: bool = False) -> None:
    """The work was delivered and cost this: its reservation stands, at what it came to. Harmless when repeated."""
    _close(owner_id, work, "settle", cost, own_key=own_key)


def release(owner_id: uuid.UUID, work: Workload, *, cost: Decimal = ZERO, own_key: bool = False) -> None:
    """The work came to nothing: give back its units, and its dollars but for what it may have cost all the same, to the
    day they were taken from. Harmless when repeated."""
    _close(owner_id, work, "release", cost, own_key=own_key)


def carry_over(owner_id: uuid.UUID, work: Workload, *, submission: int) -> None:
    """The same work is tried again on our own account: move its reservation to the new try, counting nothing twice."""
    db.session.execute(
        sa.update(UsageEntry)
        .where(
            UsageEntry.job_id == work.job_id,
            UsageEntry.submission == work.submission,
            UsageEntry.kind == "reserve",
        )
        .values(submission=submission)
    )


def _close(owner_id: uuid.UUID, work: Workload, kind: str, cost: Decimal, *, own_key: bool) -> None:
    """Append the closing entry and put the day's counter right, unless there is nothing to close or it was closed."""
    entries = {
        row.kind: row for row in db.session.execute(_ENTRIES, {"job": work.job_id, "submission": work.submission})
    }
    if "reserve" not in entries or len(entries) > 1:
        return
    reserved = entries["reserve"]
    db.session.execute(
        _ENTER,
        {
            "owner_id": owner_id,
            "job_id": work.job_id,
            "submission": work.submission,
            "kind": kind,
            "units": work.units,
            "amount": cost,
            # Another may have done it than the one it was set aside for.
            "provider": work.provider or reserved.provider,
            "model": work.model or reserved.model,
            "own_key": own_key,
            "day": reserved.day,
        },
    )
    units_back = work.units if kind == "release" else 0
    if units_back or cost != reserved.amount:
        db.session.execute(
            sa.update(DailyUsage)
            .where(DailyUsage.owner_id == owner_id, DailyUsage.day == reserved.day)
            .values(units=DailyUsage.units - units_back, amount=DailyUsage.amount + (cost - reserved.amount))
        )


def _take(
    owner_id: uuid.UUID, day: date, units: int, price: Decimal, *, limit: int | None, budget: Decimal | None
) -> bool:
    insert_once(sa.inspect(DailyUsage).local_table, owner_id=owner_id, day=day, units=0, amount=ZERO)
    taking = sa.update(DailyUsage).where(DailyUsage.owner_id == owner_id, DailyUsage.day == day)
    if limit is not None:
        taking = taking.where(DailyUsage.units + units <= limit)
    if budget is not None:
        taking = taking.where(DailyUsage.amount <= budget - price)
    taking = taking.values(units=DailyUsage.units + units, amount=DailyUsage.amount + price)
    return db.session.execute(taking.returning(DailyUsage.units)).scalar() is not None


def _counted(owner_id: uuid.UUID, day: date) -> tuple[int, Decimal]:
    row = db.session.execute(
        sa.select(DailyUsage.units, DailyUsage.amount).where(DailyUsage.owner_id == owner_id, DailyUsage.day == day)
    ).one_or_none()
    return (row.units, row.amount) if row is not None else (0, ZERO)


def _today() -> date:
    return utc_now().date()
