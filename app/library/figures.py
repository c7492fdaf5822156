"""How many pictures a person has of each sort, and how much room they take."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from app.db import db
from app.library.models import Asset, AssetTag
from app.library.timeline import date_of, day_of
from app.workspaces.models import Workspace

SHOWN_TAGS = 30
SESSIONS_A_PAGE = 40


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
    """What was made or brought to one workspace on one day (UTC)."""

    day: date
    workspace_id: uuid.UUID
    workspace_name: str
    pictures: int
    size_bytes: int


def tally_of(owner_id: uuid.UUID) -> Tally:
    """One walk along the library's index."""
    there = Asset.deleted_at.is_(None)

    def count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)

    row = db.session.execute(
        sa.select(
            count(there),
            count(there & Asset.favourite),
            count(there & (Asset.source == "uploaded")),
            count(there & (Asset.kind == "video")),
            count(there & Asset.rejected),
            count(~there),
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
    size = sa.func.coalesce(sa.func.sum(Asset.size_bytes), 0)
    rows = db.session.execute(
        sa.select(Workspace.id, Workspace.name, sa.func.count(Asset.id), size)
        .outerjoin(Asset, sa.and_(Asset.workspace_id == Workspace.id, Asset.owner_id == owner_id))
        .where(Workspace.owner_id == owner_id, Workspace.deleted_at.is_(None))
        .group_by(Workspace.id, Workspace.name)
        .order_by(size.desc(), Workspace.name)
    ).all()
    return [Room(workspace_id, name, number, int(total)) for workspace_id, name, number, total in rows]


def sessions_of(owner_id: uuid.UUID, *, before: date | None = None) -> tuple[list[Session], date | None]:
    """Sessions outside the trash, the latest first, and the day before which the next page begins."""
    day = day_of(Asset.created_at)
    wanted = (
        sa.select(day, Asset.workspace_id, Workspace.name, sa.func.count(), sa.func.sum(Asset.size_bytes))
        .join(Workspace, Workspace.id == Asset.workspace_id)
        .where(Asset.owner_id == owner_id, Asset.deleted_at.is_(None), Workspace.deleted_at.is_(None))
        .group_by(day, Asset.workspace_id, Workspace.name)
        .order_by(day.desc(), Workspace.name)
    )
    if before is not None:
        wanted = wanted.where(day < (str(before) if db.engine.dialect.name == "sqlite" else before))
    rows = db.session.execute(wanted.limit(SESSIONS_A_PAGE + 1)).all()
    sessions = [Session(date_of(row[0]), row[1], row[2], row[3], int(row[4])) for row in rows]
    if len(sessions) <= SESSIONS_A_PAGE:
        return sessions, None
    # Whole days only, so that the next page can begin at one; a day with more workspaces than a page stays whole too.
    cut = sessions[-1].day
    whole = [each for each in sessions if each.day > cut]
    return (whole, whole[-1].day) if whole else (sessions, cut)


def _living(owner_id: uuid.UUID) -> sa.Select[uuid.UUID]:
    return sa.select(Workspace.id).where(Workspace.owner_id == owner_id, Workspace.deleted_at.is_(None))


def size_text(n_bytes: int) -> str:
    """ "912 kB", "14.2 MB", "3.1 GB"."""
    for unit, name in ((10**9, "GB"), (10**6, "MB")):
        # From half a step below, so that nothing reads "1000 kB".
        if n_bytes >= unit - unit // 2_000:
            return f"{n_bytes / unit:.1f} {name}"
    return f"{-(-n_bytes // 1000)} kB"
