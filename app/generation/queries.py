"""Named reads of batches and jobs. Every door asks whose it is: somebody else's looks exactly like a missing one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from app.db import db
from app.errors import NotFound
from app.generation.domain import ACTIVE, OPEN, JobState
from app.generation.models import IS_ACTIVE, Batch, Job
from app.library.models import Asset
from app.workspaces.models import Workspace

# Failed, and nobody has said yet that they know.
_TO_MEND = (Job.state == JobState.FAILED, Job.dismissed_at.is_(None))


@dataclass(frozen=True, slots=True)
class Tally:
    """How many jobs of a batch, a workspace or a person are in each state."""

    by_state: dict[JobState, int]

    def __getitem__(self, state: JobState) -> int:
        return self.by_state.get(state, 0)

    @property
    def total(self) -> int:
        return sum(self.by_state.values())

    @property
    def open(self) -> int:
        return sum(self[state] for state in OPEN)


def batch_for(owner_id: uuid.UUID, batch_id: uuid.UUID) -> Batch:
    batch = db.session.get(Batch, batch_id)
    if batch is None or batch.owner_id != owner_id:
        raise NotFound("batch")
    return batch


def batch_with_key(owner_id: uuid.UUID, key: str) -> Batch | None:
    return db.session.scalar(sa.select(Batch).where(Batch.owner_id == owner_id, Batch.idempotency_key == key))


def job_for(owner_id: uuid.UUID, job_id: uuid.UUID) -> Job:
    job = db.session.get(Job, job_id)
    if job is None or job.owner_id != owner_id:
        raise NotFound("job")
    return job


def jobs_of(batch: Batch) -> Sequence[Job]:
    return db.session.scalars(sa.select(Job).where(Job.batch_id == batch.id).order_by(Job.ordinal)).all()


def tray_batches(workspace_id: uuid.UUID, *, most: int = 10) -> Sequence[Batch]:
    """What the tray shows: every batch in progress, newest first; or else the last one, if it has failures to mend that
    nobody dismissed."""
    mine = sa.select(Batch).where(Batch.workspace_id == workspace_id)
    running = db.session.scalars(mine.where(Batch.finished_at.is_(None)).order_by(Batch.id.desc()).limit(most)).all()
    if running:
        return running
    last = db.session.scalar(mine.order_by(Batch.id.desc()).limit(1))
    if last is None:
        return []
    to_mend = sa.select(Job.id).where(Job.batch_id == last.id, *_TO_MEND).limit(1)
    return [last] if db.session.scalar(to_mend) is not None else []


def sizes_of(jobs: Sequence[Job]) -> dict[uuid.UUID, int]:
    """How many jobs the batches of these jobs hold."""
    batches = {job.batch_id for job in jobs}
    rows = db.session.execute(sa.select(Batch.id, Batch.job_count).where(Batch.id.in_(batches)))
    return {row.id: row.job_count for row in rows}


def tally_of(batch_id: uuid.UUID) -> Tally:
    return _tally(Job.batch_id == batch_id)


def tally_of_owner(owner_id: uuid.UUID) -> Tally:
    """Only open states: ended jobs are history and may be many."""
    return _tally(Job.owner_id == owner_id, Job.state.in_(OPEN))


def _tally(*conditions: sa.ColumnElement[bool]) -> Tally:
    rows = db.session.execute(sa.select(Job.state, sa.func.count()).where(*conditions).group_by(Job.state))
    return Tally({JobState(state): count for state, count in rows})


def queue_of(owner_id: uuid.UUID, *, most: int = 200) -> tuple[Sequence[Job], Sequence[Job]]:
    """A person's active and waiting jobs, in the order they run; the waiting ones up to `most`."""
    active = db.session.scalars(
        sa.select(Job).where(Job.owner_id == owner_id, Job.state.in_(ACTIVE)).order_by(Job.placed_at, Job.position)
    ).all()
    waiting = db.session.scalars(
        sa.select(Job).where(Job.owner_id == owner_id, Job.state == JobState.WAITING).order_by(Job.position).limit(most)
    ).all()
    return active, waiting


