"""What the library page shows: chips for what narrows it, pictures in groups, and the addresses that lead on."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl, urlencode

import sqlalchemy as sa
from flask import url_for

from app import limits
from app.db import db, utc_now
from app.library import search, trash
from app.library.filters import Filters
from app.library.grouping import Group, GroupBy, grouped, prompt_of, spoken_day
from app.library.models import Asset
from app.library.nesting import originals_of
from app.library.views import ImageView, image_views
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
_KINDS = {"image": "Pictures", "video": "Videos"}
_SOURCES = {"generated": "Made here", "uploaded": "Brought along"}
_GROUPINGS = {GroupBy.SESSION: "Session", GroupBy.BATCH: "Batch", GroupBy.PROMPT: "Prompt", GroupBy.NONE: "Nothing"}
_PAGE = 60
# Of an address, for what stands before a prompt.
_ROOM_CHARS = 200


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Chip:
    """One trait. text: what it is set to, or its name. remove_url: none while it is open; options, or `form` ("days",
    "tag") with `hidden` fields, set it; with neither, `url` turns it on."""

    name: str
    text: str
    remove_url: str | None = None
    options: list[Link] = field(default_factory=list)
    form: str | None = None
    hidden: list[tuple[str, str]] = field(default_factory=list)
    url: str | None = None


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
    """All that changes with the filters."""

    filters: Filters
    group: GroupBy
    query: str
    hidden: list[tuple[str, str]]
    views: list[Link]
    chips: list[Chip]
    groups: list[GroupView]
    count_text: str
    clear_url: str | None
    next_url: str | None = None
    next_partial_url: str | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Leaving:
    """Pictures in the trash that go on the same day."""

    heading: str
    images: list[ImageView]


def shelf(owner_id: uuid.UUID, filters: Filters, args: Mapping[str, str]) -> Shelf:
    """A page of the library: as filters say, in the groups and from the cursor that the address names."""
    by = _group_by(args)
    found = search.find(owner_id, filters, after=id_or_none(args.get("after")), most=_PAGE, tally=True)
    originals = {} if by is GroupBy.NONE else originals_of(owner_id, found.assets)
    groups = grouped(found.assets, originals, by)
    views = _group_views(groups, filters, by, continued=args.get("last"))
    more: dict[str, str | None] = {}
    if found.after is not None:
        more["next_url"] = _url(filters, by, after=found.after)
        more["next_partial_url"] = _url(filters, by, after=found.after, last=groups[-1].key, part="groups")
    return _shelf(owner_id, filters, by, views, _count_text(found.count), **more)


def refused(args: Mapping[str, str], errors: Mapping[str, str]) -> Shelf:
    """A page without pictures, for an address that cannot be understood."""
    return Shelf(Filters(), _group_by(args), "", [], [], [], [], "", url_for("library_pages.index"), errors=errors)


def leaving(assets: Sequence[Asset]) -> list[Leaving]:
    """Pictures in the trash by the day they go, those that go last first, as they were put aside."""
    ordered = sorted(assets, key=_goes_on, reverse=True)
    today = utc_now().date()
    found = []
    for day, group in groupby(ordered, key=_goes_on):
        days = max((day - today).days, 0)
        when = "within a day" if days == 0 else "in 1 day" if days == 1 else f"in {days} days"
        found.append(Leaving(f"Gone on {day.day} {day:%B}, {when}", image_views(list(group))))
    return found


def heading_of(day: date) -> str:
    return spoken_day(day, utc_now().date())


def id_or_none(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None


def _goes_on(asset: Asset) -> date:
    return trash.goes_at(asset.deleted_at or utc_now()).date()


def _shelf(
    owner_id: uuid.UUID, filters: Filters, by: GroupBy, groups: list[GroupView], count_text: str, **more: str | None
) -> Shelf:
    return Shelf(
        filters=filters,
        group=by,
        query=filters.to_query(),
        hidden=_hidden(filters, by, without={"q"}),
        views=[Link(text, _url(filters, each), each is by) for each, text in _GROUPINGS.items()],
        chips=_chips(owner_id, filters, by),
        groups=groups,
        count_text=count_text,
        clear_url=_url(Filters(), by) if filters.narrowing else None,
        **more,  # type: ignore[arg-type]  # exactly the two addresses, or nothing
    )


def _count_text(count: int | None) -> str:
    if count is None:
        return ""
    return f"more than {search.COUNTED:,} found".replace(",", "\u2009") if count > search.COUNTED else f"{count} found"


def _group_by(args: Mapping[str, str]) -> GroupBy:
    try:
        return GroupBy(args.get("group", ""))
    except ValueError:
        return GroupBy.SESSION


def _url(filters: Filters, by: GroupBy, /, *, changes: Mapping[str, Any] | None = None, **view: Any) -> str:
    if by is not GroupBy.SESSION:
        view = {"group": by.value, **view}
    query = "&".join(part for part in (filters.to_query(**(changes or {})), urlencode(view)) if part)
    return url_for("library_pages.index") + (f"?{query}" if query else "")


def _hidden(filters: Filters, by: GroupBy, without: Iterable[str]) -> list[tuple[str, str]]:
    """What a form that sets `without` carries along."""
    kept = parse_qsl(filters.to_query(**dict.fromkeys(without)))
    return [*kept, *([("group", by.value)] if by is not GroupBy.SESSION else [])]


def _chips(owner_id: uuid.UUID, filters: Filters, by: GroupBy) -> list[Chip]:
    def choice(name: str, title: str, options: Mapping[Any, str]) -> Chip:
        value = getattr(filters, name)
        links = [Link(text, _url(filters, by, changes={name: key}), key == value) for key, text in options.items()]
        text = title if value is None else options.get(value, str(value))
        return Chip(name, text, _without(name) if value is not None else None, links)

    def switch(name: str, title: str) -> Chip:
        on = getattr(filters, name) is True
        return Chip(
            name,
            title,
            _without(name) if on else None,
            url=None if on else _url(filters, by, changes={name: True}),
        )

    def _without(*names: str) -> str:
        return _url(filters, by, changes=dict.fromkeys(names))

    days = filters.since is not None or filters.until is not None
    chips = [
        choice("kind", "Kind", _KINDS),
        choice("source", "Source", _SOURCES),
        Chip(
            "days",
            _days_text(filters),
            _without("since", "until") if days else None,
            form="days",
            hidden=_hidden(filters, by, {"since", "until"}),
        ),
        choice("model", "Model", {model.id: model.name for model in catalogue().models}),
        choice("style", "Style", {name: name for name in _styles(owner_id)}),
        choice("operation", "Made how", OPERATIONS),
        choice("rating", "Stars", {stars: f"{stars} or more" if stars < 5 else "5 stars" for stars in range(5, 0, -1)}),
        Chip(
            "tag",
            f"#{filters.tag}" if filters.tag else "Tag",
            _without("tag") if filters.tag else None,
            form="tag",
            hidden=_hidden(filters, by, {"tag"}),
        ),
        switch("favourite", "Favourites"),
        switch("rejected", "Rejected"),
    ]
    names = {workspace.id: workspace.name for workspace in current.mine()}
    if len(names) > 1 or filters.workspace_id is not None:
        chips.append(choice("workspace_id", "Workspace", names))
    if filters.batch_id is not None:
        chips.append(Chip("batch_id", "One batch", _without("batch_id")))
    # What is set stands first, where the eye begins.
    return sorted(chips, key=lambda chip: chip.remove_url is None)


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


def _group_views(groups: Sequence[Group], filters: Filters, by: GroupBy, *, continued: str | None) -> list[GroupView]:
    assets = [asset for group in groups for each in group.originals for asset in (each.asset, *each.iterations)]
    views = {view.id: view for view in image_views(assets)}
    names = {workspace.id: workspace.name for workspace in current.mine()}
    found = []
    for number, group in enumerate(groups):
        newest = group.newest
        brought = newest.source == "uploaded" and by is not GroupBy.SESSION
        day = heading_of(newest.created_at.date())
        heading = {
            GroupBy.SESSION: f"{day} · {names.get(newest.workspace_id, '')}",
            GroupBy.NONE: None,
        }.get(by, "Brought along" if brought else prompt_of(newest))
        found.append(
            GroupView(
                key=group.key,
                heading=heading,
                badge=None if by is GroupBy.SESSION or brought else _badge(newest),
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


def _badge(asset: Asset) -> str | None:
    return next((text for operation, text in OPERATIONS.items() if operation == asset.operation), None)


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
        return _url(Filters(), by, changes={"batch_id": newest.batch_id})
    if by is GroupBy.SESSION:
        day = newest.created_at.date()
        only = Filters(workspace_id=newest.workspace_id, since=day, until=day)
        return _url(only, by) if only != filters else None
    return None
