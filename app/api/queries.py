"""Named reads for lists: everything a person has, newest first, whatever workspace it is in."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import sqlalchemy as sa

from app.db import db
from app.generation.domain import JobState
from app.generation.models import Batch, Job
from app.money import ZERO
from app.workspaces.models import Style, Theme, Workspace


@dataclass(slots=True)
class BatchTally:
    """Jobs of a batch by state, the US dollars they cost so far, and the ids of their models."""

    by_state: dict[JobState, int] = field(default_factory=lambda: dict.fromkeys(JobState, 0))
    spent: Decimal = ZERO
    models: set[str] = field(default_factory=set)


def newest_workspace(owner_id: uuid.UUID) -> Workspace | None:
    return db.session.scalar(workspaces(owner_id).order_by(Workspace.id.desc()).limit(1))


def workspaces(owner_id: uuid.UUID) -> sa.Select[Workspace]:
    return sa.select(Workspace).where(Workspace.owner_id == owner_id, Workspace.deleted_at.is_(None))


def themes(owner_id: uuid.UUID) -> sa.Select[Theme]:
    return sa.select(Theme).where(Theme.owner_id == owner_id)


def styles(workspace_id: uuid.UUID) -> sa.Select[Style]:
    return sa.select(Style).where(Style.workspace_id == workspace_id)


def jobs(owner_id: uuid.UUID) -> sa.Select[Job]:
    return sa.select(Job).where(Job.owner_id == owner_id)


def jobs_of(batch: Batch) -> sa.Select[Job]:
    return sa.select(Job).where(Job.batch_id == batch.id)


def batches(owner_id: uuid.UUID) -> sa.Select[Batch]:
    return sa.select(Batch).where(Batch.owner_id == owner_id)


def tallies_of(batch_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, BatchTally]:
    """The tally of each of these batches, in one query."""
    tallies = {batch_id: BatchTally() for batch_id in batch_ids}
    rows = db.session.execute(
        sa.select(Job.batch_id, Job.state, Job.model, sa.func.count(), sa.func.sum(Job.price_actual))
        .where(Job.batch_id.in_(batch_ids))
        .group_by(Job.batch_id, Job.state, Job.model)
    )
    for batch_id, state, model, count, spent in rows:
        tallies[batch_id].by_state[JobState(state)] += count
        tallies[batch_id].spent += spent or ZERO
        tallies[batch_id].models.add(model)
    return tallies
