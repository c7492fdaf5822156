"""The one read behind the library page and the API's list: some of a person's pictures, newest first.

Ids are chosen from an index that holds every trait (`ix_assets_library`), so that 100,000 pictures without a hit cost
one walk along it; rows are read for those that are shown. A cursor is the id of a page's last picture.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, tzinfo
from typing import Any

import sqlalchemy as sa

from app.db import db
from app.library.filters import Filters
from app.library.models import MARKED, UNUSUAL, Asset, AssetTag, AssetText
from app.library.timeline import first_id_of
from app.library.words import Words, words_of
from app.workspaces.models import Workspace

# A page says how many were found, up to here; beyond, "more than".
COUNTED = 1_000
# Up to so many matches are looked at one by one, whatever else is asked of them.
_FEW = 2_000
_LOOKED_AT = 400
# More than are ever stored at the same time.
_AT_ONCE = 1_000

_EQUAL = ("workspace_id", "kind", "source", "favourite", "rejected", "batch_id", "line_batch_id", "line_prompt_id")
_ANY_OF = ("model", "style", "operation")
_search = sa.table("asset_search", sa.column("rowid", sa.Integer))


@dataclass(frozen=True, slots=True)
class Found:
    """after: the cursor of the next page, None at the end. count: how many in all on a first page, at most COUNTED + 1
    (which says: more than COUNTED); elsewhere None."""

    assets: Sequence[Asset]
    after: uuid.UUID | None
    count: int | None = None


def find(
    owner_id: uuid.UUID,
    filters: Filters,
    *,
    after: uuid.UUID | None = None,
    most: int = 60,
    tally: bool = False,
    zone: tzinfo = UTC,
) -> Found:
    """A page of a person's pictures. tally: also say how many there are, if this is the first page. zone: in which its
    days begin and end."""
    words = words_of(filters.q)
    if filters.q and not words:
        # Punctuation alone: no text can have it, since none was stored.
        return Found([], None, 0)
    plan_each()
    ids = _ids(owner_id, filters, words, after, zone)
    newest = _ids(owner_id, filters, words, after, zone, common=True) if words else ids
    found = db.session.scalars(newest.limit(most + 1)).all()
    shown = found[:most]
    rows = db.session.scalars(sa.select(Asset).where(Asset.id.in_(shown))).all()
    by_id = {asset.id: asset for asset in rows}
    return Found(
        [by_id[each] for each in shown if each in by_id],
        shown[-1] if len(found) > most else None,
        (_count(ids) if len(found) > most else len(found)) if tally and after is None else None,
    )


def around(
    owner_id: uuid.UUID, filters: Filters, asset: Asset, each: int, *, zone: tzinfo = UTC
) -> tuple[list[Asset], list[Asset]]:
    """The next newer and the next older pictures that the same filters find, each nearest first."""
    words = words_of(filters.q)
    if filters.q and not words:
        return [], []
    plan_each()
    found = [
        db.session.scalars(_ids(owner_id, filters, words, asset.id, zone, newer=newer).limit(each)).all()
        for newer in (True, False)
    ]
    rows = db.session.scalars(sa.select(Asset).where(Asset.id.in_([each for ids in found for each in ids]))).all()
    by_id = {row.id: row for row in rows}
    newer_ids, older_ids = found
    return [by_id[each] for each in newer_ids], [by_id[each] for each in older_ids]


def plan_each() -> None:
    """Before reads of this module. A plan for any word or model is made for the middle of them, and PostgreSQL would
    keep it from the tenth read on; nothing like it serves those that all pictures have and those that few have."""
    if _is_postgresql():
        db.session.execute(sa.text("SET LOCAL plan_cache_mode = force_custom_plan"))


def found_ids(
    owner_id: uuid.UUID,
    filters: Filters,
    *,
    after: uuid.UUID | None = None,
    among: Sequence[sa.ColumnElement[bool]] = (),
    common: bool = False,
    zone: tzinfo = UTC,
) -> sa.Select[uuid.UUID]:
    """The ids of all that `find` would find, newest first; none for punctuation alone. among: conditions that leave
    little of all there is. common: only the newest are wanted, which may be found by looking at one after the other."""
    words = words_of(filters.q)
    ids = _ids(owner_id, filters, words, after, zone, among=among, common=common)
    return ids.where(sa.false()) if filters.q and not words else ids


def few(
    owner_id: uuid.UUID, filters: Filters, columns: Sequence[Any], *, zone: tzinfo = UTC
) -> Sequence[sa.Row[Any]] | None:
    """The ids of all there are, newest first, with columns of theirs; None where these are more than COUNTED."""
    some = _in_any_order(found_ids(owner_id, filters, zone=zone)).add_columns(*columns).limit(COUNTED + 1).subquery()
    number = sa.func.count().over().label("number")
    numbered = sa.select(some, number, sa.func.row_number().over().label("place")).subquery()
    # Of too many one row is enough to say so.
    wanted = sa.select(numbered).where(sa.or_(numbered.c.number <= COUNTED, numbered.c.place == 1))
    found = db.session.execute(wanted).all()
    if found and found[0].number > COUNTED:
        return None
    return sorted(found, key=lambda row: row.id, reverse=True)


def _count(ids: sa.Select[uuid.UUID]) -> int:
    some = _in_any_order(ids).limit(COUNTED + 1).subquery()
    return db.session.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()


def _in_any_order(ids: sa.Select[uuid.UUID]) -> sa.Select[uuid.UUID]:
    """The first that are met will do. SQLite finds its best way by the order."""
    return ids.order_by(None) if _is_postgresql() else ids


def _ids(
    owner_id: uuid.UUID,
    filters: Filters,
    words: Words,
    after: uuid.UUID | None,
    zone: tzinfo,
    *,
    newer: bool = False,
    among: Sequence[sa.ColumnElement[bool]] = (),
    common: bool = False,
) -> sa.Select[uuid.UUID]:
    """Newest first, from a picture on; or newer than it, the nearest first. among, common: as in `found_ids`."""
    wanted = sa.select(Asset.id).where(*_conditions(owner_id, filters, zone), *among)
    if not words:
        return _by_id(wanted, after, newer)
    texts = wanted.join(AssetText, AssetText.asset_id == Asset.id)
    if _is_postgresql():
        query = sa.func.to_tsquery(sa.literal_column("'simple'"), words.for_postgres())
        matches = sa.literal_column("asset_texts.words").op("@@")(query)
        if common and not newer and _dense(_by_id(wanted, after, newer), matches):
            # Looked at one by one, as a query of its own that no plan turns round: all that match need not be sorted.
            has_words = sa.select(matches).where(AssetText.asset_id == Asset.id).scalar_subquery()
            return _by_id(wanted.where(has_words), after, newer)
        # "+ 0", or for a page's few rows PostgreSQL walks the texts by number and splits each into words again.
        return _by_number(texts.where(matches), after, AssetText.id + 0, newer)
    # An index of SQLite's full-text search is a table of its own, and no plan fits both kinds of words.
    match = sa.literal_column("asset_search").op("MATCH")(words.for_sqlite())
    numbers = sa.select(_search.c.rowid).where(match, *_numbers_of_days(filters, zone))
    if (among or filters.model_copy(update={"q": ""}).narrowing) and not _few(numbers):
        # "+ 0", or SQLite walks all numbers for each picture instead of looking for the picture's among them.
        return _by_id(texts.where((AssetText.id + 0).in_(numbers)), after, newer)
    return _by_number(texts.join(_search, _search.c.rowid == AssetText.id).where(match), after, _search.c.rowid, newer)


def _dense(newest: sa.Select[uuid.UUID], matches: sa.ColumnElement[bool]) -> bool:
    """Whether a tenth of the newest pictures have the words."""
    some = newest.limit(_LOOKED_AT).subquery()
    counted = sa.select(sa.func.count()).select_from(some.join(AssetText, AssetText.asset_id == some.c.id))
    return db.session.execute(counted.where(matches)).scalar_one() * 10 >= _LOOKED_AT


def _few(numbers: sa.Select[int]) -> bool:
    counted = sa.select(sa.func.count()).select_from(numbers.limit(_FEW + 1).subquery())
    return db.session.execute(counted).scalar_one() <= _FEW


def _by_id(ids: sa.Select[uuid.UUID], after: uuid.UUID | None, newer: bool) -> sa.Select[uuid.UUID]:
    if after is not None:
        ids = ids.where(Asset.id > after if newer else Asset.id < after)
    return ids.order_by(Asset.id if newer else Asset.id.desc())


def _by_number(
    ids: sa.Select[uuid.UUID], after: uuid.UUID | None, number_column: sa.ColumnElement[int], newer: bool
) -> sa.Select[uuid.UUID]:
    """By the number of the text, which grows as ids do. Full-text search gives its rows in this order by itself, so
    that the newest of many are there before all are found."""
    if after is not None:
        # The picture itself, or if it is gone the next newer one.
        cursor = sa.select(AssetText.id).where(AssetText.asset_id >= after).order_by(AssetText.asset_id).limit(1)
        number = db.session.scalar(cursor)
        if number is not None:
            ids = ids.where(number_column > number if newer else number_column < number)
    return ids.order_by(number_column if newer else number_column.desc())


def _numbers_of_days(filters: Filters, zone: tzinfo) -> list[sa.ColumnElement[bool]]:
    """Where the texts of the days asked for lie among all, so that not all that match are read; about there, for of two
    pictures stored at once either may be numbered first."""

    def first_from(day: date, days_later: int) -> sa.ScalarSelect[int]:
        from_there = AssetText.asset_id >= first_id_of(day, days_later=days_later, zone=zone)
        return sa.select(AssetText.id).where(from_there).order_by(AssetText.asset_id).limit(1).scalar_subquery()

    found = []
    if filters.since is not None:
        found.append(_search.c.rowid >= first_from(filters.since, 0) - _AT_ONCE)
    if filters.until is not None:
        found.append(
            _search.c.rowid < sa.func.coalesce(first_from(filters.until, 1), sys.maxsize - _AT_ONCE) + _AT_ONCE
        )
    return found


def _conditions(owner_id: uuid.UUID, filters: Filters, zone: tzinfo) -> list[sa.ColumnElement[bool]]:
    """SQLite looks at them in this order, so that what few pictures have comes first."""
    aside = Asset.deleted_at.is_not(None) if filters.trashed else Asset.deleted_at.is_(None)
    found = [Asset.owner_id == owner_id, aside, *_rare(filters)]
    if filters.rating is not None:
        found.append(Asset.rating >= filters.rating)
    given = ((name, getattr(filters, name)) for name in _EQUAL)
    found += [getattr(Asset, name) == value for name, value in given if value is not None]
    found += [getattr(Asset, name).in_(values) for name in _ANY_OF if (values := getattr(filters, name))]
    # Ids begin with the moment they were made at, and lead the index.
    if filters.since is not None:
        found.append(Asset.id >= first_id_of(filters.since, zone=zone))
    if filters.until is not None:
        found.append(Asset.id < first_id_of(filters.until, days_later=1, zone=zone))
    found += [Asset.id.in_(sa.select(AssetTag.asset_id).where(AssetTag.name == name)) for name in filters.tag]
    if filters.source is None and not filters.trashed:
        # Masks are tools: there for whoever asks for them, and in nobody's way.
        found.append(Asset.source != "mask")
    living = sa.select(Workspace.id).where(Workspace.owner_id == owner_id, Workspace.deleted_at.is_(None))
    return [*found, Asset.workspace_id.in_(living)]


def _rare(filters: Filters) -> list[sa.ColumnElement[bool]]:
    """What follows from the traits, and opens the index of the few that may have them (app/library/models.py)."""
    marked = filters.favourite or filters.rejected or filters.rating is not None
    unusual = filters.kind == "video" or filters.source not in (None, "generated")
    spelled = [text for text, is_so in ((MARKED, marked), (UNUSUAL, unusual)) if is_so]
    return [sa.literal_column(f"({text})") for text in spelled]


def _is_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"
