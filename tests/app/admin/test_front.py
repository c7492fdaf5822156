from __future__ import annotations

import re
import uuid
from datetime import timedelta

import sqlalchemy as sa
from apiflask import APIFlask

from app.accounts.models import User
from app.admin import queries
from app.db import db, utc_now
from app.generation.models import Batch, Job
from app.library.models import Asset
from app.library.timeline import first_id_of
from tests.app.admin.conftest import Staff
from tests.support.engine import Engine


def test_the_figures_count_today_and_now(app: APIFlask, owner: User, batch: Batch, engine: Engine) -> None:
    first, second, third = engine.jobs(batch)
    first.state, first.finished_at = "failed", utc_now()
    second.state = "running"
    db.session.commit()
    found = queries.today()
    assert (found.people, found.new_people) == (1, 1)
    assert (found.waiting, found.running, found.failed) == (1, 1, 1)
    assert third.state == "waiting"

    # Failed yesterday is not today, however it was asked for; asked for yesterday and failed today is.
    db.session.execute(sa.update(Job).where(Job.id == first.id).values(finished_at=utc_now() - timedelta(days=1)))
    assert queries.today().failed == 0
    long_ago = first_id_of(utc_now().date(), days_later=-3)
    db.session.execute(sa.update(Job).where(Job.id == first.id).values(id=long_ago, finished_at=utc_now()))
    assert queries.today().failed == 1


def test_pictures_are_counted_by_day_and_uploads_are_none(app: APIFlask, batch: Batch) -> None:
    today = utc_now().date()
    stored = [(0, "generated"), (1, "generated"), (1, "generated"), (2, "generated"), (0, "uploaded")]
    for number, (days_ago, source) in enumerate(stored):
        picture = Asset(
            id=uuid.UUID(int=first_id_of(today, days_later=-days_ago).int + number),
            owner_id=batch.owner_id, workspace_id=batch.workspace_id, kind="image", source=source, mime="image/png",
            key="x.png", sha256="0" * 64, size_bytes=1, width_px=1, height_px=1,
        )  # fmt: skip
        db.session.add(picture)
    db.session.commit()
    assert (queries.today().pictures, queries.today().pictures_yesterday) == (1, 2)


def test_the_first_page_says_how_things_stand(staff: Staff, batch: Batch) -> None:
    page = staff.page("/admin/")
    figures = dict(zip(*(re.findall(pattern, page) for pattern in _FIGURE), strict=True))
    assert list(figures) == ["People", "Pictures today", "Waiting", "Running", "Failed today", "Disk used"]
    assert (figures["People"], figures["Waiting"]) == ("2", "3")
    assert re.fullmatch(r"\d+ %", figures["Disk used"])
    parts = re.findall(r'<tr><th scope="row">([^<]+)</th><td>.*?</svg>(\w+)</span>', page)
    assert dict(parts) == {
        "Database": "works", "Redis": "works", "Pictures&#39; folder": "works", "Workers": "down", "Beat": "down",
    }  # fmt: skip


_FIGURE = (r"<dt>(?:<a [^>]+>)?([^<]+)", r'staff__value">([^<]+)<')
