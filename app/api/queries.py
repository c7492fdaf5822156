"""Named reads for lists: everything a person has, newest first, whatever workspace it is in."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from app.db import db
from app.workspaces.models import Workspace


def newest_workspace(owner_id: uuid.UUID) -> Workspace | None:
    return db.session.scalar(_workspaces(owner_id).order_by(Workspace.id.desc()).limit(1))


def _workspaces(owner_id: uuid.UUID) -> sa.Select[Workspace]:
    return sa.select(Workspace).where(Workspace.owner_id == owner_id, Workspace.deleted_at.is_(None))
