"""Lineage: what a picture was made from and what came of it, some generations each way.

A family can be deep (forty edits of edits), wide (a picture sent through a hundred prompts) and, should rows ever be
wrong, closed to a ring. So walks are bounded in depth, each picture stands in a tree once, and of many children the
first few are shown with the number of the rest; every picture's own page goes on from there.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from app.db import db
from app.library.models import Asset, AssetParent

GENERATIONS_BACK = 12
GENERATIONS_ON = 4
# Of the picture itself a page of children; of each of those, and theirs, the first few.
CHILDREN_A_PAGE = 24
GRANDCHILDREN = 6
_MOST_ROWS = 2000


@dataclass(frozen=True, slots=True)
class Ancestor:
    """role: as what it went into the picture below: "image", "mask", ..."""

    asset: Asset
    roles: tuple[str, ...]


@dataclass(slots=True)
class Descendant:
    """A picture and what came of it. unshown: children that the tree leaves out."""

    asset: Asset
    roles: tuple[str, ...]
    children: list[Descendant] = field(default_factory=list)
    unshown: int = 0


@dataclass(frozen=True, slots=True)
class Family:
    """generations: ancestors, the oldest generation first; goes_back: even older ones exist.

    after: where the next page of the picture's own children begins, None at the end. Pictures in the trash are
    part of it, so that what came of them stays joined; a page shows that they were, not what they showed.
    """

    generations: list[list[Ancestor]]
    goes_back: bool
    children: list[Descendant]
    after: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class _Step:
    """From a picture one generation on: `via` is the one nearer to the start."""

    asset_id: uuid.UUID
    via: uuid.UUID
    role: str
    depth: int


def family_of(asset: Asset, *, after: uuid.UUID | None = None) -> Family:
    """The family of a person's picture. after: children made before this one were shown already."""
    back = _walk(asset, AssetParent.asset_id, AssetParent.parent_id, GENERATIONS_BACK + 1)
    own, further = _children_page(asset, after)
    on = _descend(asset, own)
    assets = _assets({step.asset_id for step in (*back, *on)}, asset.owner_id)
    generations, goes_back = _generations(asset, back, assets)
    children = _tree(asset.id, on, assets)
    _count_unshown(children)
    return Family(generations, goes_back, children, further)


def _walk(
    asset: Asset,
    here: sa.orm.InstrumentedAttribute[uuid.UUID],
    there: sa.orm.InstrumentedAttribute[uuid.UUID],
    generations: int,
    starts: Sequence[uuid.UUID] | None = None,
) -> list[_Step]:
    """Steps of lineage from a picture, nearest first; never out of its owner's pictures.

    UNION drops a step met before in the same generation, the bound on depth ends what would go round for ever.
    """
    begins = [asset.id] if starts is None else list(starts)
    mine = sa.orm.aliased(Asset)
    first = (
        sa.select(there.label("asset_id"), here.label("via"), AssetParent.role, sa.literal(1).label("depth"))
        .join(mine, mine.id == there)
        .where(here.in_(begins), mine.owner_id == asset.owner_id)
        .cte("walk", recursive=True)
    )
    walk = first.union(
        sa.select(there, here, AssetParent.role, first.c.depth + 1)
        .join(first, here == first.c.asset_id)
        .join(mine, mine.id == there)
        .where(first.c.depth < generations, mine.owner_id == asset.owner_id)
    )
    rows = db.session.execute(sa.select(walk).order_by(walk.c.depth, walk.c.asset_id).limit(_MOST_ROWS))
    return [_Step(*row) for row in rows]


def _children_page(asset: Asset, after: uuid.UUID | None) -> tuple[list[uuid.UUID], uuid.UUID | None]:
    wanted = (
        sa.select(Asset.id)
        .join(AssetParent, AssetParent.asset_id == Asset.id)
        .where(AssetParent.parent_id == asset.id, Asset.owner_id == asset.owner_id, Asset.id != asset.id)
    )
    if after is not None:
        wanted = wanted.where(Asset.id > after)
    found = list(db.session.scalars(wanted.distinct().order_by(Asset.id).limit(CHILDREN_A_PAGE + 1)))
    page = found[:CHILDREN_A_PAGE]
    return page, page[-1] if len(found) > len(page) else None


