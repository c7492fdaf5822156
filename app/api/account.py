"""Who is calling."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, time, timedelta
from typing import Annotated

from apiflask import APIBlueprint
from pydantic import Field

from app.accounts.access import current_api_key, me
from app.accounts.domain import Plan, Scope
from app.api.guards import needs
from app.api.shapes import Answer
from app.billing import service as billing
from app.db import utc_now

bp = APIBlueprint("api_account", __name__, url_prefix="/api", tag="Account")


class UsageOut(Answer):
    """Pictures of today (UTC); a video counts as several. limit and left are null where there is no limit."""

    used: int
    limit: int | None
    left: int | None
    resets_at: datetime


class MeOut(Answer):
    id: uuid.UUID
    email: str
    confirmed: bool
    plan: Plan
    scopes: Annotated[list[Scope], Field(description="What the caller's key may do; a browser's session may all.")]
    usage: UsageOut


@bp.get("/me")
@needs(Scope.READ)
@bp.output(
    MeOut,
    example={
        "id": "019aa0c2-0000-7000-8000-000000000001",
        "email": "anna@example.com",
        "confirmed": True,
        "plan": "free",
        "scopes": ["read", "write", "generate"],
        "usage": {"used": 6, "limit": 20, "left": 14, "resets_at": "2026-11-21T00:00:00Z"},
    },
)
def show() -> MeOut:
    """See who one is, on which plan, and what is left today"""
    person, key = me(), current_api_key()
    today = billing.usage_today(person.id)
    midnight = datetime.combine(utc_now().date() + timedelta(days=1), time.min, UTC)
    return MeOut(
        id=person.id,
        email=person.email,
        confirmed=person.is_confirmed,
        plan=person.plan,
        scopes=[scope for scope in Scope if key is None or key.allows(scope)],
        usage=UsageOut(used=today.used, limit=today.limit, left=today.left, resets_at=midnight),
    )
