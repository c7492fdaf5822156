from __future__ import annotations

import pytest
from werkzeug.exceptions import HTTPException, default_exceptions

from app.errors import AppError
from app.web.refusals import refusal_of

from .conftest import ERRORS


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("bug", 500, "internal"),
        ("conflict", 409, "conflict"),
        ("invalid", 422, "invalid"),
        ("missing", 404, "not_found"),
        ("database", 503, "unavailable"),
        ("database-full", 507, "out_of_space"),
        ("data", 422, "invalid"),
        ("twice", 409, "conflict"),
        ("redis", 503, "unavailable"),
        ("disk", 507, "out_of_space"),
    ],
)
def test_each_failure_has_its_status_and_code(kind: str, status: int, code: str) -> None:
    refusal = refusal_of(ERRORS[kind])
    assert (refusal.status, refusal.code) == (status, code)
    assert refusal.expected == isinstance(ERRORS[kind], AppError)


def test_what_is_away_says_when_to_come_back() -> None:
    assert int(refusal_of(ERRORS["database"]).headers["Retry-After"]) > 0
    assert int(refusal_of(ERRORS["redis"]).headers["Retry-After"]) > 0


@pytest.mark.parametrize("error", default_exceptions.values())
def test_every_http_error_has_a_title_and_a_sentence(error: type[HTTPException]) -> None:
    refusal = refusal_of(error())
    assert refusal.status == error.code
    assert refusal.title
    assert refusal.message.endswith((".", "?"))


def test_nothing_of_an_unexpected_error_is_told() -> None:
    told = refusal_of(RuntimeError("the launch code is 12345"))
    assert "12345" not in told.message + told.title + str(dict(told.headers))