def _descend(asset: Asset, children: Sequence[uuid.UUID]) -> list[_Step]:
    """The steps to these children, and on from them."""
    if not children:
        return []
    rows = db.session.execute(
        sa.select(AssetParent.asset_id, AssetParent.parent_id, AssetParent.role, sa.literal(1))
        .where(AssetParent.parent_id == asset.id, AssetParent.asset_id.in_(children))
        .order_by(AssetParent.asset_id)
    )
    further = _walk(asset, AssetParent.parent_id, AssetParent.asset_id, GENERATIONS_ON - 1, children)
    return [_Step(*row) for row in rows] + further


def _generations(
    asset: Asset, steps: Sequence[_Step], assets: dict[uuid.UUID, Asset]
) -> tuple[list[list[Ancestor]], bool]:
    depths: dict[uuid.UUID, int] = {}
    roles: dict[uuid.UUID, dict[str, None]] = {}
    for step in steps:
        if step.asset_id == asset.id or step.asset_id not in assets:
            continue
        if depths.setdefault(step.asset_id, step.depth) == step.depth:
            roles.setdefault(step.asset_id, {})[step.role] = None
    generations: list[list[Ancestor]] = []
    for depth in range(min(max(depths.values(), default=0), GENERATIONS_BACK), 0, -1):
        members = [asset_id for asset_id, at in depths.items() if at == depth]
        generations.append([Ancestor(assets[each], tuple(roles[each])) for each in members])
    return generations, any(depth > GENERATIONS_BACK for depth in depths.values())


def _tree(root_id: uuid.UUID, steps: Sequence[_Step], assets: dict[uuid.UUID, Asset]) -> list[Descendant]:
    """Each picture once, where a walk from the root met it first."""
    placed: dict[uuid.UUID, tuple[Descendant, uuid.UUID]] = {}
    lists: dict[uuid.UUID, list[Descendant]] = {root_id: []}
    for step in steps:
        siblings = lists.get(step.via)
        if siblings is None or step.asset_id == root_id or step.asset_id not in assets:
            continue
        if step.asset_id in placed:
            node, parent = placed[step.asset_id]
            if parent == step.via and step.role not in node.roles:
                node.roles += (step.role,)
            continue
        if step.via != root_id and len(siblings) == GRANDCHILDREN:
            continue
        node = Descendant(assets[step.asset_id], (step.role,))
        placed[step.asset_id] = node, step.via
        lists[step.asset_id] = node.children
        siblings.append(node)
    return lists[root_id]


def _count_unshown(nodes: Sequence[Descendant]) -> None:
    everyone: list[Descendant] = []
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        everyone.append(node)
        waiting.extend(node.children)
    counts = _counts([node.asset.id for node in everyone])
    for node in everyone:
        node.unshown = max(counts.get(node.asset.id, 0) - len(node.children), 0)


def _counts(asset_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many pictures came of each directly."""
    number = sa.func.count(sa.distinct(AssetParent.asset_id))
    rows = db.session.execute(
        sa.select(AssetParent.parent_id, number)
        .where(AssetParent.parent_id.in_(asset_ids))
        .group_by(AssetParent.parent_id)
    )
    return {row[0]: row[1] for row in rows}


def _assets(ids: set[uuid.UUID], owner_id: uuid.UUID) -> dict[uuid.UUID, Asset]:
    """The rows of these pictures, in parts: a statement takes only so many parameters."""
    found: dict[uuid.UUID, Asset] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        for asset in db.session.scalars(sa.select(Asset).where(Asset.id.in_(part), Asset.owner_id == owner_id)):
            found[asset.id] = asset
    return found
