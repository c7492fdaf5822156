"""What was spent, along time."""

from __future__ import annotations

import uuid
from datetime import UTC, date, tzinfo
from decimal import Decimal

import sqlalchemy as sa

from app.days import day_of
from app.db import db
from app.generation.models import COST_MONEY, Job
from app.library.timeline import first_id_of


def spent_by_day(workspace_id: uuid.UUID, first: date, last: date, *, zone: tzinfo = UTC) -> dict[date, Decimal]:
    """Dollars that the jobs asked for on each of these days did cost, failed ones included; only days that cost
    something. A job that may have been charged counts as charged."""
    rows = db.session.execute(
        sa.select(Job.created_at, Job.price_actual).where(
            Job.workspace_id == workspace_id,
            # Ids are given in the order of time.
            Job.id >= first_id_of(first, zone=zone),
            Job.id < first_id_of(last, days_later=1, zone=zone),
            COST_MONEY,
        )
    ).all()
    spent: dict[date, Decimal] = {}
    for moment, price in rows:
        if price is not None:
            day = day_of(moment, zone)
            spent[day] = spent.get(day, Decimal(0)) + price
    return spent
