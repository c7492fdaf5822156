"""The pictures of the canvas by day, and the rail of days beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta, tzinfo
from itertools import groupby

from app import money
from app.days import day_of, spoken
from app.generation import spending
from app.library import timeline
from app.library.models import Asset
from app.library.timeline import DayCount
from app.library.views import ImageView, image_views
from app.workspaces.models import Workspace

# Days that stand on the rail one by one; before them months, and before those years, so that it fits a screen.
_DAYS, _MONTHS = 7, 10


@dataclass(frozen=True, slots=True)
class Day:
    """Pictures of one day, as templates/playground/_days.html shows them. summary: of the whole day,
    with what it cost."""

    key: str
    date: date
    heading: str
    summary: str
    images: list[ImageView]


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the rail. It leads to `day`, the newest of those it stands for, and stands for all back to `since`."""

    text: str
    label: str
    day: date
    since: date


def days_of(workspace: Workspace, assets: Sequence[Asset], today: date, *, zone: tzinfo = UTC) -> list[Day]:
    """Pictures in order, parted by day."""
    if not assets:
        return []
    first, last = day_of(assets[-1].created_at, zone), day_of(assets[0].created_at, zone)
    found = timeline.counts_by_day(workspace.owner_id, workspace.id, first=first, last=last, zone=zone)
    counts = {each.day: each for each in found}
    spent = spending.spent_by_day(workspace.id, first, last, zone=zone)
    views = iter(image_views(assets))
    days = []
    for day, group in groupby(assets, key=lambda asset: day_of(asset.created_at, zone)):
        images = [next(views) for _ in group]
        # A picture made in the last moment of a day may be counted to the next.
        summary = summary_of(counts.get(day) or DayCount(day, len(images), 0))
        if day in spent:
            summary += f" · {money.show(spent[day])}"
        days.append(Day(f"{day}-{images[0].id}", day, spoken(day, today), summary, images))
    return days


def rail_of(workspace: Workspace, today: date, *, zone: tzinfo = UTC) -> list[Mark]:
    """The days with pictures, newest first: the latest one by one, older ones by month, the oldest by year."""
    marks: list[Mark] = []
    late, months = 0, 0
    day = timeline.newest_day(workspace.owner_id, workspace.id, zone=zone)
    while day is not None:
        if late < _DAYS and not months and _is_late(day, today):
            late, since, text, name = late + 1, day, _short(day, today), spoken(day, today)
        elif months < _MONTHS:
            months, since, text, name = months + 1, day.replace(day=1), f"{day:%b}", f"{day:%B %Y}"
        else:
            since, text, name = day.replace(month=1, day=1), f"{day:%Y}", f"{day:%Y}"
        counted = timeline.count_of(workspace.owner_id, workspace.id, since, day, zone=zone)
        marks.append(Mark(text, f"{name}, {summary_of(counted)}", day, since))
        up_to = since - timedelta(days=1)
        day = timeline.newest_day(workspace.owner_id, workspace.id, up_to=up_to, zone=zone)
    return marks


def summary_of(count: DayCount) -> str:
    """ "18 pictures, 1 video"."""
    parts = [
        f"{number} {noun}{'' if number == 1 else 's'}"
        for number, noun in ((count.pictures, "picture"), (count.videos, "video"))
        if number
    ]
    return ", ".join(parts)


def _is_late(day: date, today: date) -> bool:
    """Whether its number alone says which day it is: of this month, or of the last week."""
    return (day.year, day.month) == (today.year, today.month) or (today - day).days < 7


def _short(day: date, today: date) -> str:
    return "Today" if day == today else str(day.day)
