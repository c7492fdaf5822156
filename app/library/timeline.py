"""A workspace's pictures along time: how many on which day, and from where a list starts that begins at a day.

Days are UTC. Ids are time-ordered, so a moment is a place among them.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from app.db import db
from app.library.models import Asset

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class DayCount:
    day: date
    pictures: int
    videos: int


def first_id_of(day: date, *, days_later: int = 0) -> uuid.UUID:
    """Smaller than every id given on that day or so many days later, larger than any given before. The last day that a
    date can name has a day after it too."""
    milliseconds = ((day - _EPOCH).days + days_later) * 86_400_000
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | 0x2 << 62)


def counts_by_day(
    owner_id: uuid.UUID, workspace_id: uuid.UUID, *, first: date | None = None, last: date | None = None
) -> list[DayCount]:
    """What was made here and is still there, by day, newest first; of all days, or from `first` to `last`.

    Reads the library's index only: a hundred thousand pictures take some 50 ms, those of a page no time.
    """
    day = day_of(Asset.created_at)
    videos = sa.func.sum(sa.case((Asset.kind == "video", 1), else_=0))
    wanted = sa.select(day, sa.func.count(), videos).where(
        Asset.owner_id == owner_id,
        Asset.deleted_at.is_(None),
        Asset.workspace_id == workspace_id,
        Asset.source == "generated",
    )
    if first is not None:
        wanted = wanted.where(Asset.id >= first_id_of(first))
    if last is not None:
        wanted = wanted.where(Asset.id < first_id_of(last, days_later=1))
    rows = db.session.execute(wanted.group_by(day).order_by(day.desc())).all()
    return [DayCount(date_of(found), count - clips, clips) for found, count, clips in rows]


def newer_than(workspace_id: uuid.UUID, image_id: uuid.UUID, *, most: int) -> Sequence[Asset]:
    """The pictures made here next after one, newest first."""
    wanted = (
        sa.select(Asset)
        .where(
            Asset.workspace_id == workspace_id,
            Asset.deleted_at.is_(None),
            Asset.source == "generated",
            Asset.id > image_id,
        )
        .order_by(Asset.id)
        .limit(most)
    )
    return list(reversed(db.session.scalars(wanted).all()))


def day_of(moment: sa.orm.InstrumentedAttribute[datetime]) -> sa.Function[date]:
    """A moment's day in UTC, whatever time zone the database server keeps. `date_of` reads what it gives."""
    if db.engine.dialect.name == "postgresql":
        return sa.func.date(sa.func.timezone("UTC", moment))
    return sa.func.date(moment)


def date_of(found: date | str) -> date:
    """SQLite has no dates, only texts."""
    return date.fromisoformat(found) if isinstance(found, str) else found
