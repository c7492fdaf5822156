"""What a person thinks of pictures: favourite, rejected, a rating, tags; and putting them aside. Many at once.

Acts on what is the person's and still there. Ids of anything else are passed over: another tab may have been faster.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from app.db import database_now, db, insert_missing
from app.errors import Conflict
from app.library import queries, telling
from app.library.models import Asset, AssetTag

# A picture with more words on it than this is described, not tagged.
MOST_TAGS = 30


@dataclass(frozen=True, slots=True)
class Marks:
    """What to change; None leaves a mark as it is."""

    favourite: bool | None = None
    rejected: bool | None = None
    rating: int | None = None
    add_tags: Sequence[str] = ()
    remove_tags: Sequence[str] = ()

    def given(self) -> dict[str, Any]:
        """What changes, by name."""
        return {name: value for name, value in asdict(self).items() if value is not None and value not in ((), [])}


@dataclass(frozen=True, slots=True)
class Before:
    """The marks of one picture before a change: what undo writes back."""

    id: uuid.UUID
    favourite: bool
    rejected: bool
    rating: int
    tags: list[str]


def set_marks(owner_id: uuid.UUID, image_ids: Sequence[uuid.UUID], marks: Marks) -> list[Before]:
    """Change the marks of pictures. Returns how each was before, newest first. Raises Conflict past MOST_TAGS."""
    before = _apply(owner_id, image_ids, marks)
    db.session.commit()
    return before


def keep_one(owner_id: uuid.UUID, kept_id: uuid.UUID, others: Sequence[uuid.UUID]) -> None:
    """Choose among pictures: one is kept as a favourite, the others are rejected, all in one step."""
    _apply(owner_id, [kept_id], Marks(favourite=True, rejected=False))
    _apply(owner_id, others, Marks(rejected=True))
    db.session.commit()


def _apply(owner_id: uuid.UUID, image_ids: Sequence[uuid.UUID], marks: Marks) -> list[Before]:
    assets = db.session.scalars(
        sa.select(Asset)
        .where(Asset.id.in_(image_ids), Asset.owner_id == owner_id, Asset.deleted_at.is_(None))
        .order_by(Asset.id.desc())
        .with_for_update()
    ).all()
    tags = queries.tags_of([asset.id for asset in assets])
    before = [Before(each.id, each.favourite, each.rejected, each.rating, tags[each.id]) for each in assets]
    for asset in assets:
        for name in ("favourite", "rejected", "rating"):
            if (value := getattr(marks, name)) is not None:
                setattr(asset, name, value)
        _retag(asset.id, set(tags[asset.id]), marks)
    telling.changed(owner_id, [each.id for each in before], marks.given())
    return before


def _retag(asset_id: uuid.UUID, has: set[str], marks: Marks) -> None:
    new = set(marks.add_tags) - has
    if len((has | new) - set(marks.remove_tags)) > MOST_TAGS:
        db.session.rollback()
        raise Conflict(f"A picture can have {MOST_TAGS} tags: remove one first.", fields={"add_tags": "Too many tags."})
    insert_missing(AssetTag.__table__, [{"asset_id": asset_id, "name": name} for name in sorted(new)])
    if marks.remove_tags:
        db.session.execute(
            sa.delete(AssetTag).where(AssetTag.asset_id == asset_id, AssetTag.name.in_(marks.remove_tags))
        )


def trash(owner_id: uuid.UUID, image_ids: Sequence[uuid.UUID]) -> int:
    """Put pictures aside; they can be restored until the sweep removes them. Returns how many."""
    return _set_aside(owner_id, image_ids, aside=True)


def restore(owner_id: uuid.UUID, image_ids: Sequence[uuid.UUID]) -> int:
    """Take pictures back out of the trash. Returns how many."""
    return _set_aside(owner_id, image_ids, aside=False)


def _set_aside(owner_id: uuid.UUID, image_ids: Sequence[uuid.UUID], *, aside: bool) -> int:
    there = Asset.deleted_at.is_(None) if aside else Asset.deleted_at.is_not(None)
    changed = db.session.scalars(
        sa.update(Asset)
        .where(Asset.id.in_(image_ids), Asset.owner_id == owner_id, there)
        .values(deleted_at=database_now() if aside else None)
        .returning(Asset.id)
    ).all()
    telling.changed(owner_id, changed, {"trashed": aside})
    db.session.commit()
    return len(changed)
