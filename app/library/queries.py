"""Named reads of pictures, shaped for the pages that show them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa

from app.db import db
from app.library.models import Asset, AssetParent, AssetTag
from app.workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class Page:
    """Some pictures, newest first, and the cursor of the next page (None at the end)."""

    assets: Sequence[Asset]
    after: uuid.UUID | None


def pictures_of(
    workspace_id: uuid.UUID, *, after: uuid.UUID | None = None, most: int = 60, source: str | None = None
) -> Page:
    """A workspace's pictures and videos, newest first. Ids are time-ordered, so a page costs the same at any depth."""
    wanted = sa.select(Asset).where(Asset.workspace_id == workspace_id, Asset.deleted_at.is_(None))
    if after is not None:
        wanted = wanted.where(Asset.id < after)
    if source is not None:
        wanted = wanted.where(Asset.source == source)
    found = db.session.scalars(wanted.order_by(Asset.id.desc()).limit(most + 1)).all()
    return Page(found[:most], found[most - 1].id if len(found) > most else None)


def around(asset: Asset, each: int) -> tuple[list[Asset], list[Asset]]:
    """The next newer and the next older pictures of the same workspace and source (made here, or brought along), each
    nearest first; of one in the trash, its neighbours there."""
    aside = Asset.deleted_at.is_(None) if asset.deleted_at is None else Asset.deleted_at.is_not(None)
    same = sa.select(Asset).where(Asset.workspace_id == asset.workspace_id, Asset.source == asset.source, aside)
    newer = db.session.scalars(same.where(Asset.id > asset.id).order_by(Asset.id).limit(each)).all()
    older = db.session.scalars(same.where(Asset.id < asset.id).order_by(Asset.id.desc()).limit(each)).all()
    return list(newer), list(older)


def made_together(asset: Asset, most: int) -> list[Asset]:
    """A picture and the others of its batch, in the order in which they were made."""
    return [asset] if asset.batch_id is None else pictures_of_batch(asset.owner_id, asset.batch_id, most)


def pictures_of_batch(owner_id: uuid.UUID, batch_id: uuid.UUID, most: int) -> list[Asset]:
    """The first pictures of a person's batch."""
    same = sa.select(Asset).where(Asset.batch_id == batch_id, Asset.owner_id == owner_id, Asset.deleted_at.is_(None))
    return list(db.session.scalars(same.order_by(Asset.id).limit(most)))


def parents_of(asset: Asset) -> Sequence[Asset]:
    """What a picture was made from, if it is still there."""
    sources = sa.select(AssetParent.parent_id).where(AssetParent.asset_id == asset.id)
    return db.session.scalars(
        sa.select(Asset).where(Asset.id.in_(sources), Asset.deleted_at.is_(None)).order_by(Asset.id)
    ).all()


def children_of(asset: Asset, most: int) -> Sequence[Asset]:
    """The first things that came of a picture."""
    made_from_it = sa.select(AssetParent.asset_id).where(AssetParent.parent_id == asset.id)
    return db.session.scalars(
        sa.select(Asset).where(Asset.id.in_(made_from_it), Asset.deleted_at.is_(None)).order_by(Asset.id).limit(most)
    ).all()


def tags_of(asset_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """The tags of each picture, in alphabetical order."""
    tags: dict[uuid.UUID, list[str]] = {asset_id: [] for asset_id in asset_ids}
    rows = db.session.execute(
        sa.select(AssetTag.asset_id, AssetTag.name).where(AssetTag.asset_id.in_(asset_ids)).order_by(AssetTag.name)
    )
    for asset_id, name in rows:
        tags[asset_id].append(name)
    return tags


class Cover(NamedTuple):
    """What a workspace shows of itself: its newest pictures, and how many were made in it."""

    newest: list[Asset]
    number: int


def covers_of(workspace_ids: Sequence[uuid.UUID], *, each: int = 3, count_to: int) -> dict[uuid.UUID, Cover]:
    """The cover of each workspace, in two statements however many there are. Nothing is counted beyond `count_to`."""
    made = (
        sa.select(Asset.id)
        .where(Asset.workspace_id == Workspace.id, Asset.source == "generated", Asset.deleted_at.is_(None))
        .correlate(Workspace)
    )
    newest = [made.order_by(Asset.id.desc()).limit(1).offset(at).scalar_subquery() for at in range(each)]
    counted = made.limit(count_to).subquery()
    count = sa.select(sa.func.count()).select_from(counted).scalar_subquery()
    rows = db.session.execute(sa.select(Workspace.id, count, *newest).where(Workspace.id.in_(workspace_ids))).all()
    ids = {asset_id for row in rows for asset_id in row[2:] if asset_id is not None}
    assets = {asset.id: asset for asset in db.session.scalars(sa.select(Asset).where(Asset.id.in_(ids)))}
    return {row[0]: Cover([assets[found] for found in row[2:] if found in assets], row[1]) for row in rows}