def size_of_open_batches(owner_id: uuid.UUID) -> int:
    """How many jobs a person's unfinished batches hold, ended ones included."""
    # By workspace, because that is how the index of unfinished batches is made.
    mine = sa.select(Workspace.id).where(Workspace.owner_id == owner_id)
    unfinished = sa.select(sa.func.sum(Batch.job_count)).where(
        Batch.workspace_id.in_(mine), Batch.finished_at.is_(None)
    )
    return db.session.scalar(unfinished) or 0


def pace_of(
    owner_id: uuid.UUID, *, most: int = 200
) -> Sequence[sa.Row[str, str, float, datetime | None, datetime | None]]:
    """(state, model, expected_s, placed_at, started_at) of a person's open jobs, of very many only some."""
    return db.session.execute(
        sa.select(Job.state, Job.model, Job.expected_s, Job.placed_at, Job.started_at)
        .where(Job.owner_id == owner_id, Job.state.in_(OPEN))
        .limit(most)
    ).all()


def price_of_open(owner_id: uuid.UUID) -> Decimal | None:
    return db.session.scalar(
        sa.select(sa.func.sum(Job.price_estimate)).where(Job.owner_id == owner_id, Job.state.in_(OPEN))
    )


def active_by_lane() -> Sequence[sa.Row[str | None, str, int]]:
    """(lane, state, count) of everybody's active jobs."""
    return db.session.execute(
        sa.select(Job.lane, Job.state, sa.func.count()).where(IS_ACTIVE).group_by(Job.lane, Job.state)
    ).all()


def ended_since(
    owner_id: uuid.UUID, since: datetime, *, most: int = 5000
) -> Sequence[sa.Row[uuid.UUID, str, str, int]]:
    """(workspace id, its name, state, count) of jobs that succeeded or failed after `since`, of the newest `most`."""
    newest = sa.select(Job.id).where(Job.owner_id == owner_id).order_by(Job.id.desc()).limit(most)
    return db.session.execute(
        sa.select(Job.workspace_id, Workspace.name, Job.state, sa.func.count())
        .join(Workspace, Workspace.id == Job.workspace_id)
        .where(
            Job.id.in_(newest.scalar_subquery()),
            Job.state.in_((JobState.SUCCEEDED, JobState.FAILED)),
            Job.finished_at > since,
        )
        .group_by(Job.workspace_id, Workspace.name, Job.state)
    ).all()


def failed_of(owner_id: uuid.UUID, *, most: int = 50) -> Sequence[Job]:
    """A person's latest failed jobs that they have not dismissed, newest first."""
    return db.session.scalars(
        sa.select(Job).where(Job.owner_id == owner_id, *_TO_MEND).order_by(Job.finished_at.desc()).limit(most)
    ).all()


def batches_with_failures(owner_id: uuid.UUID) -> Sequence[Batch]:
    failed = sa.select(Job.batch_id).where(Job.owner_id == owner_id, *_TO_MEND)
    return db.session.scalars(sa.select(Batch).where(Batch.id.in_(failed)).order_by(Batch.id)).all()


def has_batches(owner_id: uuid.UUID) -> bool:
    return db.session.scalar(sa.select(Batch.id).where(Batch.owner_id == owner_id).limit(1)) is not None


def first_free_ordinal(job: Job) -> int:
    """Where a job's outputs begin: behind those that earlier tries of it left, after they had been cancelled."""
    if job.submission == 1:
        return 0
    left = sa.select(sa.func.max(Asset.ordinal)).where(Asset.job_id == job.id, Asset.late)
    highest = db.session.scalar(left)
    return 0 if highest is None else highest + 1


def assets_of(job_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Asset]]:
    """The pictures each of these jobs made and that are not in the trash."""
    found: dict[uuid.UUID, list[Asset]] = {}
    rows = sa.select(Asset).where(Asset.job_id.in_(job_ids), Asset.deleted_at.is_(None)).order_by(Asset.ordinal)
    for asset in db.session.scalars(rows):
        if asset.job_id is not None:
            found.setdefault(asset.job_id, []).append(asset)
    return found
