"""What to answer when something went wrong: from any exception to a status, a code and a sentence for a person.

Pure but for reading the exception. app/web/error_pages.py writes the answer.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import apiflask.exceptions
import pydantic
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from kombu.exceptions import OperationalError as BrokerAway
from redis.exceptions import RedisError
from sqlalchemy import exc as sql
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, SecurityError
from wsproto.utilities import RemoteProtocolError

from app.errors import AppError
from app.forms import sentences
from app.texts import UnusableText

RETRY_AFTER_S = 5

# status: (code, title, sentence)
_STATUS = {
    400: ("bad_request", "That request makes no sense here", "Go back, reload the page and try again."),
    401: ("unauthenticated", "Please sign in", "This needs you to be signed in."),
    402: ("plan_limit", "Your plan does not include this", "Upgrade the plan, or choose something it includes."),
    403: ("forbidden", "This is not open to you", "Your account may not do this."),
    404: ("not_found", "Nothing here", "The page may have been deleted, or it belongs to someone else."),
    405: ("method_not_allowed", "That cannot be done here", "This address exists, but not for this kind of request."),
    406: ("not_acceptable", "No such format", "This is not offered in the format asked for."),
    408: ("request_timeout", "That took too long to arrive", "Check the connection and send it again."),
    409: ("conflict", "Something changed meanwhile", "Reload the page to see how things stand, then try again."),
    410: ("gone", "This is gone", "It was removed and will not come back."),
    412: ("precondition_failed", "Something changed meanwhile", "Reload the page to see how things stand."),
    413: ("body_too_large", "That is too large", "Send less at once, or smaller files."),
    414: ("url_too_long", "That address is too long", "Shorten the search or the filters."),
    415: ("unsupported_media_type", "That format is not understood", "Send it as JSON or as a form."),
    416: ("range_not_satisfiable", "No such part", "The file is shorter than the part asked for."),
    422: ("invalid", "Something needs another look", "Correct the marked fields and send it again."),
    429: ("rate_limited", "A little too fast", "Wait a moment, then try again."),
    431: ("headers_too_large", "That is too large", "Delete this site's cookies and try again."),
    500: (
        "internal",
        "Something broke on our side",
        "It is written down under the number below. Trying again may help.",
    ),
    501: ("not_implemented", "That cannot be done here", "This server does not do that."),
    502: ("bad_gateway", "A service we rely on failed", "Try again in a moment."),
    503: ("unavailable", "Back in a moment", "A part of Darkroom is restarting. Nothing is lost; try again shortly."),
    504: ("gateway_timeout", "A service we rely on is slow", "Try again in a moment."),
    507: ("out_of_space", "No room left", "The disk is full. Delete something, or ask whoever runs this server."),
}
_CODES = {"extra_forbidden": "unknown_field", "string_too_long": "too_long"}
_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True)
class Refusal:
    """An answer to something that failed. `expected` is False when the log needs a traceback."""

    status: int
    code: str
    message: str
    fields: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    expected: bool = True

    @property
    def title(self) -> str:
        return _STATUS[self.status if self.status in _STATUS else 500 if self.status >= 500 else 400][1]


def refusal_of(error: BaseException) -> Refusal:
    """The answer to `error`. Whatever is not known here is a 500 that says nothing about its cause."""
    if isinstance(error, AppError):
        return Refusal(error.status, error.code, error.message, error.fields, error.headers)
    if isinstance(error, apiflask.exceptions.HTTPError):
        return _from_apiflask(error)
    if isinstance(error, HTTPException):
        return _from_werkzeug(error)
    if isinstance(error, sql.SQLAlchemyError):
        return _from_database(error)
    if isinstance(error, RemoteProtocolError):
        # Asked for a WebSocket without the rest of its handshake.
        return _standard(400)
    if isinstance(error, RedisError | BrokerAway):
        return _standard(503, headers={"Retry-After": str(RETRY_AFTER_S)}, expected=False)
    if isinstance(error, OSError) and error.errno in _DISK_FULL:
        return _standard(507, expected=False)
    return _standard(500, expected=False)


def _standard(status: int, *, headers: Mapping[str, str] | None = None, expected: bool = True) -> Refusal:
    code, _, message = _STATUS[status]
    return Refusal(status, code, message, headers=headers or {}, expected=expected)


def _from_werkzeug(error: HTTPException) -> Refusal:
    # Their descriptions are written for programmers, and some repeat what was sent.
    status = error.code or 500
    if isinstance(error, CSRFError):
        message = "This page was open for too long, or the request came from elsewhere. Reload the page and try again."
        return Refusal(400, "csrf_failed", message)
    if isinstance(error, SecurityError):
        return Refusal(400, "unknown_host", "This server does not answer to that name.")
    if isinstance(error, RateLimitExceeded):
        limit = error.limit.limit
        window = f"{limit.multiples} {limit.GRANULARITY.name}s" if limit.multiples > 1 else limit.GRANULARITY.name
        message = f"At most {limit.amount} requests per {window} are open to you. Wait a moment, then try again."
        return Refusal(429, "rate_limited", message)
    headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    if status in _STATUS:
        return _standard(status, headers=headers, expected=status < 500 or status == 503)
    return Refusal(status, "error", f"{error.name}.", headers=headers, expected=status < 500)


def _from_apiflask(error: apiflask.exceptions.HTTPError) -> Refusal:
    status = error.status_code
    code, _, message = _STATUS.get(status, _STATUS[500 if status >= 500 else 400])
    headers = dict(Headers(error.headers).items())
    cause = error.__cause__
    if isinstance(cause, pydantic.ValidationError):
        fields = sentences(cause)
        codes = set(_codes(cause))
        return Refusal(status, codes.pop() if len(codes) == 1 else "invalid", _summary(fields), fields, headers)
    return Refusal(status, code, error.message or message, headers=headers, expected=status < 500)


def _codes(error: pydantic.ValidationError) -> Iterator[str]:
    """The code of each problem pydantic found; alone, it becomes the code of the answer."""
    for item in error.errors(include_url=False, include_input=False):
        cause = item.get("ctx", {}).get("error")
        yield cause.code if isinstance(cause, UnusableText) else _CODES.get(item["type"], "invalid")


def _summary(fields: Mapping[str, str]) -> str:
    name, sentence = next(iter(fields.items()))
    if len(fields) == 1:
        return f"{name}: {sentence}"
    return f"{len(fields)} fields need another look: {', '.join(list(fields)[:5])}."


def _from_database(error: sql.SQLAlchemyError) -> Refusal:
    if "disk is full" in str(getattr(error, "orig", "")) or "No space left" in str(getattr(error, "orig", "")):
        return _standard(507, expected=False)
    if isinstance(error, sql.DataError):
        message = "One of the values cannot be stored. Shorten it, or remove unusual characters."
        return Refusal(422, "invalid", message, expected=False)
    if isinstance(error, sql.IntegrityError):
        return _standard(409, expected=False)
    # InternalError: a database that became read-only when another took over.
    away = isinstance(error, sql.OperationalError | sql.InterfaceError | sql.InternalError | sql.TimeoutError)
    if away or (isinstance(error, sql.DBAPIError) and error.connection_invalidated):
        return _standard(503, headers={"Retry-After": str(RETRY_AFTER_S)}, expected=False)
    return _standard(500, expected=False)
