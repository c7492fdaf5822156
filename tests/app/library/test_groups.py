"""Groups of the library: whole, counted, each on one page only, for whatever is asked; on both databases."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from app.accounts.models import User
from app.db import db, new_id
from app.library import groups, marks, search
from app.library.filters import Filters
from app.library.groups import Group, GroupBy
from app.library.marks import Marks
from app.library.models import Asset, AssetText
from app.library.timeline import day_of_id
from app.library.words import fold
from app.workspaces import queries, service
from app.workspaces.forms import WorkspaceBody
from tests.support.statements import counted_queries

KINDS = (GroupBy.SESSION, GroupBy.BATCH, GroupBy.PROMPT)
_BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def crowd(owner: User, monkeypatch: pytest.MonkeyPatch) -> list[Asset]:
    """90 pictures of 12 days and two workspaces: batches of three, five prompts in turn, every seventh made from the
    one before, every eleventh brought along; newest first. Pages and strides are small, so that there are many."""
    for name, value in {"_PAGE_PICTURES": 9, "_PAGE_GROUPS": 3, "_STRIDE": 7, "SHOWN": 4}.items():
        monkeypatch.setattr(groups, name, value)
    here = queries.workspaces_of(owner.id)[0].id
    there = service.create_workspace(owner.id, WorkspaceBody(name="Other")).id
    made: list[Asset] = []
    for number in range(90):
        made_at = _BEGIN + timedelta(hours=3.2 * number)
        brought = number % 11 == 5
        template = f"a {('red', 'grey', 'blue', 'white', 'black')[number % 5]} {'fox' if number % 3 else 'owl'}"
        asset = Asset(
            id=uuid.UUID(int=int(made_at.timestamp() * 1000) << 80 | new_id().int & (1 << 80) - 1),
            owner_id=owner.id,
            workspace_id=there if number % 4 == 3 else here,
            kind="video" if number % 13 == 0 else "image",
            source="uploaded" if brought else "generated",
            batch_id=None if brought else uuid.UUID(int=number // 3),
            mime="image/png",
            key="ab/cd/abcd.png",
            sha256="0" * 64,
            size_bytes=100,
            width_px=64,
            height_px=64,
            favourite=number % 6 == 1,
            recipe={"template": template, "prompt": template},
            created_at=made_at,
        )
        if number % 7 == 6:
            parent = made[-1]
            asset.line_id, asset.line_batch_id, asset.line_prompt_id = (
                parent.line_id,
                parent.line_batch_id,
                parent.line_prompt_id,
            )
        db.session.add(asset)
        db.session.flush()
        db.session.add(AssetText(asset_id=asset.id, text=fold(template)))
        db.session.flush()
        made.append(asset)
    db.session.commit()
    return made[::-1]


def key_of(asset: Asset, by: GroupBy) -> Any:
    if by is GroupBy.SESSION:
        return day_of_id(asset.id), asset.workspace_id
    return asset.line_batch_id if by is GroupBy.BATCH else asset.line_prompt_id


def walked(owner: User, filters: Filters, by: GroupBy) -> list[Group]:
    """The groups of all pages, in order."""
    found: list[Group] = []
    after = None
    for _ in range(100):
        page = groups.page_of(owner.id, filters, by, after=after)
        found += page.groups
        if page.after is None:
            return found
        assert after is None or page.after < after
        after = page.after
    raise AssertionError("the pages have no end")


@pytest.mark.parametrize("few", [0, 1_000])
@pytest.mark.parametrize("by", KINDS)
def test_every_group_comes_once_whole_and_newest_first(
    owner: User, crowd: list[Asset], by: GroupBy, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By each of the ways that words common and rare, and groups large and small are read."""
    monkeypatch.setattr(search, "COUNTED", few)
    monkeypatch.setattr(search, "_LOOKED_AT", 400 if few else 4)
    monkeypatch.setattr(groups, "_SMALL", 3 if few else 2_000)
    asked: tuple[dict[str, Any], ...] = (
        {},
        {"q": "fox"},
        {"favourite": True},
        {"q": "fox", "source": "generated"},
        {"since": date(2026, 3, 4)},
    )
    for traits in asked:
        filters = Filters.model_validate(traits)
        members: dict[Any, list[Asset]] = {}
        for asset in search.find(owner.id, filters, most=200).assets:
            members.setdefault(key_of(asset, by), []).append(asset)
        found = walked(owner, filters, by)
        assert [key_of(group.newest, by) for group in found] == list(members), traits
        for group, there in zip(found, members.values(), strict=True):
            _is_whole(group, there)
            rest = search.find(owner.id, group.filters, most=200).assets
            assert [asset.id for asset in rest] == [asset.id for asset in there]


