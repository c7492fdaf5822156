"""What the frame around every page says of the queue and of today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import request
from flask_login import current_user

from app import money
from app.billing import service as billing
from app.days import day_of, spoken
from app.generation import queries, queueing, standing
from app.generation.queries import Tally
from app.library import queries as library_queries
from app.library.models import Asset
from app.library.views import image_view
from app.web import visitor
from app.workspaces import current
from app.workspaces.models import Workspace

# Where a request keeps its count, which several facts of the frame share.
_COUNTED = "darkroom.tally"


RECENT = 4
# Beyond this nobody counts any more, neither a person nor, for a page's sake, the database.
MANY = 10_000


@dataclass(frozen=True, slots=True)
class UsageText:
    text: str


@dataclass(frozen=True, slots=True)
class Recent:
    """A workspace to go on with: up to three of its newest pictures, and how many there are in words."""

    workspace: Workspace
    covers: list[str]
    words: str


def queue_count() -> int:
    return _tally().open


def status_text() -> str:
    """ "3 of 20 done · about 1 min left", or that nothing is under way."""
    tally = _tally()
    if not tally.open:
        return "queue is empty"
    paused = queueing.is_paused(current_user.id)
    return standing.progress_text(current_user.id, tally, paused=paused)


def usage() -> UsageText | None:
    """Today's dollars and pictures, against the budget and the limit where there are such; nothing on an idle day.

    "$1.24 of $5 today", "$1.24 today", "6 of 20 · $1.24 today", "6 made today".
    """
    if not current_user.is_authenticated:
        return None
    today = billing.usage_today(current_user.id)
    spent = money.show(today.spent) if today.spent else "$0"
    parts = []
    if today.limit is not None:
        parts.append(f"{today.used} of {today.limit}")
    if today.budget is not None:
        parts.append(f"{spent} of {money.whole(today.budget)}")
    elif today.spent:
        parts.append(spent)
    if parts:
        return UsageText(f"{' · '.join(parts)} today")
    return UsageText(f"{today.used} made today") if today.used else None


def first_visit() -> bool:
    """Whether the person has never asked for anything yet: then the tour is offered."""
    return current_user.is_authenticated and not queries.has_batches(current_user.id)


def recent() -> list[Recent]:
    """The workspaces to go on with, for the start page: the one looked at last, then the newest."""
    last = current.current()
    others = [workspace for workspace in current.mine() if last is None or workspace.id != last.id]
    return _with_covers(([last] if last else []) + others[: RECENT - 1])


def every_workspace() -> list[Recent]:
    """All workspaces, newest first, as the start page shows them."""
    return _with_covers(current.mine())


def _with_covers(workspaces: Sequence[Workspace]) -> list[Recent]:
    covers = library_queries.covers_of([workspace.id for workspace in workspaces], count_to=MANY)
    return [_recent(workspace, *covers[workspace.id]) for workspace in workspaces]


def _recent(workspace: Workspace, newest: Sequence[Asset], count: int) -> Recent:
    urls = [image_view(asset).thumb_url for asset in newest]
    if not newest:
        return Recent(workspace, urls, "nothing yet")
    number = f"{MANY:,}+".replace(",", "\u2009") if count >= MANY else f"{count:,}".replace(",", "\u2009")
    return Recent(
        workspace,
        urls,
        f"{number} picture{'' if count == 1 else 's'} · {_day(newest[0].created_at)}",
    )


def _day(moment: datetime) -> str:
    """ "today", "yesterday", "Wednesday 18 November"."""
    words = spoken(day_of(moment, visitor.time_zone()), visitor.today())
    return words.lower() if words in {"Today", "Yesterday"} else words


def _tally() -> Tally:
    if not current_user.is_authenticated:
        return Tally({})
    found: Tally | None = request.environ.get(_COUNTED)
    if found is None:
        found = request.environ[_COUNTED] = queries.tally_of_owner(current_user.id)
    return found
