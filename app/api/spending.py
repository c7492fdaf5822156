"""What was spent."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from apiflask import APIBlueprint
from pydantic import Field

from app.accounts.access import me
from app.accounts.domain import Scope
from app.api.guards import needs
from app.api.shapes import Answer, dollars
from app.billing import service as billing
from app.billing import spending
from app.billing.spending import By, SpanQuery

bp = APIBlueprint("api_spending", __name__, url_prefix="/api", tag="Account")


class SpentOut(Answer):
    """What one model cost in one day or month, in US dollars. count: of what was delivered, and of failures that may
    have been charged."""

    begins: Annotated[date, Field(description="The day, or the month's first.")]
    provider: str
    model: str
    own_key: Annotated[bool, Field(description="Whether it ran on the caller's own key at the provider.")]
    count: int
    spent: str


class SpendingOut(Answer):
    """Days are days in UTC. today: spent, or promised to what is under way. budget: the most a day may cost."""

    by: By
    since: date
    until: date
    total: str
    today: str
    budget: str | None
    items: list[SpentOut]


@bp.get("/spending")
@needs(Scope.READ)
@bp.input(SpanQuery, location="query", arg_name="query")
@bp.output(
    SpendingOut,
    example={
        "by": "day",
        "since": "2026-10-22",
        "until": "2026-11-20",
        "total": "0.12",
        "today": "0.12",
        "budget": "5.00",
        "items": [
            {
                "begins": "2026-11-20",
                "provider": "openai",
                "model": "gpt-image",
                "own_key": False,
                "count": 3,
                "spent": "0.12",
            }
        ],
    },
)
def show(query: SpanQuery) -> SpendingOut:
    """See what was spent by day or month, provider and model

    The last 30 days, or 12 months, unless days are given.
    """
    asked = spending.span(query.by, query.since, query.until)
    found = spending.lines(me().id, asked, query.by)
    today = billing.usage_today(me().id)
    return SpendingOut(
        by=query.by,
        since=asked.since,
        until=asked.until,
        total=dollars(spending.total(found)),
        today=dollars(today.spent),
        budget=None if today.budget is None else dollars(today.budget),
        items=[
            SpentOut(
                begins=line.begins,
                provider=line.provider,
                model=line.model,
                own_key=line.own_key,
                count=line.count,
                spent=dollars(line.amount),
            )
            for line in found
        ],
    )
