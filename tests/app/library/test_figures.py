from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from app.accounts.models import User
from app.db import db
from app.library import figures
from app.workspaces import queries
from tests.support.engine import Engine


@pytest.fixture
def _far_from_utc(engine: Engine) -> None:
    """A database server that lives nine hours ahead, where there can be one."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(sa.text("SET TIME ZONE 'Asia/Tokyo'"))


@pytest.mark.usefixtures("_far_from_utc")
def test_a_session_belongs_to_its_day_in_utc(engine: Engine, owner: User) -> None:
    engine.submit(queries.workspaces_of(owner.id)[0])
    engine.turn()
    asset = engine.assets()[0]
    asset = db.session.merge(asset)
    asset.created_at = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
    db.session.flush()
    (session,), _ = figures.sessions_of(owner.id)
    assert session.day == date(2026, 11, 18)
    assert figures.sessions_of(owner.id, before=date(2026, 11, 18)) == ([], None)


@pytest.mark.parametrize(
    ("n_bytes", "text"), [(0, "0 kB"), (1, "1 kB"), (912_000, "912 kB"), (999_600, "1.0 MB"), (3_100_000_000, "3.1 GB")]
)
def test_sizes_are_told_in_three_digits(n_bytes: int, text: str) -> None:
    assert figures.size_text(n_bytes) == text
