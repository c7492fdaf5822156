"""The one seam through which work asks whether it may happen, and says how it ended.

A unit is one delivered picture. Work reserves its units when it is accepted; later each job settles them (delivered)
or releases them (failed, cancelled). The day's counter moves by one conditional update, so that parallel requests
can never take more than the limit between them, on either dialect.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa

from app.billing.errors import DailyLimitReached
from app.billing.models import DailyUsage, UsageEntry
from app.db import db, insert_once, new_id, utc_now
from app.extensions import settings


@dataclass(frozen=True, slots=True)
class Workload:
    """What is asked for, in terms billing knows: a thing that may cost units, by its id and try."""

    job_id: uuid.UUID
    submission: int
    units: int = 1


@dataclass(frozen=True, slots=True)
class Usage:
    """Units of today. limit None = unlimited."""

    used: int
    limit: int | None

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used)


def limit_for(owner_id: uuid.UUID) -> int | None:
    """How many units the person may use in a day; None for as many as they like."""
    return settings().daily_limit


def usage_today(owner_id: uuid.UUID) -> Usage:
    """Today's usage, from the counter's row: a number kept elsewhere would lie after every outage there."""
    return Usage(_counted(owner_id, _today()), limit_for(owner_id))


def reserve(owner_id: uuid.UUID, work: Sequence[Workload]) -> None:
    """Count the work against today's limit, all of it or none. Raises DailyLimitReached."""
    units = sum(item.units for item in work)
    day = _today()
    limit = limit_for(owner_id)
    if not _take(owner_id, day, units, limit):
        assert limit is not None  # noqa: S101 - _take refuses only against a limit
        midnight = datetime.combine(day + timedelta(days=1), time.min, UTC)
        left = max(0, limit - _counted(owner_id, day))
        raise DailyLimitReached(units, left, limit, midnight, int((midnight - utc_now()).total_seconds()) + 1)
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
                "day": day,
            }
            for item in work
        ],
    )


def settle(owner_id: uuid.UUID, work: Workload) -> None:
    """The work was delivered: its reservation stands. Harmless when repeated."""
    _close(owner_id, work, "settle")


def release(owner_id: uuid.UUID, work: Workload) -> None:
    """The work came to nothing: give its units back to the day they were taken from. Harmless when repeated."""
    day = _close(owner_id, work, "release")
    if day is None:
        return
    db.session.execute(
        sa.update(DailyUsage)
        .where(DailyUsage.owner_id == owner_id, DailyUsage.day == day)
        .values(units=DailyUsage.units - work.units)
    )


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


def _close(owner_id: uuid.UUID, work: Workload, kind: str) -> date | None:
    """Append the closing entry unless the reservation is missing or closed already. Returns its day if appended."""
    this_try = (UsageEntry.job_id == work.job_id, UsageEntry.submission == work.submission)
    found = db.session.execute(sa.select(UsageEntry.kind, UsageEntry.day).where(*this_try))
    entries: dict[str, date] = {row.kind: row.day for row in found}
    if "reserve" not in entries or len(entries) > 1:
        return None
    day = entries["reserve"]
    db.session.add(
        UsageEntry(
            owner_id=owner_id,
            job_id=work.job_id,
            submission=work.submission,
            kind=kind,
            units=work.units,
            day=day,
        )
    )
    return day


def _take(owner_id: uuid.UUID, day: date, units: int, limit: int | None) -> bool:
    insert_once(sa.inspect(DailyUsage).local_table, owner_id=owner_id, day=day, units=0)
    taking = sa.update(DailyUsage).where(DailyUsage.owner_id == owner_id, DailyUsage.day == day)
    if limit is not None:
        taking = taking.where(DailyUsage.units + units <= limit)
    taken = db.session.execute(taking.values(units=DailyUsage.units + units).returning(DailyUsage.units)).scalar()
    return taken is not None


def _counted(owner_id: uuid.UUID, day: date) -> int:
    return (
        db.session.scalar(sa.select(DailyUsage.units).where(DailyUsage.owner_id == owner_id, DailyUsage.day == day))
        or 0
    )


def _today() -> date:
    return utc_now().date()
