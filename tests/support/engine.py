"""The engine without Celery: rings are written down, and followed when a test turns the crank."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.background import TaskName, doorbell
from app.db import database_now, db, new_id
from app.generation import invariants, placing, running, submission, sweeping
from app.generation.domain import ACTIVE
from app.generation.models import Batch, Job
from app.generation.specs import GenerationSpec
from app.library.models import Asset
from app.providers.registry import provider
from app.providers.sketch import Sketch
from app.workspaces.models import Workspace
from tests.support.scripted import Killed


class Engine:
    """Places, runs and sweeps in this very process, one thing after the other."""

    def __init__(self, app: APIFlask) -> None:
        self.rung: list[tuple[str, tuple[str, ...]]] = []
        doorbell.ring = self._write_down  # type: ignore[method-assign]  # a test's ear at the bell

    def _write_down(self, name: TaskName, *args: str) -> bool:
        self.rung.append((str(name), args))
        return True

    def submit(self, workspace: Workspace, prompt: str = "a red fox", **wishes: object) -> Batch:
        spec = GenerationSpec.model_validate({"prompt": prompt, "width": 64, "height": 64, **wishes})
        return submission.submit(workspace, spec, key=str(new_id())).batch

    def place(self) -> int:
        return placing.place_now()

    def run_placed(self) -> None:
        """Follow every ring for a job once."""
        for job_id in self._ids(Job.state.in_(ACTIVE)):
            running.run(job_id)

    def turn(self, most: int = 200) -> None:
        """Place and run until nothing is left to do, or nothing more happens."""
        for _ in range(most):
            self.place()
            if not self._ids(Job.state.in_(ACTIVE)):
                return
            self.run_placed()

    def sweep(self) -> None:
        sweeping.sweep()

    def die_at_work(self) -> None:
        """Run what is placed in a process that is killed on the way: a test has arranged where."""
        with pytest.raises(Killed):
            self.run_placed()
        db.session.rollback()

    def lapse(self) -> None:
        """Let every lease run out, as if its holder had been silent for long."""
        long_ago = database_now() - timedelta(hours=1)
        db.session.execute(
            sa.update(Job).where(Job.lease_owner.is_not(None)).values(lease_until=long_ago),
            execution_options={"synchronize_session": False},
        )
        db.session.commit()

    def check(self, *, settled: bool = True) -> None:
        """What must always hold, holds."""
        assert invariants.check(settled=settled) == []

    def job(self, job_id: uuid.UUID) -> Job:
        """The row as it is now."""
        db.session.expire_all()
        return db.session.get_one(Job, job_id)

    def jobs(self, batch: Batch) -> Sequence[Job]:
        db.session.expire_all()
        return db.session.scalars(sa.select(Job).where(Job.batch_id == batch.id).order_by(Job.ordinal)).all()

    def states(self, batch: Batch) -> list[str]:
        return [job.state for job in self.jobs(batch)]

    def assets(self) -> Sequence[Asset]:
        db.session.expire_all()
        return db.session.scalars(sa.select(Asset).order_by(Asset.id)).all()

    @property
    def sketch(self) -> Sketch:
        found = provider("sketch")
        assert isinstance(found, Sketch)
        return found

    def _ids(self, condition: sa.ColumnElement[bool]) -> list[uuid.UUID]:
        # In an order that both databases agree on: pictures are made in it.
        ids = list(db.session.scalars(sa.select(Job.id).where(condition).order_by(Job.position, Job.ordinal, Job.id)))
        db.session.rollback()
        return ids
