"""What a page is told of an act that it may take back: an event for js/modules/queue-undo.js, a sentence without it."""

from __future__ import annotations

import json
import uuid

from flask import Response, flash, make_response
from flask.typing import ResponseReturnValue

from app.generation.dismissing import Dismissed
from app.generation.stopping import Stopped
from app.web.visitor import by_htmx


def stopped(answer: ResponseReturnValue, what: Stopped, *, job_id: uuid.UUID | None = None) -> Response:
    """The answer to a cancellation. job_id: the one job it was about, which can be retried should it have started."""
    if not by_htmx():
        flash(f"Stopped {_jobs(what.count)}.", "good")
    detail = {"waiting": what.waiting, "started": what.started, "at": what.at.isoformat()}
    return _with_event(answer, "darkroom:stopped", detail | ({"job_id": str(job_id)} if job_id else {}))


def dismissed(answer: ResponseReturnValue, what: Dismissed) -> Response:
    """The answer to a dismissal, rendered after it."""
    if not by_htmx():
        flash(f"Dismissed {_jobs(what.count, 'failed ')}.", "good")
    return _with_event(answer, "darkroom:dismissed", {"count": what.count, "at": what.at.isoformat()})


def _jobs(count: int, which: str = "") -> str:
    return f"{count} {which}{'job' if count == 1 else 'jobs'}"


def _with_event(answer: ResponseReturnValue, event: str, detail: dict[str, object]) -> Response:
    response = make_response(answer)
    # To the page, not to the form that asked: that may have been swapped away by then.
    response.headers["HX-Trigger"] = json.dumps({event: {"target": "body", **detail}})
    return response
