"""The library's groups: by session, by batch or by prompt, newest first, each with its true number of pictures.

A group stands where its newest picture stands that the filters find, and is what some more filters find. A cursor is a
picture's id: a group with a picture at or above it was on a page before. What few pictures have is read whole, and told
apart here. Else a page of groups is a walk along the pictures that steps over the groups it has met. Of a group the
newest pictures are shown, with their originals.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from app.db import db
from app.library import search
from app.library.filters import Filters
from app.library.models import Asset
from app.library.timeline import day_of_id, first_id_of

# Of one group; the rest is a list of its own.
SHOWN = 24
# A page ends with the group that fills it.
_PAGE_PICTURES, _PAGE_GROUPS = 60, 20
_STRIDE = 72
# Of groups met far from where they begin, shown by pages before: a page ends short of more, and the next goes on.
_MOST_LOTS = 6
# Of groups up to so large the newest are read together.
_SMALL = 2_000


class GroupBy(StrEnum):
    """session: what was made in one workspace on one day. batch, prompt: what a batch made, or what was made of a
    prompt as it was typed, and whatever came of that."""

    SESSION = "session"
    BATCH = "batch"
    PROMPT = "prompt"
    NONE = "none"


Key = uuid.UUID | tuple[date, uuid.UUID]
_COLUMNS = {GroupBy.BATCH: Asset.line_batch_id, GroupBy.PROMPT: Asset.line_prompt_id}


@dataclass(slots=True)
class Original:
    """A picture and what came of it, newest first."""

    asset: Asset
    iterations: list[Asset] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Counted:
    """What the filters find of a group. iterations: those of the pictures that were made from another. before: whether
    a page before has shown it."""

    pictures: int
    videos: int
    iterations: int
    before: bool


@dataclass(frozen=True, slots=True)
class Group:
    """filters: what finds just this group. newest: its newest picture. first: what that one's line began with, or the
    oldest there is of it. originals: of the pictures shown."""

    filters: Filters
    newest: Asset
    first: Asset
    counted: Counted
    originals: list[Original]

    @property
    def shown(self) -> int:
        return sum(1 + len(each.iterations) for each in self.originals)


@dataclass(frozen=True, slots=True)
class Page:
    """after: the cursor of the next page, None at the end. There may be no groups here and some on the next page.
    count: of the pictures on all pages, at most COUNTED + 1 of app.library.search, which says: more than COUNTED."""

    groups: list[Group]
    after: uuid.UUID | None
    count: int


def page_of(
    owner_id: uuid.UUID, filters: Filters, by: GroupBy, *, after: uuid.UUID | None = None, zone: tzinfo = UTC
) -> Page:
    """A page of the groups of what the filters find."""
    search.plan_each()
    few = search.few(owner_id, filters, _facts_of(by), zone=zone)
    asked = (owner_id, filters, by, after, zone)
    walk = _Walk(*asked) if few is None else _Sorting(*asked, few)
    counted = walk.go()
    shown = walk.newest_of(counted)
    assets = _assets({each for ids in shown.values() for each in ids})
    originals = walk.originals_of(list(assets.values()))
    heads = {assets[ids[0]].line_id for ids in shown.values() if ids[0] in assets}
    known = {**_assets(heads - set(assets) - set(originals)), **originals, **assets}
    groups = []
    for key, ids in shown.items():
        there = [assets[each] for each in ids if each in assets]
        if not there:
            continue
        missing = {asset.line_id for asset in there} - {asset.id for asset in there}
        there += [
            originals[each]
            for each in sorted(missing, reverse=True)
            if each in originals and walk.key(originals[each]) == key
        ]
        first = known.get(there[0].line_id)
        groups.append(
            Group(
                filters=walk.narrowed(key),
                newest=there[0],
                first=first if first is not None and first.owner_id == owner_id else there[-1],
                counted=counted[key],
                originals=_nested(there),
            )
        )
    return Page(groups, walk.cursor, search.COUNTED + 1 if few is None else len(few))


def _nested(assets: Sequence[Asset]) -> list[Original]:
    """Each original where the newest of its line stands; what came of one that is not here stands for itself."""
    places: dict[uuid.UUID, Original] = {}
    here = {asset.id: asset for asset in assets}
    for asset in assets:
        first = here.get(asset.line_id, asset)
        place = places.setdefault(first.id, Original(first))
        if first is not asset:
            place.iterations.append(asset)
    return list(places.values())


def _facts_of(by: GroupBy) -> list[Any]:
    """What tells a picture's group, and what is counted of it."""
    key = Asset.workspace_id if by is GroupBy.SESSION else _COLUMNS[by]
    return [key, (Asset.kind == "video").label("is_video"), (Asset.line_id != Asset.id).label("is_iteration")]


