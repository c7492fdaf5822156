"""Named reads for staff, over everybody's rows."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

import sqlalchemy as sa

from app.accounts.models import User
from app.admin.sources import Column, Columns, Source
from app.db import db, utc_now
from app.errors import NotFound
from app.generation.domain import JobState
from app.generation.models import IS_ACTIVE, IS_WAITING, Job
from app.library.models import Asset
from app.library.timeline import first_id_of

Row = sa.Row[Any]
# No job asked for longer ago is looked at for having failed today.
LONGEST_LIFE_DAYS = 30


# However long a table is: a filter that no index helps looks through so many rows, the newest, and gives up.
WINDOW = 25_000
_FIRST_ID = uuid.UUID(int=0)


def page_of(source: Source, wanted: sa.Select[Any], order: Sequence[Column], *, offset: int, most: int) -> list[Row]:
    """Rows of a page. wanted: `keys_of` with conditions.

    The keys are found first, mostly along an index alone; only rows that are shown are read whole.
    """
    keys = wanted.order_by(*order).limit(most).offset(offset)
    rows = sa.select(*_labelled(source.columns)).select_from(source.rows)
    return list(db.session.execute(rows.where(source.key.in_(keys)).order_by(*order)))


def keys_of(source: Source) -> sa.Select[Any]:
    return sa.select(source.key)


def newest(source: Source, wanted: sa.Select[Any]) -> sa.SQLColumnExpression[bool]:
    """That a row is among the newest of those wanted so far, as many as a page may cost."""
    last = wanted.order_by(source.key.desc()).limit(1).offset(WINDOW).scalar_subquery()
    return source.key > sa.func.coalesce(last, sa.literal(_FIRST_ID, sa.Uuid()))


def one_of(source: Source, row_id: uuid.UUID) -> Row:
    """One row, with its further columns. Raises NotFound."""
    columns = _labelled({**source.columns, **source.further})
    wanted = sa.select(*columns).select_from(source.rows).where(source.key == row_id)
    row = db.session.execute(wanted).one_or_none()
    if row is None:
        raise NotFound(source.kind)
    return row


def _labelled(columns: Columns) -> list[sa.Label[Any]]:
    return [column.label(name) for name, column in columns.items()]


@dataclass(frozen=True, slots=True)
class Today:
    """How things stand. "Today" begins at midnight UTC."""

    people: int
    new_people: int
    pictures: int
    pictures_yesterday: int
    waiting: int
    running: int
    failed: int


def today() -> Today:
    """Seven counts, each along an index: a hundred thousand rows behind them make no difference."""
    day = utc_now().date()
    midnight, yesterday = first_id_of(day), first_id_of(day, days_later=-1)
    made = sa.select(sa.func.count()).select_from(Asset).where(Asset.source == "generated")
    jobs = sa.select(sa.func.count()).select_from(Job)
    people = sa.select(sa.func.count()).select_from(User)
    # Failed today, whenever it was asked for: by person, because that is how the index of states is made.
    failed = jobs.where(
        Job.owner_id.in_(sa.select(User.id)),
        Job.state == JobState.FAILED,
        Job.id >= first_id_of(day, days_later=-LONGEST_LIFE_DAYS),
        Job.finished_at >= datetime.combine(day, time.min, UTC),
    )
    wanted = (
        people,
        people.where(User.id >= midnight),
        made.where(Asset.id >= midnight),
        made.where(Asset.id >= yesterday, Asset.id < midnight),
        jobs.where(IS_WAITING),
        jobs.where(IS_ACTIVE),
        failed,
    )
    return Today(*db.session.execute(sa.select(*(count.scalar_subquery() for count in wanted))).one())
