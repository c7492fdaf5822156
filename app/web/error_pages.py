"""The one handler of everything that goes wrong: JSON for programs, a partial for htmx, a page for people."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import apiflask.exceptions
import structlog
from flask import Flask, Response, current_app, jsonify, make_response, render_template, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from app.db import db
from app.web.local_paths import local_path
from app.web.rates import retry_after_s
from app.web.refusals import Refusal, refusal_of
from app.web.request_id import current_request_id

log = structlog.get_logger(__name__)

# A page about these must not ask the database or match addresses again: it may be what failed.
_BARE = frozenset({"unavailable", "unknown_host", "out_of_space"})


def register(app: Flask) -> None:
    # Flask picks the most specific handler: APIFlask and Werkzeug would otherwise answer their own errors.
    for kind in (apiflask.exceptions.HTTPError, HTTPException, Exception):
        app.register_error_handler(kind, _answer)


def _answer(error: Exception) -> Response | HTTPException:
    if isinstance(error, HTTPException) and (error.response is not None or error.code is None):
        # A complete answer that a library raised instead of returning, such as a redirect.
        return error
    refusal = refusal_of(error)
    _write_down(error, refusal)
    if not refusal.expected:
        _forget_unfinished_work()
    response = _render(refusal)
    response.status_code = refusal.status
    response.headers.extend(refusal.headers)
    if refusal.status == 429 and "Retry-After" not in response.headers:
        response.headers["Retry-After"] = str(retry_after_s())
    if refusal.status == 401 and _is_api() and "WWW-Authenticate" not in response.headers:
        response.headers["WWW-Authenticate"] = "Bearer"
    response.headers["Cache-Control"] = "no-store"
    return response


def _write_down(error: Exception, refusal: Refusal) -> None:
    if refusal.expected:
        # Into the one line of this request; refusals are everyday business.
        structlog.contextvars.bind_contextvars(refused=refusal.code)
    elif refusal.status in {500, 502}:
        log.error("unexpected_error", status=refusal.status, error=type(error).__name__, exc_info=error)
    else:
        log.warning("cannot_serve", status=refusal.status, error=type(error).__name__, exc_info=error)


def _forget_unfinished_work() -> None:
    try:
        db.session.rollback()
    except SQLAlchemyError as error:
        log.warning("rollback_failed", error=type(error).__name__)


def _render(refusal: Refusal) -> Response:
    if wants_json():
        return _as_json(refusal)
    facts: dict[str, Any] = {
        "status": refusal.status,
        "code": refusal.code,
        "title": refusal.title,
        "message": refusal.message,
        "fields": refusal.fields,
        "request_id": current_request_id(),
    }
    if request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true":
        return make_response(render_template("errors/_partial.html", **facts))
    if refusal.code not in _BARE:
        try:
            return make_response(render_template("errors/page.html", way_on=_way_on(refusal), **facts))
        except Exception as error:
            # A page about an error must not fail, whatever its frame needs.
            log.error("error_page_failed", error=type(error).__name__, exc_info=error)
            _forget_unfinished_work()
    return make_response(render_template("errors/bare.html", **facts))


def _as_json(refusal: Refusal) -> Response:
    body: dict[str, Any] = {
        "code": refusal.code,
        "message": refusal.message,
        "request_id": current_request_id(),
    }
    if refusal.fields:
        body["fields"] = dict(refusal.fields)
    return jsonify({"error": body})


def wants_json() -> bool:
    """Whether the client is a program: it called the API, or prefers JSON to a page."""
    if _is_api():
        return True
    accepted = request.accept_mimetypes
    return accepted.best_match(["text/html", "application/json"]) == "application/json"


def _is_api() -> bool:
    return request.path == "/api" or request.path.startswith("/api/")


def _way_on(refusal: Refusal) -> tuple[str, str]:
    """(address, label) of the one thing to do next."""
    if refusal.status == 401 and "security.login" in current_app.view_functions:
        return url_for("security.login", next=local_path(request.full_path.rstrip("?"))), "Sign in"
    if refusal.status in {429, 500, 502, 504} and request.method == "GET":
        return local_path(request.full_path.rstrip("?")), "Try again"
    came_from = urlsplit(request.referrer or "")
    if refusal.status in {400, 409, 413, 415, 422, 429} and came_from.netloc == request.host:
        return local_path(came_from.path + (f"?{came_from.query}" if came_from.query else "")), "Go back"
    return "/", "Go to the start"
