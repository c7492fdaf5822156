"""Which day a moment belongs to, where somebody lives, and how days and moments are called."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo


def day_of(moment: datetime, zone: tzinfo = UTC) -> date:
    """The date on the wall there. moment: with its time zone."""
    return moment.astimezone(zone).date()


def offset_ms(day: date, zone: tzinfo = UTC) -> int:
    """How far the day's first moment there lies before midnight in UTC, in milliseconds."""
    offset = datetime.combine(day, time.min, zone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds() * 1000)


def spoken(day: date, today: date) -> str:
    """ "Today", "Wednesday 18 November", "3 October", "3 October 2025"."""
    ago = (today - day).days
    if ago in {0, 1}:
        return ("Today", "Yesterday")[ago]
    if 0 < ago < 7:
        return f"{day:%A} {day.day} {day:%B}"
    return f"{day.day} {day:%B}" + ("" if day.year == today.year else f" {day.year}")


def stamp(moment: datetime, zone: tzinfo = UTC) -> str:
    """ "20 Nov 2026, 18:30" on the clock there; in UTC with its name, for nobody's clock says so."""
    there = moment.astimezone(zone)
    return f"{there.day} {there:%b %Y, %H:%M}" + (" UTC" if zone is UTC else "")
