"""Iterations beside what they were made from: the oldest picture each one goes back to."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from app.db import db
from app.library.models import Asset, AssetParent

# Edits of edits of edits: further back than anybody looks, and an end should rows ever be wrong and form a ring.
_GENERATIONS = 12
# A mask says where, not what: what was painted under it does not come of it.
_MASK = "mask"


def originals_of(owner_id: uuid.UUID, assets: Sequence[Asset]) -> dict[uuid.UUID, Asset]:
    """For those pictures that were made from another of the person's that is still there: the first of the line."""
    parents: dict[uuid.UUID, uuid.UUID] = {}
    known = {asset.id: asset for asset in assets}
    unasked = set(known)
    for _ in range(_GENERATIONS):
        if not unasked:
            break
        # Lines first, pictures second: joined, SQLite would walk all the person's pictures to find those few.
        lines = db.session.execute(
            sa.select(AssetParent.asset_id, AssetParent.parent_id).where(
                AssetParent.asset_id.in_(unasked), AssetParent.role != _MASK
            )
        ).all()
        found = {
            asset.id: asset
            for asset in db.session.scalars(sa.select(Asset).where(Asset.id.in_({line.parent_id for line in lines})))
            if asset.owner_id == owner_id and asset.deleted_at is None
        }
        # Of several the oldest, which comes last.
        ordered = sorted(lines, key=lambda line: line.parent_id, reverse=True)
        parents.update({line.asset_id: line.parent_id for line in ordered if line.parent_id in found})
        unasked = set(found) - set(known)
        known |= found
    return {asset.id: known[first] for asset in assets if (first := _first(asset.id, parents)) != asset.id}


def _first(asset_id: uuid.UUID, parents: dict[uuid.UUID, uuid.UUID]) -> uuid.UUID:
    seen = {asset_id}
    while (parent := parents.get(asset_id)) is not None and parent not in seen:
        seen.add(parent)
        asset_id = parent
    return asset_id
