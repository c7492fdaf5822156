"""What the frame around every page says of the queue and of today."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from flask import request
from flask_login import current_user

from app.billing import service as billing
from app.generation import queries, queueing, standing
from app.generation.queries import Tally
from app.library import queries as library_queries
from app.library.views import image_view
from app.workspaces import current

# Where a request keeps its count, which several facts of the frame share.
_COUNTED = "darkroom.tally"


@dataclass(frozen=True, slots=True)
class UsageText:
    text: str


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
    """Today's pictures, against the limit where there is one; nothing on a day without any."""
    if not current_user.is_authenticated:
        return None
    today = billing.usage_today(current_user.id)
    if today.limit is not None:
        return UsageText(f"{today.used} of {today.limit} today")
    return UsageText(f"{today.used} made today") if today.used else None


def first_visit() -> bool:
    """Whether the person has never asked for anything yet: then the tour is offered."""
    return current_user.is_authenticated and not queries.has_batches(current_user.id)


def covers() -> dict[uuid.UUID, list[str]]:
    """The newest pictures of each workspace, for its card on the start page."""
    shown = [workspace.id for workspace in current.mine()[:8]]
    found = library_queries.covers_of(shown)
    return {workspace_id: [image_view(asset).thumb_url for asset in assets] for workspace_id, assets in found.items()}


def _tally() -> Tally:
    if not current_user.is_authenticated:
        return Tally({})
    found: Tally | None = request.environ.get(_COUNTED)
    if found is None:
        found = request.environ[_COUNTED] = queries.tally_of_owner(current_user.id)
    return found
