"""One id for a request, in its answer, its error page and every line logged on its way."""

from __future__ import annotations

import re
import time
import uuid

import structlog
from flask import Flask, Response, request

HEADER = "X-Request-Id"
# Ours or a proxy's: what may stand in a log line and a page without thought.
_SAFE = re.compile(r"[A-Za-z0-9._-]{8,64}")
_ID = "darkroom.request_id"
_STARTED = "darkroom.started"

log = structlog.get_logger(__name__)


def current_request_id() -> str:
    """The id of the request in hand, the client's own when it sent a plain one. Made on first use."""
    # Kept in the environment, not in `g`: an application context can outlive a request.
    known = request.environ.get(_ID)
    if known is None:
        sent = request.headers.get(HEADER, "")
        known = request.environ[_ID] = sent if _SAFE.fullmatch(sent) else uuid.uuid4().hex
    return str(known)


def register(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    request.environ[_STARTED] = time.monotonic()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=current_request_id())


def _end(response: Response) -> Response:
    response.headers[HEADER] = current_request_id()
    # The rule, not the address: addresses carry one-time tokens. An address without a rule is cut and filtered.
    where = request.url_rule.rule if request.url_rule else request.path[:100]
    level = log.debug if request.endpoint in {"static", "web.versioned_static", "health.health"} else log.info
    level(
        "request",
        method=request.method,
        path=where,
        status=response.status_code,
        ms=round(elapsed_s() * 1000, 1),
    )
    return response


def elapsed_s() -> float:
    """Seconds since the request in hand began."""
    started: float = request.environ.get(_STARTED, time.monotonic())
    return time.monotonic() - started
