"""The first page of /admin: how things stand now, in figures that are counted when it is opened.

It does not refresh itself: a page that asks again and again would keep an admin's session alive with nobody there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flask import url_for

from app.admin import lanes, queries
from app.admin.staff_view import StaffView, at
from app.db import utc_now
from app.extensions import settings
from app.generation.domain import JobState
from app.library.figures import size_text
from app.web import health
from app.web.storage_space import disk_of

_PARTS: Mapping[str, str] = {
    "database": "Database",
    "broker": "Redis",
    "storage": "Pictures' folder",
    "workers": "Workers",
    "beat": "Beat",
}


@dataclass(frozen=True, slots=True)
class Figure:
    title: str
    value: str
    aside: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the product and whether it works, in words."""

    name: str
    is_well: bool
    words: str


class Front(StaffView):
    def __init__(self) -> None:
        super().__init__("Overview", endpoint="admin", url="/admin", menu_icon_value="live")

    @at("/")
    def index(self) -> str:
        return self.render("admin/front.html", figures=figures(), parts=parts(), lanes=lanes.lane_rows())


def figures() -> list[Figure]:
    today = queries.today()
    since = utc_now().date().isoformat()
    return [
        Figure("People", _number(today.people), f"{today.new_people} new today", url_for("admin_people.index_view")),
        Figure(
            "Pictures today",
            _number(today.pictures),
            f"yesterday {_number(today.pictures_yesterday)}",
            url_for("admin_pictures.index_view", source="generated", since=since),
        ),
        Figure("Waiting", _number(today.waiting), "in everybody's queues", _jobs(JobState.WAITING)),
        Figure("Running", _number(today.running), "on a lane or going there", _jobs(JobState.RUNNING)),
        Figure("Failed today", _number(today.failed), "jobs of everybody", _jobs(JobState.FAILED)),
        *_disk(),
    ]


def _jobs(state: JobState) -> str:
    return url_for("admin_jobs.index_view", state=state.value)


def _disk() -> list[Figure]:
    parts_of_url = urlsplit(settings().storage_url)
    if parts_of_url.scheme != "file":
        return []
    disk = disk_of(Path(unquote(parts_of_url.path)))
    share = round(100 * disk.used_bytes / (disk.used_bytes + disk.free_bytes))
    return [Figure("Disk used", f"{share} %", f"{size_text(disk.free_bytes)} free")]


def parts() -> list[Part]:
    found = health.examine()
    return [Part(name, bool(found[key]["ok"]), _words(found[key])) for key, name in _PARTS.items()]


def _words(facts: Mapping[str, object]) -> str:
    if not facts["ok"]:
        return str(facts["problem"])
    age_s = facts.get("age_s")
    return f"sign of life {age_s:.0f} s ago" if isinstance(age_s, float) else f"answers in {facts['ms']} ms"


def _number(count: int) -> str:
    """With the thousands apart by a thin gap."""
    return f"{count:,}".replace(",", "\u2009")
