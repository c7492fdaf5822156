"""Remove what no row names any more, and in time what people put aside."""

from __future__ import annotations

import time
from datetime import timedelta
from itertools import islice

import sqlalchemy as sa
import structlog

from app.db import db, utc_now
from app.extensions import storage
from app.library import service
from app.library.models import Asset
from app.workspaces.models import Workspace

log = structlog.get_logger(__name__)

# Files come before their rows: one younger than this may belong to a transaction that is still open.
ORPHAN_AGE_S = 3600.0
TRASH_DAYS = 30


def sweep_files() -> None:
    """Delete rows whose time is over, then files that no row names."""
    _forget(Asset.deleted_at < utc_now() - timedelta(days=TRASH_DAYS))
    gone = sa.select(Workspace.id).where(Workspace.deleted_at.is_not(None))
    _forget(Asset.workspace_id.in_(gone))
    removed = storage().sweep_temporary(ORPHAN_AGE_S)
    keys = storage().iter_keys()
    while some := list(islice(keys, 500)):
        orphans = [key for key in set(some) - service.keys_in_use(some) if _is_old(key)]
        for key in orphans:
            storage().delete(key)
        removed += len(orphans)
    log.info("files_swept", removed=removed)


def _is_old(key: str) -> bool:
    try:
        return time.time() - storage().path(key).stat().st_mtime > ORPHAN_AGE_S
    except FileNotFoundError:
        return False


def _forget(condition: sa.ColumnElement[bool]) -> None:
    db.session.execute(sa.delete(Asset).where(condition), execution_options={"synchronize_session": False})
    db.session.commit()
