"""The pictures of the canvas by day, and the rail of days beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from app import money
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
    """Pictures of one day (UTC), as templates/playground/_days.html shows them. summary: of the whole day,
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


def days_of(workspace: Workspace, assets: Sequence[Asset], today: date) -> list[Day]:
    """Pictures in order, parted by day."""
    if not assets:
        return []
    first, last = assets[-1].created_at.date(), assets[0].created_at.date()
    found = timeline.counts_by_day(workspace.owner_id, workspace.id, first=first, last=last)
    counts = {each.day: each for each in found}
    spent = spending.spent_by_day(workspace.id, first, last)
    views = iter(image_views(assets))
    days = []
    for day, group in groupby(assets, key=lambda asset: asset.created_at.date()):
        images = [next(views) for _ in group]
        # A picture made in the last moment of a day may be counted to the next.
        summary = summary_of(counts.get(day) or DayCount(day, len(images), 0))
        if day in spent:
            summary += f" · {money.show(spent[day])}"
        days.append(Day(f"{day}-{images[0].id}", day, heading_of(day, today), summary, images))
    return days


def rail_of(workspace: Workspace, today: date) -> list[Mark]:
    """The days with pictures, newest first: the latest one by one, older ones by month, the oldest by year."""
    counts = timeline.counts_by_day(workspace.owner_id, workspace.id)
    late = sum(_is_late(each.day, today) for each in counts[:_DAYS])
    marks = [
        Mark(_short(each.day, today), f"{heading_of(each.day, today)}, {summary_of(each)}", each.day, each.day)
        for each in counts[:late]
    ]
    months = [list(group) for _, group in groupby(counts[late:], key=lambda each: (each.day.year, each.day.month))]
    marks += [_span(month, f"{month[0].day:%b}", f"{month[0].day:%B %Y}") for month in months[:_MONTHS]]
    rest = [each for month in months[_MONTHS:] for each in month]
    years = [list(group) for _, group in groupby(rest, key=lambda each: each.day.year)]
    return marks + [_span(year, f"{year[0].day:%Y}", f"{year[0].day:%Y}") for year in years]


def heading_of(day: date, today: date) -> str:
    """ "Today", "Wednesday 18", "3 October", "3 October 2025"."""
    ago = (today - day).days
    if ago in {0, 1}:
        return ("Today", "Yesterday")[ago]
    if ago < 7:
        return f"{day:%A} {day.day}"
    return f"{day.day} {day:%B}" + ("" if day.year == today.year else f" {day.year}")


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


def _span(days: Sequence[DayCount], text: str, name: str) -> Mark:
    whole = DayCount(days[0].day, sum(each.pictures for each in days), sum(each.videos for each in days))
    return Mark(text, f"{name}, {summary_of(whole)}", days[0].day, days[-1].day)
