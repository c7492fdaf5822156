"""Finding pictures again, on both databases."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.accounts.models import User
from app.db import db, new_id, utc_now
from app.library import marks, search, sweeping
from app.library.filters import Filters
from app.library.marks import Marks
from app.library.models import Asset, AssetText
from app.library.words import fold
from app.workspaces import queries, service
from app.workspaces.forms import WorkspaceBody

Add = Callable[..., uuid.UUID]


@pytest.fixture
def add(owner: User) -> Add:
    """Store the row of a picture, a moment younger than the one before."""
    workspace = queries.workspaces_of(owner.id)[0]
    moments = iter(range(1, 10_000))

    def stored(prompt: str, *, day: date | None = None, of: uuid.UUID = workspace.id, **more: object) -> uuid.UUID:
        made_at = datetime.combine(day, datetime.min.time(), UTC) if day else utc_now()
        made_at += timedelta(milliseconds=next(moments))
        image_id = uuid.UUID(int=int(made_at.timestamp() * 1000) << 80 | new_id().int & (1 << 80) - 1)
        owner_id = more.pop("owner_id", owner.id)
        db.session.add(
            Asset(
                id=image_id,
                owner_id=owner_id,
                workspace_id=of,
                **{"kind": "image", "source": "generated", **more},
                mime="image/png",
                key="ab/cd/abcd.png",
                sha256="0" * 64,
                size_bytes=100,
                width_px=64,
                height_px=64,
                recipe={"prompt": prompt},
                created_at=made_at,
            )
        )
        db.session.add(AssetText(asset_id=image_id, text=fold(prompt)))
        db.session.commit()
        return image_id

    return stored


@pytest.fixture
def found(owner: User) -> Callable[..., list[uuid.UUID]]:
    def ids(**traits: object) -> list[uuid.UUID]:
        return [asset.id for asset in search.find(owner.id, Filters.model_validate(traits)).assets]

    return ids


Find = Callable[..., list[uuid.UUID]]


def test_words_are_found_in_any_order_and_the_newest_come_first(add: Add, found: Find) -> None:
    old, fox, owl = add("A red fox, dawn"), add("fox (RED:1.3) in snow"), add("a grey owl")
    assert found(q="fox red") == [fox, old]
    assert found(q="Owl") == [owl]
    assert found(q="red owl") == []


def test_the_last_word_may_be_begun_and_no_other(add: Add, found: Find) -> None:
    fox = add("a red fox in snow")
    assert found(q="red sno") == [fox]
    assert found(q="sno red") == []


def test_accents_and_signs_are_found(add: Add, found: Find) -> None:
    cafe, tower = add("Café at night"), add("東京タワー")
    assert found(q="cafe") == [cafe]
    assert found(q="CAFÉ") == [cafe]
    assert found(q="タワー") == [tower]


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "'; DROP TABLE assets --",
        "fox AND (",
        "NOT",
        "NEAR(a b)",
        "text:fox",
        "fox*",
        "{|}",
        "a:* & !b",
        "x" * 2000,
    ],
)
def test_hostile_words_are_only_words(add: Add, found: Find, text: str) -> None:
    fox = add("a red fox near the text, not and")
    assert found(q=text) in ([], [fox])
    assert found(q=text, favourite=False, tag="none") == []


def test_punctuation_alone_finds_nothing_rather_than_everything(owner: User, add: Add) -> None:
    add("a red fox")
    empty = search.find(owner.id, Filters(q="?! ()"), tally=True)
    assert (list(empty.assets), empty.count) == ([], 0)


def test_every_trait_narrows(add: Add, found: Find, owner: User) -> None:
    batch, other = uuid.uuid4(), service.create_workspace(owner.id, WorkspaceBody(name="Other"))
    picked = add(
        "a fox",
        of=other.id,
        kind="video",
        source="uploaded",
        model="flux",
        style="Noir",
        operation="img2vid",
        batch_id=batch,
    )
    marks.set_marks(owner.id, [picked], Marks(favourite=True, rejected=True, rating=4, add_tags=["keepers"]))
    add("another fox")
    traits = {
        "workspace_id": other.id,
        "kind": "video",
        "source": "uploaded",
        "model": "flux",
        "style": "Noir",
        "operation": "img2vid",
        "favourite": True,
        "rejected": True,
        "rating": 4,
        "tag": "keepers",
        "batch_id": batch,
    }
    for name, value in traits.items():
        assert found(**{name: value}) == [picked], name
        assert found(q="fox", **{name: value}) == [picked], name
    assert found(**traits) == [picked]
    assert found(model=["sketch", "flux"], style=["Noir", "Oil"], operation=["img2vid", "inpaint"]) == [picked]
    assert found(model=["sketch"]) == []
    assert found(rating=5) == []
    assert len(found(favourite=False)) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("traits", "index"),
    [
        ({"favourite": True}, "ix_assets_marked"),
        ({"rejected": True}, "ix_assets_marked"),
        ({"rating": 3}, "ix_assets_marked"),
        ({"kind": "video"}, "ix_assets_unusual"),
        ({"source": "uploaded"}, "ix_assets_unusual"),
        ({"model": ["flux"]}, "ix_assets_library"),
    ],
)
def test_what_few_have_is_found_in_an_index_of_those(owner: User, traits: dict[str, object], index: str) -> None:
    """SQLite uses one only where the question spells its condition as the index does; PostgreSQL goes by numbers."""
    ids = search.found_ids(owner.id, Filters.model_validate(traits))
    asked = ids.compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = db.session.execute(sa.text(f"EXPLAIN QUERY PLAN {asked}")).all()
    assert f"USING COVERING INDEX {index} " in str(plan)


def test_words_of_some_days_are_looked_for_among_those_of_the_days(add: Add, found: Find, owner: User) -> None:
    days = [date(2026, 3, day) for day in (9, 10, 11)]
    foxes = [add("a fox", day=day) for day in days]
    late = add("a fox", day=days[0])
    assert found(q="fox", since=days[0], until=days[0]) == [late, foxes[0]]
    assert found(q="fox", since=days[2]) == [foxes[2]]
    assert found(q="fox", since=date(2026, 3, 12)) == []


def test_of_several_tags_a_picture_has_all(add: Add, found: Find, owner: User) -> None:
    both, one = add("a fox"), add("a fox")
    marks.set_marks(owner.id, [both, one], Marks(add_tags=["night"]))
    marks.set_marks(owner.id, [both], Marks(add_tags=["cover"]))
    assert found(tag=["night"]) == [one, both]
    assert found(tag=["night", "cover"]) == found(q="fox", tag=["cover", "night"]) == [both]


def test_days_hold_both_their_ends(add: Add, found: Find) -> None:
    eve, first, last, after = (add("a fox", day=date(2026, 3, day)) for day in (9, 10, 11, 12))
    assert found(since=date(2026, 3, 10), until=date(2026, 3, 11)) == [last, first]
    assert found(since=date(2026, 3, 12)) == [after]
    assert found(until=date(2026, 3, 9)) == [eve]
    assert len(found(until=date(9999, 12, 31))) == 4


def test_the_trash_is_its_own_list(add: Add, found: Find, owner: User) -> None:
    kept, thrown = add("a fox"), add("a fox")
    marks.trash(owner.id, [thrown])
    assert found() == found(q="fox") == [kept]
    assert found(trashed=True) == found(q="fox", trashed=True) == [thrown]


def test_masks_are_found_by_whoever_asks_for_them_only(add: Add, found: Find, owner: User) -> None:
    picture, mask = add("a fox"), add("a fox", source="mask")
    assert found() == found(q="fox") == found(kind="image") == [picture]
    assert found(source="mask") == [mask]
    marks.trash(owner.id, [mask])
    assert found(trashed=True) == [mask]


def test_nobody_finds_what_is_somebody_elses(add: Add, found: Find, owner: User, stranger: User) -> None:
    theirs = queries.workspaces_of(stranger.id)[0]
    hidden = add("a secret fox", of=theirs.id, owner_id=stranger.id)
    marks.set_marks(stranger.id, [hidden], Marks(add_tags=["mine"]))
    for traits in ({}, {"q": "secret"}, {"workspace_id": theirs.id}, {"tag": "mine"}):
        assert found(**traits) == [], traits


def test_pictures_of_a_deleted_workspace_are_not_found(add: Add, found: Find, owner: User) -> None:
    other = service.create_workspace(owner.id, WorkspaceBody(name="Other"))
    add("a fox", of=other.id)
    service.delete_workspace(other, typed_name="Other")
    assert found() == found(q="fox") == []


@pytest.mark.parametrize("few", [0, 2_000])
@pytest.mark.parametrize("traits", [{}, {"q": "fox"}, {"q": "fox", "rejected": False}])
def test_pages_hold_every_picture_once_in_order(
    add: Add, owner: User, traits: dict[str, object], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By each of the ways that words common and rare are looked for."""
    monkeypatch.setattr(search, "_FEW", few)
    monkeypatch.setattr(search, "_LOOKED_AT", 400 if few else 4)
    expected = [add("a fox") for _ in range(7)][::-1]
    filters = Filters.model_validate(traits)
    first = search.find(owner.id, filters, most=3, tally=True)
    assert first.count == 7
    seen, after = [asset.id for asset in first.assets], first.after
    while after is not None:
        page = search.find(owner.id, filters, after=after, most=3, tally=True)
        assert page.count is None
        seen, after = [*seen, *(asset.id for asset in page.assets)], page.after
    assert seen == expected


def test_a_list_goes_on_where_a_picture_was_that_is_gone(app: APIFlask, add: Add, owner: User) -> None:
    old, gone, new = add("a fox"), add("a fox"), add("a fox")
    marks.trash(owner.id, [gone])
    db.session.get_one(Asset, gone).deleted_at = utc_now() - timedelta(days=sweeping.TRASH_DAYS + 1)
    db.session.commit()
    sweeping.sweep_files()
    for filters in (Filters(), Filters(q="fox")):
        assert [asset.id for asset in search.find(owner.id, filters, after=gone).assets] == [old]
        assert [asset.id for asset in search.find(owner.id, filters).assets] == [new, old]


def test_more_than_a_page_can_say_is_counted_no_further(add: Add, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "COUNTED", 3)
    for _ in range(6):
        add("a fox")
    for filters in (Filters(), Filters(q="fox"), Filters(q="fox", kind="image")):
        assert search.find(owner.id, filters, most=2, tally=True).count == 4
