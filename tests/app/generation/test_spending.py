"""What a workspace spent, day by day."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa

from app.db import db
from app.generation import spending
from app.generation.models import Job
from app.library.models import Asset
from app.library.timeline import first_id_of
from app.playground import days
from app.workspaces.models import Workspace
from tests.support.engine import Engine
from tests.support.scripted import PRICE, Scripted


def test_a_day_says_what_its_pictures_cost_and_other_days_and_workspaces_do_not_count(
    engine: Engine, workspace: Workspace, their_workspace: Workspace, paid: Scripted
) -> None:
    engine.submit(their_workspace)
    batch = engine.submit(workspace, batch_size=3)
    engine.turn()
    assets = [asset for asset in engine.assets() if asset.workspace_id == workspace.id]
    today = assets[0].created_at.date()
    assert spending.spent_by_day(workspace.id, today, today) == {today: 3 * PRICE}
    assert days.days_of(workspace, assets, today)[0].summary == "3 pictures · $0.12"

    first, second, _ = engine.jobs(batch)
    moved = {"created_at": first.created_at - timedelta(days=1)}
    _set(first, **moved, id=first_id_of(today - timedelta(days=1)))
    _set(second, price_actual=None)
    assert spending.spent_by_day(workspace.id, today, today) == {today: PRICE}
    _set(engine.jobs(batch)[2], price_actual=Decimal(0))
    assert spending.spent_by_day(workspace.id, today, today) == {}


def _set(job: Job, **values: object) -> None:
    db.session.execute(sa.update(Asset).where(Asset.job_id == job.id).values(job_id=None))
    changed = sa.update(Job).where(Job.id == job.id).values(**values)
    db.session.execute(changed, execution_options={"synchronize_session": False})
    db.session.commit()