class _Walk:
    """Along what the filters find, from group to group. cursor: after `go`, where the next page begins."""

    def __init__(
        self, owner_id: uuid.UUID, filters: Filters, by: GroupBy, after: uuid.UUID | None, zone: tzinfo
    ) -> None:
        self.owner_id, self.filters, self.by, self.after, self.zone = owner_id, filters, by, after, zone
        self.cursor: uuid.UUID | None = None
        # Groups in the order of their newest pictures, with the ids of those as far as the walk came by them.
        self._met: dict[Key, list[uuid.UUID]] = {}

    def _found(self, among: Sequence[sa.ColumnElement[bool]], **days: date) -> sa.Select[uuid.UUID]:
        filters = self.filters.model_copy(update=days)
        return search.found_ids(self.owner_id, filters, among=among, zone=self.zone)

    def key(self, row: Any) -> Key:
        """Of a picture, or of a row with its id, and its workspace or key."""
        if self.by is GroupBy.SESSION:
            return day_of_id(row.id, self.zone), row.workspace_id
        found: uuid.UUID = row.line_batch_id if self.by is GroupBy.BATCH else row.line_prompt_id
        return found

    def narrowed(self, key: Key) -> Filters:
        """What finds a group and nothing else."""
        if isinstance(key, tuple):
            day, workspace_id = key
            return self.filters.model_copy(update={"workspace_id": workspace_id, "since": day, "until": day})
        return self.filters.model_copy(update={_COLUMNS[self.by].key: key})

    def go(self) -> dict[Key, Counted]:
        """The groups of a page, counted."""
        kept: dict[Key, Counted] = {}
        waiting: list[Key] = []
        at, at_end, shown = self.after, False, 0

        def full() -> bool:
            return shown >= _PAGE_PICTURES or len(kept) >= _PAGE_GROUPS

        def enough() -> bool:
            """Whether those that wait to be counted would fill the page and leave one for the next."""
            sure = shown + sum(min(len(self._met[key]), SHOWN) for key in waiting[:-1])
            return bool(waiting) and (sure >= _PAGE_PICTURES or len(waiting) + len(kept) > _PAGE_GROUPS)

        for _ in range(_MOST_LOTS):
            while not at_end and not enough():
                rows = self._stride(at)
                at_end = len(rows) < _STRIDE
                at = rows[-1].id if rows else at
                waiting += self._note(rows)
            if full() or not waiting:
                break
            # The last of them begins the next page; there is no last one at the end.
            most = min(_PAGE_GROUPS, len(waiting) - (not at_end))
            lot, waiting = waiting[:most], waiting[most:]
            counts = self._counts(lot)
            for number, key in enumerate(lot):
                if full():
                    waiting = [*lot[number:], *waiting]
                    break
                # None: thrown away a moment ago.
                count = counts.get(key)
                if count is not None and not count.before:
                    kept[key] = count
                    shown += min(count.pictures, SHOWN)
        if waiting:
            self.cursor = _just_above(self._met[waiting[0]][0])
        elif not at_end:
            self.cursor = at
        return kept

    def _note(self, rows: Sequence[Any]) -> list[Key]:
        """Take down what was met; gives the groups met for the first time."""
        new = []
        for row in rows:
            key = self.key(row)
            if key not in self._met:
                new.append(key)
            self._met.setdefault(key, []).append(row.id)
        return new

    def _stride(self, after: uuid.UUID | None) -> Sequence[Any]:
        ids = search.found_ids(self.owner_id, self.filters, after=after, common=True, zone=self.zone)
        wanted = ids.add_columns(Asset.workspace_id if self.by is GroupBy.SESSION else _COLUMNS[self.by])
        return db.session.execute(wanted.where(*self._elsewhere(after)).limit(_STRIDE)).all()

    def _elsewhere(self, after: uuid.UUID | None) -> list[sa.ColumnElement[bool]]:
        """In none of the groups met so far."""
        if self.by is not GroupBy.SESSION:
            return [_COLUMNS[self.by].not_in(self._met)] if self._met else []
        # Of earlier days none was met, and of later ones none comes.
        today = day_of_id(after, self.zone) if after else None
        sessions = [key for key in self._met if isinstance(key, tuple) and key[0] == today]
        return [
            sa.or_(Asset.workspace_id != workspace_id, Asset.id < first_id_of(day, zone=self.zone))
            for day, workspace_id in sessions
        ]

    def _ids_of(self, keys: Collection[Key]) -> tuple[sa.Select[uuid.UUID], list[Any]]:
        """The pictures of some groups, and what tells these from one another."""
        sessions = [key for key in keys if isinstance(key, tuple)]
        if not sessions:
            column = _COLUMNS[self.by]
            return self._found([column.in_(keys)]).order_by(None), [column]
        # With whatever lies between them: nobody asks for that.
        days = sorted({day for day, _ in sessions}, reverse=True)
        theirs = Asset.workspace_id.in_({workspace_id for _, workspace_id in sessions})
        number = sa.case(*((Asset.id >= first_id_of(day, zone=self.zone), sa.literal(day.toordinal())) for day in days))
        return self._found([theirs], since=days[-1], until=days[0]).order_by(None), [number, Asset.workspace_id]

    def _counts(self, keys: Sequence[Key]) -> dict[Key, Counted]:
        if not keys:
            return {}
        ids, columns = self._ids_of(keys)

        def those(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
            return sa.func.sum(sa.case((condition, 1), else_=0))

        before = those(Asset.id >= self.after) if self.after else sa.literal(0)
        # Named, for PostgreSQL takes two expressions with values of their own for different ones.
        named = [column.label(f"key_{number}") for number, column in enumerate(columns)]
        wanted = ids.with_only_columns(
            sa.func.count(), those(Asset.kind == "video"), those(Asset.line_id != Asset.id), before, *named
        )
        rows = db.session.execute(wanted.group_by(*named))
        return {_key_of(row[4:]): Counted(row[0], row[1], row[2], row[3] > 0) for row in rows}

    def newest_of(self, counted: Mapping[Key, Counted]) -> dict[Key, list[uuid.UUID]]:
        """The ids of each group's newest pictures."""
        found = {key: self._met[key][:SHOWN] for key in counted}
        short = [key for key, ids in found.items() if len(ids) < min(counted[key].pictures, SHOWN)]
        if small := [key for key in short if counted[key].pictures <= _SMALL]:
            found |= self._newest_together(small)
        for key in set(short) - set(small):
            of_this, _ = self._ids_of([key])
            found[key] = list(db.session.scalars(of_this.order_by(Asset.id.desc()).limit(SHOWN)))
        return found

    def _newest_together(self, keys: Sequence[Key]) -> dict[Key, list[uuid.UUID]]:
        ids, columns = self._ids_of(keys)
        place = sa.func.row_number().over(partition_by=columns, order_by=Asset.id.desc()).label("place")
        labelled = [column.label(f"key_{number}") for number, column in enumerate(columns)]
        ranked = ids.add_columns(place, *labelled).subquery()
        rows = db.session.execute(
            sa.select(ranked.c.id, *(ranked.c[column.name] for column in labelled))
            .where(ranked.c.place <= SHOWN)
            .order_by(ranked.c.id.desc())
        )
        found: dict[Key, list[uuid.UUID]] = {}
        for row in rows:
            found.setdefault(_key_of(row[1:]), []).append(row[0])
        return found

    def originals_of(self, assets: Collection[Asset]) -> Mapping[uuid.UUID, Asset]:
        """Those of the originals not among these pictures that the filters find as well."""
        missing = {asset.line_id for asset in assets} - {asset.id for asset in assets}
        if not missing:
            return {}
        return _assets(set(db.session.scalars(self._found([Asset.id.in_(missing)]))))


class _Sorting(_Walk):
    """Of few pictures all are known: nothing more is asked, but for the rows of those that are shown."""

    def __init__(
        self,
        owner_id: uuid.UUID,
        filters: Filters,
        by: GroupBy,
        after: uuid.UUID | None,
        zone: tzinfo,
        few: Sequence[sa.Row[Any]],
    ) -> None:
        super().__init__(owner_id, filters, by, after, zone)
        self._note(few)
        self._by_id = {row.id: row for row in few}

    def go(self) -> dict[Key, Counted]:
        kept: dict[Key, Counted] = {}
        shown = 0
        for key, ids in self._met.items():
            if self.after is not None and ids[0] >= self.after:
                continue
            if shown >= _PAGE_PICTURES or len(kept) >= _PAGE_GROUPS:
                self.cursor = _just_above(ids[0])
                break
            rows = [self._by_id[each] for each in ids]
            videos, iterations = sum(row.is_video for row in rows), sum(row.is_iteration for row in rows)
            kept[key] = Counted(len(rows), videos, iterations, before=False)
            shown += min(len(rows), SHOWN)
        return kept

    def originals_of(self, assets: Collection[Asset]) -> Mapping[uuid.UUID, Asset]:
        missing = {asset.line_id for asset in assets} - {asset.id for asset in assets}
        return _assets(missing & self._by_id.keys())


def _just_above(asset_id: uuid.UUID) -> uuid.UUID:
    return uuid.UUID(int=asset_id.int + 1)


def _key_of(values: Sequence[Any]) -> Key:
    """As `_Walk.key` has it, from what `_Walk._ids_of` tells groups by."""
    if len(values) == 1:
        found: uuid.UUID = values[0]
        return found
    return date.fromordinal(values[0]), values[1]


def _assets(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Asset]:
    if not ids:
        return {}
    rows = db.session.scalars(sa.select(Asset).where(Asset.id.in_(ids)))
    return {asset.id: asset for asset in rows}
