"""What the library page shows: chips for what narrows it, pictures in groups, and the addresses that lead on."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from flask import url_for

from app.days import day_of, spoken
from app.db import utc_now
from app.library import groups, search, trash
from app.library.chips import Chip, Link, address, carried, chips, list_query, made_how
from app.library.filters import Filters
from app.library.groups import Counted, Group, GroupBy
from app.library.lines import prompt_of
from app.library.models import Asset
from app.library.views import ImageView, image_views
from app.web.ids import id_or_none
from app.web.visitor import time_zone, today
from app.workspaces import current

_GROUPINGS = {GroupBy.SESSION: "Session", GroupBy.BATCH: "Batch", GroupBy.PROMPT: "Prompt", GroupBy.NONE: "Nothing"}
_PAGE = 60
# What windowing.js asks for when far rows come near again.
_MOST_AT_ONCE = 240


@dataclass(frozen=True, slots=True)
class Lot:
    """An original and its iterations; or, with none, pictures of which nothing came."""

    images: list[ImageView]
    iterations: list[ImageView]


@dataclass(frozen=True, slots=True)
class GroupView:
    """number: of pictures shown. rest_text: how many more the list at all_url has; none where all are shown."""

    heading: str
    badge: str | None
    meta: str
    lots: list[Lot]
    number: int
    all_url: str
    reopen_url: str
    rest_text: str | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """All that changes with the filters. images: instead of groups, where pictures stand in none; pictures_url: where
    such a list gives any part of itself (`after`, `limit`); newest_url: none where it begins with the newest;
    again_url: gives this page of groups again."""

    filters: Filters
    group: GroupBy
    query: str
    hidden: list[tuple[str, str]]
    views: list[Link]
    chips: list[Chip]
    clear_url: str | None
    groups: list[GroupView] = field(default_factory=list)
    count_text: str = ""
    next_url: str | None = None
    next_partial_url: str | None = None
    images: list[ImageView] = field(default_factory=list)
    pictures_url: str | None = None
    newest_url: str | None = None
    again_url: str | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Leaving:
    """Pictures in the trash that go on the same day."""

    heading: str
    images: list[ImageView]


def shelf(owner_id: uuid.UUID, filters: Filters, args: Mapping[str, str]) -> Shelf:
    """A page of the library: as filters say, in the groups and from the cursor that the address names."""
    by = _group_by(args)
    after = id_or_none(args.get("after"))
    if by is GroupBy.NONE:
        return _list(owner_id, filters, after, most=_limit(args))
    page = groups.page_of(owner_id, filters, by, after=after, zone=time_zone())
    at: dict[str, Any] = {"after": after} if after else {}
    more: dict[str, Any] = {
        "groups": _group_views(page.groups, filters, by),
        "again_url": address(filters, by, **at, part="groups"),
        "count_text": "" if after else _count_text(page.count),
    }
    if after is not None:
        more["newest_url"] = address(filters, by)
    if page.after is not None:
        more["next_url"] = address(filters, by, after=page.after)
        more["next_partial_url"] = address(filters, by, after=page.after, part="groups")
    return _shelf(owner_id, filters, by, **more)


def _list(owner_id: uuid.UUID, filters: Filters, after: uuid.UUID | None, *, most: int) -> Shelf:
    """Pictures in no groups, as many as there may be: the browser keeps those that are near the screen."""
    by = GroupBy.NONE
    found = search.find(owner_id, filters, after=after, most=most, tally=True, zone=time_zone())
    more: dict[str, Any] = {
        "images": image_views(found.assets, list_query(filters)),
        "pictures_url": address(filters, by, part="list"),
        "count_text": _count_text(found.count),
    }
    if after is not None:
        more["newest_url"] = address(filters, by)
    if found.after is not None:
        more["next_url"] = address(filters, by, after=found.after)
        more["next_partial_url"] = address(filters, by, part="list", after=found.after)
    return _shelf(owner_id, filters, by, **more)


def refused(args: Mapping[str, str], errors: Mapping[str, str]) -> Shelf:
    """A page without pictures, for an address that cannot be understood."""
    return Shelf(Filters(), _group_by(args), "", [], [], [], url_for("library_pages.index"), errors=errors)


def leaving(assets: Sequence[Asset]) -> list[Leaving]:
    """Pictures in the trash by the day they go, those that go last first, as they were put aside."""
    ordered = sorted(assets, key=_goes_on, reverse=True)
    found = []
    for day, group in groupby(ordered, key=_goes_on):
        days = max((day - today()).days, 0)
        when = "within a day" if days == 0 else "in 1 day" if days == 1 else f"in {days} days"
        found.append(
            Leaving(f"Gone on {day.day} {day:%B}, {when}", image_views(list(group), list_query(Filters(trashed=True))))
        )
    return found


def heading_of(day: date) -> str:
    return spoken(day, today())


def _goes_on(asset: Asset) -> date:
    return day_of(trash.goes_at(asset.deleted_at or utc_now()), time_zone())


def _shelf(owner_id: uuid.UUID, filters: Filters, by: GroupBy, **more: Any) -> Shelf:
    return Shelf(
        filters=filters,
        group=by,
        query=filters.to_query(),
        hidden=carried(filters, by, without={"q"}),
        views=[Link(text, address(filters, each), each is by) for each, text in _GROUPINGS.items()],
        chips=chips(owner_id, filters, by),
        clear_url=address(Filters(), by) if filters.narrowing else None,
        **more,
    )


def _limit(args: Mapping[str, str]) -> int:
    text = args.get("limit", "")
    return min(max(int(text), 1), _MOST_AT_ONCE) if text.isascii() and text.isdigit() and len(text) < 6 else _PAGE


def _count_text(count: int | None) -> str:
    if count is None:
        return ""
    return f"more than {_number(search.COUNTED)} found" if count > search.COUNTED else f"{count} found"


def _group_by(args: Mapping[str, str]) -> GroupBy:
    try:
        return GroupBy(args.get("group", ""))
    except ValueError:
        return GroupBy.SESSION


def _group_views(found: Sequence[Group], filters: Filters, by: GroupBy) -> list[GroupView]:
    assets = [asset for group in found for each in group.originals for asset in (each.asset, *each.iterations)]
    views = {view.id: view for view in image_views(assets, list_query(filters))}
    names = {workspace.id: workspace.name for workspace in current.mine()}
    return [_group_view(group, by, views, names) for group in found]


def _group_view(
    group: Group, by: GroupBy, views: Mapping[uuid.UUID, ImageView], names: Mapping[uuid.UUID, str]
) -> GroupView:
    day = heading_of(day_of(group.newest.created_at, time_zone()))
    meta = _pictures_text(group.counted)
    badge = None
    if by is GroupBy.SESSION:
        heading = f"{day} · {names.get(group.newest.workspace_id, '')}"
    elif group.first.source == "generated":
        heading, badge = prompt_of(group.first.recipe) or "Without words", made_how(group.first.operation)
    else:
        heading = "Masks" if group.first.source == "mask" else "Uploads"
    rest = group.counted.pictures - group.shown
    return GroupView(
        heading=heading,
        badge=badge,
        meta=meta if by is GroupBy.SESSION else f"{day} · {meta}",
        lots=_lots(group, views),
        number=group.shown,
        all_url=address(group.filters, GroupBy.NONE),
        reopen_url=url_for("inspector.reopen", image_id=(group.newest if by is GroupBy.SESSION else group.first).id),
        rest_text=f"{_number(rest)} more" if rest > 0 else None,
    )


def _lots(group: Group, views: Mapping[uuid.UUID, ImageView]) -> list[Lot]:
    lots = []
    for childless, run in groupby(group.originals, key=lambda each: not each.iterations):
        each = list(run)
        if childless:
            lots.append(Lot([views[original.asset.id] for original in each], []))
        else:
            lots += [
                Lot([views[original.asset.id]], [views[asset.id] for asset in original.iterations]) for original in each
            ]
    return lots


def _pictures_text(counted: Counted) -> str:
    if counted.iterations:
        parts = ((counted.pictures - counted.iterations, "original"), (counted.iterations, "iteration"))
    else:
        parts = ((counted.pictures - counted.videos, "picture"), (counted.videos, "video"))
    return ", ".join(f"{_number(number)} {noun}{'' if number == 1 else 's'}" for number, noun in parts if number)


def _number(number: int) -> str:
    return f"{number:,}".replace(",", "\u2009")
