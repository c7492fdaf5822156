"""The checker sees each thing that must not be, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.billing.models import DailyUsage, UsageEntry
from app.db import database_now, db, new_id
from app.extensions import storage
from app.generation import invariants, retrying
from app.generation.models import Batch, Job
from app.library.models import Asset
from app.workspaces.models import Workspace
from tests.support.engine import Engine
from tests.support.scripted import Scripted


def _in_state(state: str, **more: object) -> Callable[[], object]:
    return lambda: sa.update(Job).values(state=state, **more)


def _without_an_entry(kind: str) -> Callable[[], object]:
    return lambda: sa.delete(UsageEntry).where(UsageEntry.kind == kind)


def _one_more_reservation() -> object:
    columns = UsageEntry.__table__.columns
    other = {"id": sa.literal(new_id(), sa.Uuid()), "submission": columns.submission + 1}
    copied = sa.select(*(other.get(column.name, column) for column in columns)).where(columns.kind == "reserve")
    return sa.insert(UsageEntry).from_select([column.name for column in columns], copied)


BREACHES: dict[str, Callable[[], object]] = {
    "succeeded without a picture": lambda: sa.delete(Asset),
    "has a picture but is not succeeded": _in_state("failed"),
    "waits but still holds a lane, lease or handle": _in_state("waiting"),
    "ended but is still leased": _in_state("succeeded", lease_owner="somebody:1:1"),
    "ended without a time": _in_state("succeeded", finished_at=None),
    "is active but nobody looks after it": lambda: sa.update(Job).values(
        state="running", lease_until=database_now() - timedelta(hours=1)
    ),
    "batch has another number of jobs than it promised": lambda: sa.update(Batch).values(job_count=3),
    "batch is finished with an open job": _in_state("running"),
    "was never reserved": _without_an_entry("reserve"),
    "ended with its usage not closed once": _without_an_entry("settle"),
    "is open with its usage closed": _in_state("running"),
    "ended with the wrong usage entry": lambda: (
        sa.update(UsageEntry).where(UsageEntry.kind == "settle").values(kind="release")
    ),
    "left an earlier try open in the ledger": _one_more_reservation,
    "differs from the ledger": lambda: sa.update(DailyUsage).values(units=7),
    "has not ended": _in_state("running"),
    "is not closed": lambda: sa.update(Batch).values(finished_at=None),
}


@pytest.mark.parametrize("sentence", BREACHES)
def test_each_breach_is_told_with_the_row_it_concerns(
    engine: Engine, workspace: Workspace, free: Scripted, sentence: str
) -> None:
    engine.submit(workspace)
    engine.turn()
    engine.check()
    db.session.execute(BREACHES[sentence](), execution_options={"synchronize_session": False})  # type: ignore[call-overload]  # an update or a delete
    db.session.commit()
    told = invariants.check(settled=True)
    assert any(sentence in each for each in told), told


def test_a_lost_file_is_told(engine: Engine, workspace: Workspace, free: Scripted) -> None:
    engine.submit(workspace)
    engine.turn()
    asset = engine.assets()[0]
    storage().delete(asset.thumb_key or asset.key)
    told = invariants.check()
    assert [str(asset.id) in each and "lost its file" in each for each in told] == [True]
    assert invariants.check(files=False) == []


def test_nothing_is_told_of_work_in_any_state(engine: Engine, workspace: Workspace, free: Scripted) -> None:
    """What must hold at any time holds while work goes on, too."""
    batch = engine.submit(workspace, batch_size=3)
    engine.check(settled=False)
    engine.place()
    engine.check(settled=False)
    engine.turn()
    engine.check(settled=False)
    assert engine.states(batch) == ["succeeded"] * 3


def test_only_a_few_offenders_of_a_kind_are_named(engine: Engine, workspace: Workspace, free: Scripted) -> None:
    engine.submit(workspace, batch_size=12)
    told = [each for each in invariants.check(settled=True) if "has not ended" in each]
    assert 0 < len(told) < 12


def test_a_retried_job_owes_nothing_for_its_first_try(engine: Engine, workspace: Workspace, free: Scripted) -> None:
    from app.generation import stopping

    batch = engine.submit(workspace)
    stopping.cancel_batch(batch)
    retrying.retry_job(engine.jobs(batch)[0])
    engine.turn()
    kinds = [
        (entry.submission, entry.kind)
        for entry in db.session.scalars(sa.select(UsageEntry).order_by(UsageEntry.submission, UsageEntry.kind))
    ]
    assert kinds == [(1, "release"), (1, "reserve"), (2, "reserve"), (2, "settle")]
    engine.check()


def test_a_second_entry_of_a_kind_cannot_even_be_written(engine: Engine, workspace: Workspace, free: Scripted) -> None:
    engine.submit(workspace)
    engine.turn()
    entry = db.session.scalars(sa.select(UsageEntry).where(UsageEntry.kind == "settle")).one()
    twin = {column.name: getattr(entry, column.name) for column in UsageEntry.__table__.columns} | {"id": new_id()}
    with pytest.raises(sa.exc.IntegrityError):
        db.session.execute(sa.insert(UsageEntry).values(twin))
    db.session.rollback()
