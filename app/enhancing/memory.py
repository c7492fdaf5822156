"""What was written before: found by wish, kept within bounds."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from app.db import db, new_id, rows_changed, utc_now
from app.enhancing.models import Enhancement

# Of one person: weeks of work, and a megabyte at most.
KEPT = 500


@dataclass(frozen=True, slots=True)
class Written:
    """model: the id of the language model that wrote it."""

    prompts: list[str]
    model: str


def recall(owner_id: uuid.UUID, digests: Iterable[str]) -> dict[str, Written]:
    """What is remembered of these wishes."""
    rows = db.session.execute(
        sa.select(Enhancement.digest, Enhancement.prompts, Enhancement.model).where(
            Enhancement.owner_id == owner_id, Enhancement.digest.in_(set(digests))
        )
    )
    return {row.digest: Written(list(row.prompts), row.model) for row in rows}


def remember(owner_id: uuid.UUID, written: Mapping[str, Written]) -> None:
    """Keep what was written, in the caller's transaction; the newest replaces what was kept for the same wish."""
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    for digest, each in written.items():
        values = {"prompts": each.prompts, "model": each.model, "written_at": utc_now()}
        row = insert(Enhancement).values(id=new_id(), owner_id=owner_id, digest=digest, **values)
        db.session.execute(row.on_conflict_do_update(index_elements=["owner_id", "digest"], set_=values))
    old = (
        sa.select(Enhancement.id)
        .where(Enhancement.owner_id == owner_id)
        .order_by(Enhancement.written_at.desc())
        .offset(KEPT)
    )
    rows_changed(sa.delete(Enhancement).where(Enhancement.id.in_(old)))
