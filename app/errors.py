"""Refusals a person can act on. One handler (app/web/error_pages.py) turns them into a page, a partial or JSON."""

from __future__ import annotations

from collections.abc import Mapping


class AppError(Exception):
    """Base of every expected failure: a status, a stable code, a sentence, and the fields it is about."""

    status = 400
    code = "bad_request"

    def __init__(
        self, message: str, *, fields: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.fields = dict(fields or {})
        self.headers = dict(headers or {})


class Invalid(AppError):
    """Something the person sent cannot be used; `fields` says what to change."""

    status = 422
    code = "invalid"


class NotFound(AppError):
    """Missing, or somebody else's: the two must look the same."""

    status = 404
    code = "not_found"

    def __init__(self, what: str = "page") -> None:
        super().__init__(f"There is no such {what}. It may have been deleted, or it belongs to someone else.")


class Conflict(AppError):
    status = 409
    code = "conflict"


class Forbidden(AppError):
    status = 403
    code = "forbidden"


class Unavailable(AppError):
    """We cannot do this now, through no fault of the person's."""

    status = 503
    code = "unavailable"

    def __init__(self, message: str, *, retry_after_s: int = 5) -> None:
        super().__init__(message, headers={"Retry-After": str(retry_after_s)})
