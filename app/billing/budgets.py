"""What a person wants to spend in a day at most. Their own bound, set and lifted by themselves."""

from __future__ import annotations

import uuid
from decimal import Decimal

import sqlalchemy as sa

from app.accounts import audit
from app.accounts.domain import AuditAction
from app.accounts.models import User
from app.billing.models import Budget
from app.db import db, utc_now

# Far above what one person spends, and far below what the column holds.
MOST = Decimal(100_000)


def budget_of(owner_id: uuid.UUID) -> Decimal | None:
    """Dollars a day (UTC), None for no bound."""
    return db.session.scalar(sa.select(Budget.daily).where(Budget.owner_id == owner_id))


def set_budget(user: User, daily: Decimal | None) -> None:
    """Hold from the next submission on; what was accepted already goes on. Part of the caller's transaction."""
    row = db.session.get(Budget, user.id)
    before = row.daily if row is not None else None
    if before == daily:
        return
    if row is None:
        db.session.add(Budget(owner_id=user.id, daily=daily))
    elif daily is None:
        db.session.delete(row)
    else:
        row.daily, row.changed_at = daily, utc_now()
    audit.record(
        AuditAction.BUDGET_CHANGED,
        user,
        old=None if before is None else str(before),
        new=None if daily is None else str(daily),
    )
