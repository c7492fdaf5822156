"""Masks that nobody came to use: each painted one is stored at once, and many are painted anew before they are sent."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
import structlog

from app.db import db, utc_now
from app.generation.models import Job
from app.library.models import Asset, AssetParent, AssetTag

log = structlog.get_logger(__name__)

# A form that was left open keeps its mask by its id alone; nobody comes back to one after this long.
UNUSED_AGE = timedelta(days=1)
_AT_ONCE = 200


def forget_unused_masks() -> None:
    """Delete the rows of masks that no job, picture or person holds on to; their files are swept as orphans.

    A job names its pictures from the moment it is accepted, so whatever stands in a session is among these.
    """
    into = sa.select(AssetParent.asset_id).where(AssetParent.parent_id == Asset.id)
    tagged = sa.select(AssetTag.asset_id).where(AssetTag.asset_id == Asset.id)
    found = sa.select(Asset.id).where(
        Asset.source == "mask",
        Asset.created_at < utc_now() - UNUSED_AGE,
        Asset.favourite.is_(False),
        Asset.rating == 0,
        ~into.exists(),
        ~tagged.exists(),
    )
    candidates = list(db.session.scalars(found))
    forgotten = 0
    while some := candidates[forgotten : forgotten + _AT_ONCE]:
        gone = set(some) - _in_jobs(some)
        db.session.execute(sa.delete(Asset).where(Asset.id.in_(gone)), execution_options={"synchronize_session": False})
        db.session.commit()
        forgotten += len(some)
        log.info("unused_masks_forgotten", count=len(gone))


def _in_jobs(ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Those that a job names, whether it has ended or not. Inputs are JSON: ids stand there as text."""
    texts = [str(each) for each in ids]
    named = [Job.inputs[role].as_string() for role in ("image", "mask", "first", "last")]
    rows = db.session.execute(sa.select(*named).where(sa.or_(*(each.in_(texts) for each in named))))
    return {uuid.UUID(each) for row in rows for each in row if each is not None}
