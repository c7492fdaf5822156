"""How one value of a row is shown. The template (templates/admin/_cell.html) turns a cell into markup."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import request, url_for

from app import money
from app.db import utc_now
from app.durations import measured
from app.generation.domain import JobState
from app.library.figures import size_text

# (view, context, row, name of the column) -> what is shown: the shape Flask-Admin calls formatters with.
Formatter = Callable[[Any, Any, Any, str], Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """text: empty shows a dash. url: where it leads. tone, icon: of a badge. at: a moment, shown instead."""

    text: str
    url: str | None = None
    tone: str | None = None
    icon: str | None = None
    at: datetime | None = None


_STATES: Mapping[str, tuple[str, str]] = {
    JobState.WAITING: ("", "hourglass"),
    JobState.PLACED: ("", "hourglass"),
    JobState.SUBMITTED: ("accent", "play"),
    JobState.RUNNING: ("accent", "play"),
    JobState.CANCELLING: ("warn", "close"),
    JobState.SUCCEEDED: ("good", "check"),
    JobState.FAILED: ("bad", "alert"),
    JobState.CANCELLED: ("", "close"),
}


def minute(_view: Any, value: datetime, _name: str) -> Cell:
    """In the reader's own time."""
    return Cell("", at=value)


def second(_view: Any, value: datetime, _name: str) -> Cell:
    """As logs have it: what is looked into by seconds is looked for there too."""
    return Cell(f"{value:%d %b %Y, %H:%M:%S} UTC")


def yes(_view: Any, value: bool, _name: str) -> Cell:
    return Cell("yes", tone="", icon="check") if value else Cell("no")


def price(_view: Any, value: Decimal, _name: str) -> Cell:
    return Cell(money.show(value))


def listed(_view: Any, value: list[Any], _name: str) -> Cell:
    return Cell(", ".join(str(item) for item in value))


def nothing(_view: Any, _value: None, _name: str) -> Cell:
    return Cell("")


# By type, for columns that say nothing of their own.
BY_TYPE: Mapping[type, Callable[[Any, Any, str], Cell]] = {
    bool: yes,
    datetime: minute,
    Decimal: price,
    list: listed,
    type(None): nothing,
}
BY_TYPE_ON_ITS_PAGE = {**BY_TYPE, datetime: second}


def opens(text: Callable[[Any], str]) -> Formatter:
    """The row's own page, under a name that `text` takes from the row."""
    return lambda view, _context, row, _name: Cell(text(row), url=None if _on_its_page() else _page_of(view, row))


def opens_at(view: Any, _context: Any, row: Any, name: str) -> Cell:
    """The row's own page, under the moment it was made."""
    if _on_its_page():
        return second(view, row.created_at, name)
    return Cell("", url=_page_of(view, row), at=row.created_at)


def _on_its_page() -> bool:
    return "row_id" in (request.view_args or {})


def _page_of(view: Any, row: Any) -> str:
    return str(view.get_url(".details_view", row_id=row.id))


def person(_view: Any, _context: Any, row: Any, _name: str) -> Cell:
    return Cell(row.person or "gone", url=url_for("admin_people.details_view", row_id=row.owner_id))


def leads_to(endpoint: str) -> Formatter:
    """The page of another row, whose id the column holds."""

    def show(_view: Any, _context: Any, row: Any, name: str) -> Cell:
        other = getattr(row, name)
        return Cell("") if other is None else Cell(str(other), url=url_for(f"{endpoint}.details_view", row_id=other))

    return show


def state(_view: Any, _context: Any, row: Any, _name: str) -> Cell:
    tone, icon = _STATES[row.state]
    return Cell(row.state, tone=tone, icon=icon)


def took(_view: Any, _context: Any, row: Any, _name: str) -> Cell:
    """From being sent to its end."""
    if row.submitted_at is None or row.finished_at is None:
        return Cell("")
    return Cell(measured(max((row.finished_at - row.submitted_at).total_seconds(), 0.0)))


def charged(_view: Any, _context: Any, row: Any, _name: str) -> Cell:
    """What it cost, or is expected to while that is open."""
    if row.price_actual is not None:
        return Cell(money.show(row.price_actual))
    return Cell(f"{money.show(row.price_estimate)} expected" if row.price_estimate else "free")


def pixels(_view: Any, _context: Any, row: Any, _name: str) -> Cell:
    return Cell(f"{row.width_px} × {row.height_px}")


def size(_view: Any, _context: Any, row: Any, _name: str) -> Cell:
    return Cell(size_text(row.size_bytes))


def key_state(_view: Any, _context: Any, row: Any, _name: str) -> Cell:
    if row.revoked_at is not None:
        return Cell("revoked", tone="", icon="close")
    live = row.expires_at > utc_now()
    return Cell("live", tone="good", icon="check") if live else Cell("expired", tone="warn", icon="warning")


def mail_state(_view: Any, _context: Any, row: Any, _name: str) -> Cell:
    if row.sent_at is not None:
        return Cell("sent", tone="good", icon="check")
    if row.due_at is None:
        return Cell("given up", tone="bad", icon="alert")
    return Cell("waiting", tone="warn" if row.attempts else "", icon="hourglass")
