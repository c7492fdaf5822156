"""What the library page shows: chips for what narrows it, pictures in groups, and the addresses that lead on."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from flask import url_for

from app import limits
from app.days import day_of, spoken
from app.db import utc_now
from app.library import search, trash
from app.library.chips import Chip, Link, address, carried, chips, list_query, made_how
from app.library.filters import Filters
from app.library.grouping import Group, GroupBy, grouped, prompt_of
from app.library.models import Asset
from app.library.nesting import originals_of
from app.library.views import ImageView, image_views
from app.web.ids import id_or_none
from app.web.visitor import time_zone, today
from app.workspaces import current

_GROUPINGS = {GroupBy.SESSION: "Session", GroupBy.BATCH: "Batch", GroupBy.PROMPT: "Prompt", GroupBy.NONE: "Nothing"}
_PAGE = 60
# What windowing.js asks for when far rows come near again.
_MOST_AT_ONCE = 240
# Of an address, for what stands before a prompt.
_ROOM_CHARS = 200


@dataclass(frozen=True, slots=True)
class Lot:
    """An original and its iterations; or, with none, pictures of which nothing came."""

    images: list[ImageView]
    iterations: list[ImageView]


@dataclass(frozen=True, slots=True)
class GroupView:
    """heading: none where pictures stand in no groups. continued: its heading stands on the page before."""

    key: str
    heading: str | None
    badge: str | None
    meta: str
    lots: list[Lot]
    ids: list[uuid.UUID]
    reopen_url: str | None = None
    only_url: str | None = None
    continued: bool = False


@dataclass(frozen=True, slots=True)
class Shelf:
    """All that changes with the filters. images: instead of groups, where pictures stand in none; pictures_url: where
    such a list gives any part of itself (`after`, `limit`); newest_url: none where it begins with the newest."""

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
    found = search.find(owner_id, filters, after=after, most=_PAGE, tally=True, zone=time_zone())
    groups = grouped(found.assets, originals_of(owner_id, found.assets), by, zone=time_zone())
    views = _group_views(groups, filters, by, continued=args.get("last"))
    more: dict[str, Any] = {"groups": views, "count_text": _count_text(found.count)}
    if found.after is not None:
        more["next_url"] = address(filters, by, after=found.after)
        more["next_partial_url"] = address(filters, by, after=found.after, last=groups[-1].key, part="groups")
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
    return f"more than {search.COUNTED:,} found".replace(",", "\u2009") if count > search.COUNTED else f"{count} found"


def _group_by(args: Mapping[str, str]) -> GroupBy:
    try:
        return GroupBy(args.get("group", ""))
    except ValueError:
        return GroupBy.SESSION


def _group_views(groups: Sequence[Group], filters: Filters, by: GroupBy, *, continued: str | None) -> list[GroupView]:
    assets = [asset for group in groups for each in group.originals for asset in (each.asset, *each.iterations)]
    views = {view.id: view for view in image_views(assets, list_query(filters))}
    names = {workspace.id: workspace.name for workspace in current.mine()}
    found = []
    for number, group in enumerate(groups):
        newest = group.newest
        brought = newest.source == "uploaded" and by is not GroupBy.SESSION
        day = heading_of(day_of(newest.created_at, time_zone()))
        heading = {
            GroupBy.SESSION: f"{day} · {names.get(newest.workspace_id, '')}",
        }.get(by, "Uploads" if brought else prompt_of(newest))
        found.append(
            GroupView(
                key=group.key,
                heading=heading,
                badge=None if by is GroupBy.SESSION or brought else made_how(newest.operation),
                meta=_meta(group, None if by is GroupBy.SESSION else day),
                lots=_lots(group, views),
                ids=group.ids,
                reopen_url=_reopen_url(newest),
                only_url=_only_url(group, filters, by),
                continued=number == 0 and group.key == continued,
            )
        )
    return found


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


def _meta(group: Group, day: str | None) -> str:
    count = len(group.originals)
    videos = sum(each.asset.kind == "video" for each in group.originals)
    if group.iterations:
        what = f"{count} original{'' if count == 1 else 's'}, {group.iterations} iteration" + (
            "" if group.iterations == 1 else "s"
        )
    else:
        parts = ((count - videos, "picture"), (videos, "video"))
        what = ", ".join(f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in parts if number)
    return f"{day} · {what}" if day else what


def _reopen_url(asset: Asset) -> str:
    """The canvas the group was made on, with its prompt in the form."""
    prompt = prompt_of(asset) if asset.source == "generated" else ""
    # An address cannot carry the longest prompts.
    fits = len(urlencode({"prompt": prompt})) < limits.URL_CHARS - _ROOM_CHARS
    return url_for("playground.show", workspace_id=asset.workspace_id, prompt=prompt if prompt and fits else None)


def _only_url(group: Group, filters: Filters, by: GroupBy) -> str | None:
    """The library with nothing but this group, where filters can say that."""
    newest = group.newest
    if by is GroupBy.BATCH and newest.batch_id and newest.batch_id != filters.batch_id:
        return address(Filters(), by, changes={"batch_id": newest.batch_id})
    if by is GroupBy.SESSION:
        day = day_of(newest.created_at, time_zone())
        only = Filters(workspace_id=newest.workspace_id, since=day, until=day)
        return address(only, by) if only != filters else None
    return None
