"""What every template may name: facts of the person and of the product.

Features add theirs with `provide`, so that nothing here knows them. A fact is looked up when a template first names
it, once a request: a partial that shows one card asks the database nothing about workspaces.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from flask import Flask, has_request_context, request
from jinja2.runtime import Context
from jinja2.utils import missing
from redis.exceptions import RedisError

from app.product import VERSION
from app.web import visitor

THEMES = ("dark", "light")
THEME_COOKIE = "theme"
_FOUND = "darkroom.context"

log = structlog.get_logger(__name__)
_providers: dict[str, Callable[[], Any]] = {}


def provide(name: str, find: Callable[[], Any]) -> None:
    """Let templates name `name`; `find` is called at its first use in a request. A later call replaces an earlier."""
    _providers[name] = find


def register(app: Flask) -> None:
    provide("theme", theme)
    app.jinja_environment.context_class = LazyContext
    app.jinja_env.globals["product_version"] = VERSION
    app.jinja_env.filters["clock_text"] = visitor.clock_text
    app.context_processor(lambda: {name: Fact(name) for name in _providers})


def theme() -> str:
    """dark or light, as the person chose."""
    chosen = request.cookies.get(THEME_COOKIE)
    return chosen if chosen in THEMES else THEMES[0]


class Fact:
    """Stands in a template's context until somebody names it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def look_up(self) -> Any:
        """The value, or Jinja's `missing`, which makes the name undefined, where there is none."""
        if not has_request_context():
            return missing
        found: dict[str, Any] = request.environ.setdefault(_FOUND, {})
        if self.name not in found:
            try:
                found[self.name] = _providers[self.name]()
            except RedisError as error:
                # What lives in Redis is decoration; the page stands without it.
                log.warning("context_missing", fact=self.name, error=type(error).__name__)
                found[self.name] = missing
        return found[self.name]


class LazyContext(Context):
    """Jinja asks here for every name."""

    def resolve_or_missing(self, key: str) -> Any:
        value = super().resolve_or_missing(key)
        return value.look_up() if isinstance(value, Fact) else value
