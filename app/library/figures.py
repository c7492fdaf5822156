"""How many pictures a person has of each sort, and how much room they take."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, tzinfo

import sqlalchemy as sa

from app.db import db
from app.library.models import Asset, AssetTag
from app.library.timeline import day_of_id, first_id_of
from app.workspaces.models import Workspace

SHOWN_TAGS = 30
SESSIONS_A_PAGE = 24


@dataclass(frozen=True, slots=True)
class Tally:
    """Pictures outside the trash, those in it, and the bytes of all their originals."""

    all: int
    favourites: int
    uploads: int
    videos: int
    rejected: int
    trashed: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Room:
    """What a workspace takes up, the trash included."""

    workspace_id: uuid.UUID
    name: str
    pictures: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Session:
    """What was made or brought to one workspace on one day."""

    day: date
    workspace_id: uuid.UUID
    workspace_name: str
    pictures: int
    size_bytes: int


def tally_of(owner_id: uuid.UUID) -> Tally:
    """One walk along the library's index."""
    # Masks take room, but nobody counts them among their pictures.
    there = Asset.deleted_at.is_(None) & (Asset.source != "mask")

    def count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)

    row = db.session.execute(
        sa.select(
            count(there),
            count(there & Asset.favourite),
            count(there & (Asset.source == "uploaded")),
            count(there & (Asset.kind == "video")),
            count(there & Asset.rejected),
            count(Asset.deleted_at.is_not(None)),
            sa.func.coalesce(sa.func.sum(Asset.size_bytes), 0),
        ).where(Asset.owner_id == owner_id, Asset.workspace_id.in_(_living(owner_id)))
    ).one()
    return Tally(*(int(value) for value in row))


def tags_of_owner(owner_id: uuid.UUID) -> Sequence[tuple[str, int]]:
    """The tags most used, with their numbers of pictures, in alphabetical order."""
    count = sa.func.count()
    rows = db.session.execute(
        sa.select(AssetTag.name, count)
        .join(Asset, Asset.id == AssetTag.asset_id)
        .where(Asset.owner_id == owner_id, Asset.deleted_at.is_(None), Asset.workspace_id.in_(_living(owner_id)))
        .group_by(AssetTag.name)
        .order_by(count.desc(), AssetTag.name)
        .limit(SHOWN_TAGS)
    ).all()
    return sorted((name, number) for name, number in rows)


def rooms_of(owner_id: uuid.UUID) -> list[Room]:
    """Each workspace, the largest first."""
    # Of the pictures alone, along the library's index; joined, each would be read.
    sizes = db.session.execute(
        sa.select(Asset.workspace_id, sa.func.count(), sa.func.sum(Asset.size_bytes))
        .where(Asset.owner_id == owner_id)
        .group_by(Asset.workspace_id)
    )
    taken = {workspace_id: (number, int(total)) for workspace_id, number, total in sizes}
    names = db.session.execute(
        sa.select(Workspace.id, Workspace.name).where(Workspace.owner_id == owner_id, Workspace.deleted_at.is_(None))
    )
    rooms = [Room(workspace_id, name, *taken.get(workspace_id, (0, 0))) for workspace_id, name in names]
    return sorted(rooms, key=lambda room: (-room.size_bytes, room.name))


def sessions_of(
    owner_id: uuid.UUID, *, before: date | None = None, zone: tzinfo = UTC
) -> tuple[list[Session], date | None]:
    """Sessions outside the trash, the latest first, and the day before which the next page begins."""
    there = (
        Asset.owner_id == owner_id,
        Asset.deleted_at.is_(None),
        Asset.source != "mask",
        Asset.workspace_id.in_(_living(owner_id)),
    )
    found: list[Session] = []
    while len(found) < SESSIONS_A_PAGE:
        newest = sa.select(Asset.id).where(*there).order_by(Asset.id.desc()).limit(1)
        if before is not None:
            newest = newest.where(Asset.id < first_id_of(before, zone=zone))
        latest = db.session.scalar(newest)
        if latest is None:
            return found, None
        # A whole day at a time, so that the next page can begin at one.
        before = day_of_id(latest, zone)
        rows = db.session.execute(
            sa.select(Workspace.id, Workspace.name, sa.func.count(), sa.func.sum(Asset.size_bytes))
            .join(Asset, Asset.workspace_id == Workspace.id)
            .where(
                *there,
                Asset.id >= first_id_of(before, zone=zone),
                Asset.id < first_id_of(before, days_later=1, zone=zone),
            )
            .group_by(Workspace.id, Workspace.name)
            .order_by(Workspace.name)
        )
        found += [Session(before, *row[:3], int(row[3])) for row in rows]
    return found, before


def _living(owner_id: uuid.UUID) -> sa.Select[uuid.UUID]:
    return sa.select(Workspace.id).where(Workspace.owner_id == owner_id, Workspace.deleted_at.is_(None))


def size_text(n_bytes: int) -> str:
    """ "912 kB", "14.2 MB", "3.1 GB"."""
    for unit, name in ((10**9, "GB"), (10**6, "MB")):
        # From half a step below, so that nothing reads "1000 kB".
        if n_bytes >= unit - unit // 2_000:
            return f"{n_bytes / unit:.1f} {name}"
    return f"{-(-n_bytes // 1000)} kB"
