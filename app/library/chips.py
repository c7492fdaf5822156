"""The chips of the library page, one for each trait, and the addresses that they and all else there lead to."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

import sqlalchemy as sa
from flask import url_for

from app.db import db
from app.library.filters import Filters
from app.library.groups import GroupBy
from app.providers.contract import Operation
from app.providers.registry import catalogue
from app.workspaces import current
from app.workspaces.models import Style, Workspace

OPERATIONS = {
    Operation.TXT2IMG: "From words",
    Operation.IMG2IMG: "From a picture",
    Operation.INPAINT: "Repainted",
    Operation.OUTPAINT: "Extended",
    Operation.UPSCALE: "Enlarged",
    Operation.ITERATE: "Edited in words",
    Operation.IMG2VID: "Animated",
    Operation.INTERPOLATE: "Between two pictures",
}
_ONE_OF = {
    "batch_id": "One batch",
    "line_batch_id": "One batch and what came of it",
    "line_prompt_id": "One prompt and what came of it",
}
_KINDS = {"image": "Pictures", "video": "Videos"}
_SOURCES = {"generated": "Made here", "uploaded": "Uploaded", "mask": "Masks"}


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Chip:
    """One trait, or one value of a trait with several. text: what it is set to, or its name. remove_url: none while it
    is open; options, or `form` ("days", "tag") with `hidden` fields, set it; with neither, `url` turns it on."""

    name: str
    text: str
    remove_url: str | None = None
    options: list[Link] = field(default_factory=list)
    form: str | None = None
    hidden: list[tuple[str, str]] = field(default_factory=list)
    url: str | None = None


def made_how(operation: object) -> str | None:
    """What people call the operation a picture came of; nothing for an upload."""
    return next((text for each, text in OPERATIONS.items() if each == operation), None)


def address(filters: Filters, by: GroupBy, /, *, changes: Mapping[str, Any] | None = None, **view: Any) -> str:
    """The library's address with some traits changed. view: what stands beside the filters, such as a cursor."""
    if by is not GroupBy.SESSION:
        view = {"group": by.value, **view}
    query = "&".join(part for part in (filters.to_query(**(changes or {})), urlencode(view)) if part)
    return url_for("library_pages.index") + (f"?{query}" if query else "")


def list_query(filters: Filters) -> str:
    """What a picture's address says of the library's list it stands in: read by `app.library.filters.from_query`."""
    query = filters.to_query()
    return f"?in=library&{query}" if query else "?in=library"


def carried(filters: Filters, by: GroupBy, without: Iterable[str]) -> list[tuple[str, str]]:
    """What a form that sets `without` carries along."""
    kept = parse_qsl(filters.to_query(**dict.fromkeys(without)))
    return [*kept, *([("group", by.value)] if by is not GroupBy.SESSION else [])]


def chips(owner_id: uuid.UUID, filters: Filters, by: GroupBy) -> list[Chip]:
    """One for each trait and each value of those that take several; those that are set first."""

    def without(*names: str) -> str:
        return address(filters, by, changes=dict.fromkeys(names))

    def choice(name: str, title: str, options: Mapping[Any, str]) -> list[Chip]:
        value = getattr(filters, name)
        links = [Link(text, address(filters, by, changes={name: key}), key == value) for key, text in options.items()]
        text = title if value is None else options.get(value, str(value))
        return [Chip(name, text, without(name) if value is not None else None, links)]

    def taken(name: str, text: Callable[[Any], str]) -> list[Chip]:
        values = getattr(filters, name)
        rest = {value: tuple(each for each in values if each != value) for value in values}
        return [
            Chip(f"{name}-{at}", text(value), address(filters, by, changes={name: rest[value]}))
            for at, value in enumerate(values, 1)
        ]

    def several(name: str, title: str, options: Mapping[Any, str]) -> list[Chip]:
        values = getattr(filters, name)
        links = [
            Link(text, address(filters, by, changes={name: (*values, key)}))
            for key, text in options.items()
            if key not in values
        ]
        open_one = [Chip(name, title, options=links)] if links else []
        return [*taken(name, lambda value: options.get(value, str(value))), *open_one]

    def switch(name: str, title: str) -> list[Chip]:
        on = getattr(filters, name) is True
        return [Chip(name, title, without(name))] if on else [_switch_on(filters, by, name, title)]

    days = filters.since is not None or filters.until is not None
    names = {workspace.id: workspace.name for workspace in current.mine()}
    found = [
        *choice("kind", "Kind", _KINDS),
        *choice("source", "Source", _SOURCES),
        Chip(
            "days",
            _days_text(filters),
            without("since", "until") if days else None,
            form="days",
            hidden=carried(filters, by, {"since", "until"}),
        ),
        *several("model", "Model", {model.id: model.name for model in catalogue().models}),
        *several("style", "Style", {name: name for name in _styles(owner_id)}),
        *several("operation", "Made how", OPERATIONS),
        *choice(
            "rating", "Stars", {stars: f"{stars} or more" if stars < 5 else "5 stars" for stars in range(5, 0, -1)}
        ),
        *taken("tag", lambda tag: f"#{tag}"),
        Chip("tag", "Tag", form="tag", hidden=carried(filters, by, ())),
        *switch("favourite", "Favourites"),
        *switch("rejected", "Rejected"),
        *(choice("workspace_id", "Workspace", names) if len(names) > 1 or filters.workspace_id else []),
        *(Chip(name, text, without(name)) for name, text in _ONE_OF.items() if getattr(filters, name)),
    ]
    # What is set stands first, where the eye begins.
    return sorted(found, key=lambda chip: chip.remove_url is None)


def _switch_on(filters: Filters, by: GroupBy, name: str, title: str) -> Chip:
    return Chip(name, title, url=address(filters, by, changes={name: True}))


def _days_text(filters: Filters) -> str:
    match filters.since, filters.until:
        case None, None:
            return "Days"
        case None, until:
            return f"Until {_day_text(until)}"
        case since, None:
            return f"From {_day_text(since)}"
        case since, until:
            return _day_text(since) if since == until else f"{_day_text(since)} to {_day_text(until)}"


def _day_text(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else ""


def _styles(owner_id: uuid.UUID) -> Sequence[str]:
    return db.session.scalars(
        sa.select(Style.name)
        .join(Workspace, Workspace.id == Style.workspace_id)
        .where(Workspace.owner_id == owner_id, Workspace.deleted_at.is_(None))
        .distinct()
        .order_by(Style.name)
    ).all()
