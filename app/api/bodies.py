"""Bodies that may be left out."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from apiflask import APIBlueprint
from flask import request
from pydantic import BaseModel

from app.forms import read

View = TypeVar("View", bound=Callable[..., Any])


def optional_input(bp: APIBlueprint, shape: type[BaseModel], *, example: Any) -> Callable[[View], View]:
    """Like `bp.input(shape, arg_name="body")`, but no body at all stands for an empty one."""

    def decorate(view: View) -> View:
        described = bp.input(shape, example=example)(view)

        @wraps(described)
        def reading(*args: Any, **kwargs: Any) -> Any:
            given = request.get_json(force=True) if request.get_data() else {}
            return view(*args, body=read(shape, given), **kwargs)

        reading.api_body_optional = True  # type: ignore[attr-defined]  # read back by may_come_empty
        return reading  # type: ignore[return-value]  # wraps keeps what matters of it

    return decorate


def may_come_empty(view: Callable[..., Any]) -> bool:
    return bool(getattr(view, "api_body_optional", False))
