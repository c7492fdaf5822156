"""JSON as a contract, not as Python reads it: bounded, without NaN, doubled keys or characters nothing can store."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from app.errors import AppError
from app.limits import JSON_ARRAY_ITEMS, JSON_DEPTH, JSON_INTEGER, JSON_OBJECT_KEYS
from app.texts import UNSTORABLE

dumps = json.dumps

_MAX_DIGITS = len(str(JSON_INTEGER)) + 1  # and a sign


class BadJson(AppError):
    status = 400
    code = "bad_json"


class RefusedJson(AppError):
    """Well-formed, but not acceptable; `code` says which rule."""

    status = 422

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def loads(data: str | bytes, **unused: Any) -> Any:
    """The value of a JSON text in UTF-8. Raises BadJson (400) and RefusedJson (422)."""
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_float,
            parse_int=_int,
            parse_constant=_constant,
        )
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise BadJson(f"The body is not valid JSON{where}.") from None
    _check(value)
    return value


def _check(root: Any) -> None:
    level, depth = [root], 0
    while level:
        depth += 1
        below: list[Any] = []
        for value in level:
            if isinstance(value, str):
                _check_string(value)
            elif isinstance(value, dict | list):
                if depth > JSON_DEPTH:
                    raise _too_deep()
                below.extend(_members(value))
        level = below


def _members(value: dict[str, Any] | list[Any]) -> list[Any]:
    if isinstance(value, dict):
        for key in value:
            _check_string(key)
        return list(value.values())
    if len(value) > JSON_ARRAY_ITEMS:
        raise RefusedJson(f"A list may have {JSON_ARRAY_ITEMS:,} items.", "list_too_long")
    return value


def _check_string(value: str) -> None:
    if UNSTORABLE.search(value):
        raise RefusedJson("Remove the characters that are no text (NUL or half of a pair).", "invalid_character")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > JSON_OBJECT_KEYS:
        raise RefusedJson(f"An object may have {JSON_OBJECT_KEYS:,} keys.", "too_many_keys")
    found = dict(pairs)
    if len(found) < len(pairs):
        raise RefusedJson("A key stands twice in the same object.", "duplicate_key")
    return found


def _int(digits: str) -> int:
    if len(digits) > _MAX_DIGITS or abs(number := int(digits)) > JSON_INTEGER:
        raise RefusedJson("A whole number is too large.", "number_out_of_range")
    return number


def _float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise RefusedJson("A number is too large.", "number_out_of_range")
    return number


def _constant(name: str) -> NoReturn:
    raise RefusedJson(f"{name} is not a number in JSON.", "number_out_of_range")


def _too_deep() -> RefusedJson:
    return RefusedJson(f"The JSON is nested deeper than {JSON_DEPTH} levels.", "json_too_deep")
