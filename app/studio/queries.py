"""Named reads of sessions. Every door asks whose it is: somebody else's looks exactly like a missing one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from app.db import db
from app.errors import NotFound
from app.generation.models import Job
from app.library.models import Asset
from app.studio.models import Column, Session, Take
from app.workspaces.models import Workspace


def session_for(owner_id: uuid.UUID, session_id: uuid.UUID, *, even_deleted: bool = False) -> Session:
    """The guarded door: the person's own session in a workspace that is still there, or NotFound."""
    found = db.session.get(Session, session_id)
    if found is None or found.owner_id != owner_id or (found.deleted_at is not None and not even_deleted):
        raise NotFound("session")
    workspace = db.session.get(Workspace, found.workspace_id)
    if workspace is None or workspace.deleted_at is not None:
        raise NotFound("session")
    return found


def sessions_of(owner_id: uuid.UUID, *, workspace_id: uuid.UUID | None = None) -> sa.Select[Session]:
    """A person's sessions, unordered, for a page of them."""
    there = sa.select(Workspace.id).where(Workspace.owner_id == owner_id, Workspace.deleted_at.is_(None))
    wanted = sa.select(Session).where(
        Session.owner_id == owner_id, Session.deleted_at.is_(None), Session.workspace_id.in_(there)
    )
    return wanted if workspace_id is None else wanted.where(Session.workspace_id == workspace_id)


def newest_session(workspace_id: uuid.UUID, *, even_deleted: bool = False) -> Session | None:
    wanted = sa.select(Session).where(Session.workspace_id == workspace_id)
    if not even_deleted:
        wanted = wanted.where(Session.deleted_at.is_(None))
    return db.session.scalar(wanted.order_by(Session.id.desc()).limit(1))


def columns_of(session_ids: Sequence[uuid.UUID]) -> list[Column]:
    """The columns of these sessions, each session's in its order."""
    rows = sa.select(Column).where(Column.session_id.in_(session_ids)).order_by(Column.session_id, Column.ordinal)
    return list(db.session.scalars(rows))


def takes_of(column_ids: Sequence[uuid.UUID]) -> list[tuple[Take, Job]]:
    """What stands in these columns with its job, each column's by number."""
    rows = (
        sa.select(Take, Job)
        .join(Job, Job.id == Take.job_id)
        .where(Take.column_id.in_(column_ids))
        .order_by(Take.column_id, Take.number)
    )
    return [(take, job) for take, job in db.session.execute(rows)]


def take_for(owner_id: uuid.UUID, take_id: uuid.UUID) -> tuple[Session, Column, Take]:
    """A take with where it stands. Raises NotFound."""
    take = db.session.get(Take, take_id)
    if take is None:
        raise NotFound("iteration")
    column = db.session.get_one(Column, take.column_id)
    return session_for(owner_id, column.session_id), column, take


def session_of_batch(batch_id: uuid.UUID) -> Session | None:
    """Which session a batch was made for."""
    return db.session.scalar(
        sa.select(Session)
        .join(Column, Column.session_id == Session.id)
        .join(Take, Take.column_id == Column.id)
        .join(Job, Job.id == Take.job_id)
        .where(Job.batch_id == batch_id)
        .limit(1)
    )


def takes_of_batch(batch_id: uuid.UUID) -> list[Take]:
    rows = sa.select(Take).join(Job, Job.id == Take.job_id).where(Job.batch_id == batch_id).order_by(Job.ordinal)
    return list(db.session.scalars(rows))


def jobs_of_images(owner_id: uuid.UUID, image_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """The jobs that made these pictures of the person's."""
    rows = sa.select(Asset.job_id).where(
        Asset.id.in_(image_ids), Asset.owner_id == owner_id, Asset.deleted_at.is_(None), Asset.job_id.is_not(None)
    )
    return {job_id for job_id in db.session.scalars(rows) if job_id is not None}