def _is_whole(group: Group, there: list[Asset]) -> None:
    assert group.newest.id == there[0].id
    iterations = sum(asset.line_id != asset.id for asset in there)
    videos = sum(asset.kind == "video" for asset in there)
    counted = group.counted
    assert (counted.pictures, counted.iterations, counted.videos) == (len(there), iterations, videos)
    shown = {asset.id for each in group.originals for asset in (each.asset, *each.iterations)}
    newest = there[: groups.SHOWN]
    originals = {asset.line_id for asset in newest} & {asset.id for asset in there}
    assert shown == {asset.id for asset in newest} | originals
    assert group.shown == len(shown)


def test_what_came_of_a_picture_stands_under_it_and_only_there(owner: User, crowd: list[Asset]) -> None:
    nested = Counter(
        (asset.id, each.asset.id)
        for group in walked(owner, Filters(), GroupBy.BATCH)
        for each in group.originals
        for asset in each.iterations
    )
    assert nested
    for (asset_id, original_id), times in nested.items():
        assert (db.session.get_one(Asset, asset_id).line_id, times) == (original_id, 1)


def test_what_the_filters_do_not_find_is_not_shown_beside_what_came_of_it(owner: User, crowd: list[Asset]) -> None:
    child = next(asset for asset in crowd if asset.line_id != asset.id)
    marks.set_marks(owner.id, [child.id], Marks(add_tags=["kept"]))
    (group,) = walked(owner, Filters(tag=("kept",)), GroupBy.PROMPT)
    assert [each.asset.id for each in group.originals] == [child.id]
    assert group.first.id == child.line_id, "but the group is named after it"


def test_a_group_goes_on_without_its_beginning(owner: User, crowd: list[Asset]) -> None:
    child = next(asset for asset in crowd if asset.line_id != asset.id)
    key, original = child.line_batch_id, child.line_id
    marks.trash(owner.id, [original])
    found = next(group for group in walked(owner, Filters(), GroupBy.BATCH) if group.newest.line_batch_id == key)
    shown = {asset.id for each in found.originals for asset in (each.asset, *each.iterations)}
    assert child.id in shown
    assert original not in shown


def test_a_session_ends_where_the_day_of_the_person_ends(owner: User, crowd: list[Asset]) -> None:
    zone = timezone(timedelta(hours=9))
    page = groups.page_of(owner.id, Filters(), GroupBy.SESSION, zone=zone)
    for group in page.groups:
        days = {day_of_id(asset.id, zone) for each in group.originals for asset in (each.asset, *each.iterations)}
        assert len(days) == 1
        assert days == {group.filters.since}


def test_a_page_takes_no_more_statements_for_more_groups(owner: User, crowd: list[Asset], monkeypatch: Any) -> None:
    def statements(most: int) -> int:
        monkeypatch.setattr(groups, "_PAGE_GROUPS", most)
        with counted_queries() as found:
            groups.page_of(owner.id, Filters(), GroupBy.BATCH)
        return len(found)

    for name, value in {"_PAGE_PICTURES": 1_000, "_STRIDE": 240}.items():
        monkeypatch.setattr(groups, name, value)
    assert max(statements(3), statements(20)) <= 5


@pytest.mark.parametrize("by", KINDS)
def test_what_few_pictures_have_is_read_at_once(owner: User, crowd: list[Asset], by: GroupBy) -> None:
    """The pictures with all that tells their groups, the rows of those shown, and of what came before them."""
    for filters in (Filters(favourite=True), Filters(q="fox", kind="video")):
        with counted_queries() as found:
            page = groups.page_of(owner.id, filters, by)
        assert page.groups
        assert len([each for each in found if not each.startswith("SET")]) <= 3
        assert page.count == len(search.find(owner.id, filters, most=200).assets)


def test_more_than_a_page_can_say_is_counted_no_further(
    owner: User, crowd: list[Asset], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert groups.page_of(owner.id, Filters(), GroupBy.BATCH).count == len(crowd)
    monkeypatch.setattr(search, "COUNTED", 5)
    assert groups.page_of(owner.id, Filters(), GroupBy.BATCH).count == 6


@pytest.mark.parametrize("by", KINDS)
def test_nobody_sees_groups_of_others(owner: User, stranger: User, crowd: list[Asset], by: GroupBy) -> None:
    assert walked(stranger, Filters(), by) == []
    assert walked(owner, Filters(q="?!"), by) == []
