"""A workspace's pictures along time: how many on which day, and from where a list starts that begins at a day.

A day begins and ends where the person lives (`zone`). Ids are time-ordered, so a moment is a place among them.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

import sqlalchemy as sa

from app.days import day_of, offset_ms
from app.db import db
from app.library.models import Asset

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class DayCount:
    day: date
    pictures: int
    videos: int


def first_id_of(day: date, *, days_later: int = 0, zone: tzinfo = UTC) -> uuid.UUID:
    """Smaller than every id given on that day or so many days later, larger than any given before. The last day that a
    date can name has a day after it too."""
    number = (day - _EPOCH).days + days_later
    first = date.fromordinal(min(max(_EPOCH.toordinal() + number, 2), date.max.toordinal()))
    milliseconds = max(number * 86_400_000 - offset_ms(first, zone), 0)
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | 0x2 << 62)


def counts_by_day(
    owner_id: uuid.UUID,
    workspace_id: uuid.UUID,
    *,
    first: date | None = None,
    last: date | None = None,
    zone: tzinfo = UTC,
) -> list[DayCount]:
    """What was made here and is still there, by day, newest first; of all days, or from `first` to `last`."""
    found: list[DayCount] = []
    day = newest_day(owner_id, workspace_id, up_to=last, zone=zone)
    while day is not None and (first is None or day >= first):
        found.append(count_of(owner_id, workspace_id, day, day, zone=zone))
        day = newest_day(owner_id, workspace_id, up_to=day - timedelta(days=1), zone=zone)
    return found


def newest_day(
    owner_id: uuid.UUID, workspace_id: uuid.UUID, *, up_to: date | None = None, zone: tzinfo = UTC
) -> date | None:
    """The latest day on which something was made here that is still there."""
    wanted = sa.select(Asset.id).where(*_made_here(owner_id, workspace_id))
    if up_to is not None:
        wanted = wanted.where(Asset.id < first_id_of(up_to, days_later=1, zone=zone))
    found = db.session.scalar(wanted.order_by(Asset.id.desc()).limit(1))
    return None if found is None else day_of_id(found, zone)


def count_of(owner_id: uuid.UUID, workspace_id: uuid.UUID, first: date, last: date, *, zone: tzinfo = UTC) -> DayCount:
    """What was made here from one day to another and is still there, named after the latter. Reads an index only."""
    videos = sa.func.coalesce(sa.func.sum(sa.case((Asset.kind == "video", 1), else_=0)), 0)
    count, clips = db.session.execute(
        sa.select(sa.func.count(), videos).where(
            *_made_here(owner_id, workspace_id),
            Asset.id >= first_id_of(first, zone=zone),
            Asset.id < first_id_of(last, days_later=1, zone=zone),
        )
    ).one()
    return DayCount(last, count - clips, clips)


def _made_here(owner_id: uuid.UUID, workspace_id: uuid.UUID) -> list[sa.ColumnElement[bool]]:
    return [
        Asset.owner_id == owner_id,
        Asset.deleted_at.is_(None),
        Asset.workspace_id == workspace_id,
        Asset.source == "generated",
    ]


def day_of_id(given: uuid.UUID, zone: tzinfo = UTC) -> date:
    """The day on which an id was given."""
    return day_of(datetime.fromtimestamp((given.int >> 80) / 1000, UTC), zone)


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
