"""Each test makes an app of its own, and each app would work out the same things anew. Here they are kept.

Nothing that a test can change is kept: what a route compiles to, and how a statement is written for a database.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from werkzeug.routing.rules import Rule


def compile_each_route_once() -> None:
    """Remember what werkzeug compiles for the rest of this process; it is two thirds of what making an app costs."""
    compile_builder = Rule._compile_builder
    compiled: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}

    def remembered(rule: Any, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if rule.defaults:
            # A default is converted while compiling, by a converter of this very app.
            return compile_builder(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    setattr(Rule, "_compile_builder", remembered)  # noqa: B010 - its own type is written for itself alone


def keep_engines() -> None:
    """One engine for all apps over one address: it is the engine that remembers its compiled statements.

    Its connections end with each test, as long as the test disposes of the engine.
    """
    make_engine = SQLAlchemy._make_engine
    engines: dict[str, sa.Engine] = {}

    def kept(self: SQLAlchemy, bind_key: str | None, options: dict[str, Any], app: Any) -> sa.Engine:
        key = str(sorted((name, str(value)) for name, value in options.items()))
        if key not in engines:
            engines[key] = make_engine(self, bind_key, options, app)
        return engines[key]

    setattr(SQLAlchemy, "_make_engine", kept)  # noqa: B010 - a method is not assigned to
