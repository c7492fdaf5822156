"""Who is looking and how, as far as pages in general need to know. Asking may read the database."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from flask import current_app, request
from flask_login import current_user

from app.days import day_of, stamp
from app.db import utc_now

# Set by static/js/modules/time-zone.js.
ZONE_COOKIE = "time_zone"


def signed_in() -> bool:
    # Accounts are a feature above this one: without them everybody is a stranger.
    return hasattr(current_app, "login_manager") and bool(current_user.is_authenticated)


def is_admin() -> bool:
    return signed_in() and bool(current_user.is_admin)


def by_htmx() -> bool:
    """Whether the request wants the fragment that changes rather than a page."""
    return "HX-Request" in request.headers


def time_zone() -> tzinfo:
    """Where the visitor's clock stands, as their browser says it; UTC for who has no scripts."""
    name = request.cookies.get(ZONE_COOKIE, "")
    return ZoneInfo(name) if name in _zone_names() else UTC


def today() -> date:
    """The visitor's."""
    return day_of(utc_now(), time_zone())


def clock_text(moment: datetime) -> str:
    """A moment of the past as the visitor's clock and calendar had it."""
    return stamp(moment, time_zone())


def on_this_machine() -> bool:
    """Whether the request came straight from a program on this machine, not through a proxy."""
    address = request.remote_addr or ""
    return address == "::1" or address.startswith("127.")


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())
