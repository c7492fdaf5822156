"""What was spent, along time."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

import sqlalchemy as sa

from app.db import db
from app.generation.models import COST_MONEY, Job
from app.library.timeline import date_of, day_of, first_id_of


def spent_by_day(workspace_id: uuid.UUID, first: date, last: date) -> dict[date, Decimal]:
    """Dollars that the jobs asked for on each of these days (UTC) did cost, failed ones included; only days that cost
    something. A job that may have been charged counts as charged."""
    day = day_of(Job.created_at)
    rows = db.session.execute(
        sa.select(day, sa.func.sum(Job.price_actual))
        .where(
            Job.workspace_id == workspace_id,
            # Ids are given in the order of time.
            Job.id >= first_id_of(first),
            Job.id < first_id_of(last, days_later=1),
            COST_MONEY,
        )
        .group_by(day)
    ).all()
    return {date_of(found): spent for found, spent in rows if spent is not None}
