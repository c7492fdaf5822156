"""Each test makes an app of its own, with the same few hundred routes; werkzeug compiles a route anew each time.

What it compiles depends on nothing but the route's text, so one compilation serves every app of a process. It is four
fifths of what making an app costs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing.rules import Rule


def compile_each_route_once() -> None:
    """Remember what werkzeug compiles for the rest of this process."""
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

    Rule._compile_builder = remembered  # type: ignore[method-assign]
