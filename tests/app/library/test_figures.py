from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.accounts.models import User
from app.db import db
from app.library import figures, search
from app.library.filters import Filters
from app.library.models import Asset
from app.workspaces import queries


@pytest.mark.parametrize(("zone", "day"), [("UTC", date(2026, 11, 18)), ("Asia/Tokyo", date(2026, 11, 19))])
def test_a_session_belongs_to_its_day_where_the_person_lives(owner: User, zone: str, day: date) -> None:
    workspace = queries.workspaces_of(owner.id)[0]
    moment = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
    for number, source in enumerate(("generated", "uploaded", "mask")):
        db.session.add(
            Asset(
                id=uuid.UUID(int=int(moment.timestamp() * 1000) << 80 | 0x7 << 76 | 0x2 << 62 | number),
                owner_id=owner.id,
                workspace_id=workspace.id,
                kind="image",
                source=source,
                mime="image/png",
                key="ab/cd/abcd.png",
                sha256="0" * 64,
                size_bytes=100,
                width_px=64,
                height_px=64,
                created_at=moment,
            )
        )
    db.session.commit()
    found, on = figures.sessions_of(owner.id, zone=ZoneInfo(zone))
    assert [(each.day, each.pictures, each.size_bytes) for each in found] == [(day, 2, 200)]
    assert on is None
    tally = figures.tally_of(owner.id)
    assert (tally.all, tally.uploads, tally.size_bytes) == (2, 1, 300)
    assert figures.sessions_of(owner.id, before=day, zone=ZoneInfo(zone)) == ([], None)
    only_that_day = Filters(since=day, until=day)
    assert len(search.find(owner.id, only_that_day, zone=ZoneInfo(zone)).assets) == 2
    assert len(search.find(owner.id, only_that_day, zone=ZoneInfo("America/Los_Angeles")).assets) == 2 * (zone == "UTC")


@pytest.mark.parametrize(
    ("n_bytes", "text"), [(0, "0 kB"), (1, "1 kB"), (912_000, "912 kB"), (999_600, "1.0 MB"), (3_100_000_000, "3.1 GB")]
)
def test_sizes_are_told_in_three_digits(n_bytes: int, text: str) -> None:
    assert figures.size_text(n_bytes) == text
