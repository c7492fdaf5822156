"""The trash: everything of it back, or gone at once; and a whole session put into it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo

import sqlalchemy as sa

from app.db import database_now, db, rows_changed
from app.errors import Invalid
from app.extensions import storage
from app.library import service, telling
from app.library.models import Asset
from app.library.sweeping import TRASH_DAYS
from app.library.timeline import first_id_of

# What a person types to say that they mean it.
EMPTY_WORD = "empty"
_AT_ONCE = 500
_FILES = (Asset.key, Asset.thumb_key, Asset.preview_key, Asset.poster_key)


class WrongWord(Invalid):
    """The confirming word was not the one asked for."""

    def __init__(self) -> None:
        sentence = f"Type “{EMPTY_WORD}” exactly."
        super().__init__(sentence, fields={"typed_word": sentence})


def goes_at(deleted_at: datetime) -> datetime:
    """When the sweep may remove what was put aside then."""
    return deleted_at + timedelta(days=TRASH_DAYS)


def restore_all(owner_id: uuid.UUID) -> int:
    """Take everything back out. Returns how many."""
    changed = rows_changed(
        sa.update(Asset).where(Asset.owner_id == owner_id, Asset.deleted_at.is_not(None)).values(deleted_at=None)
    )
    telling.rearranged(owner_id)
    db.session.commit()
    return changed


def empty(owner_id: uuid.UUID, *, typed_word: str) -> int:
    """Delete what is in the trash for good, rows first, then files. Returns how many. Raises WrongWord."""
    if typed_word.strip().strip("“”\"'").casefold() != EMPTY_WORD:
        raise WrongWord
    mine = sa.select(Asset.id, *_FILES).where(Asset.owner_id == owner_id, Asset.deleted_at.is_not(None))
    gone = 0
    while rows := db.session.execute(mine.limit(_AT_ONCE)).all():
        those = Asset.id.in_([row.id for row in rows])
        # Asked again: one may have been restored a moment ago.
        db.session.execute(
            sa.delete(Asset).where(those, Asset.deleted_at.is_not(None)),
            execution_options={"synchronize_session": False},
        )
        db.session.commit()
        _delete_files(key for row in rows for key in row[1:] if key)
        gone += len(rows)
    return gone


def trash_session(owner_id: uuid.UUID, workspace_id: uuid.UUID, day: date, *, zone: tzinfo = UTC) -> int:
    """Put aside what was made in a workspace on a day. Returns how many."""
    changed = rows_changed(
        sa.update(Asset)
        .where(
            Asset.owner_id == owner_id,
            Asset.workspace_id == workspace_id,
            Asset.deleted_at.is_(None),
            Asset.id >= first_id_of(day, zone=zone),
            Asset.id < first_id_of(day, days_later=1, zone=zone),
        )
        .values(deleted_at=database_now())
    )
    telling.rearranged(owner_id)
    db.session.commit()
    return changed


def _delete_files(keys: Iterable[str]) -> None:
    """Those that no other row names; what a crash here leaves behind is swept later."""
    found = set(keys)
    for key in found - service.keys_in_use(found):
        storage().delete(key)
