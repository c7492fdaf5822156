"""The canvas as far as the server knows it: days and their rail, where a list starts, one picture beside it."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.accounts.models import User
from app.db import db, new_id
from app.generation.models import Batch
from app.library import timeline
from app.library.models import Asset
from app.workspaces import queries
from app.workspaces.models import Workspace
from tests.support.engine import Engine
from tests.support.visitor import Visitor

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def workspace(owner: User) -> Workspace:
    return queries.workspaces_of(owner.id)[0]


@pytest.fixture
def visitor(app: APIFlask, owner: User, workspace: Workspace) -> Visitor:
    visitor = Visitor(app, owner.email)
    visitor.get(f"/w/{workspace.id}")
    return visitor


def add(workspace: Workspace, days_ago: int, count: int = 1, *, kind: str = "image", **more: object) -> list[uuid.UUID]:
    """Pictures of one day, oldest first."""
    ids = []
    for number in range(count):
        made_at = NOON - timedelta(days=days_ago) + timedelta(seconds=number)
        milliseconds = int(made_at.timestamp() * 1000)
        row = {
            "id": uuid.UUID(int=milliseconds << 80 | new_id().int & ((1 << 80) - 1)),
            "owner_id": workspace.owner_id,
            "workspace_id": workspace.id,
            "kind": kind,
            "source": "generated",
            "mime": "image/png",
            "key": "ab/cd/none.png",
            "sha256": "0" * 64,
            "size_bytes": 1,
            "width_px": 300,
            "height_px": 200,
            "recipe": {"prompt": "a red fox", "template": "a {red|blue} fox", "choices": [{"text": "red"}], "seed": 7},
            "created_at": made_at,
            **more,
        }
        ids.append(row["id"])
        db.session.execute(sa.insert(Asset), [row])
    db.session.commit()
    return [uuid.UUID(str(each)) for each in ids]


def pictures_in(page: str) -> list[str]:
    return re.findall(r'data-picture data-id="([^"]+)"', page)


def shown(ids: list[uuid.UUID]) -> list[str]:
    return [str(each) for each in reversed(ids)]


def test_a_day_is_counted_whole_though_the_page_shows_a_part_of_it(visitor: Visitor, workspace: Workspace) -> None:
    add(workspace, 1, 70)
    add(workspace, 1, 1, kind="video")
    add(workspace, 1, 1, source="uploaded")
    page = visitor.get(f"/w/{workspace.id}").get_data(as_text=True)
    assert len(pictures_in(page)) == 60
    assert "70 pictures, 1 video" in page


def test_what_is_in_the_trash_or_elsewhere_is_not_counted(workspace: Workspace, owner: User) -> None:
    add(workspace, 2, 3)
    add(workspace, 2, 1, deleted_at=NOON)
    other = Workspace(id=new_id(), owner_id=owner.id, name="Other")
    db.session.add(other)
    db.session.flush()
    add(other, 2, 5)
    [found] = timeline.counts_by_day(owner.id, workspace.id)
    assert (found.day, found.pictures, found.videos) == ((NOON - timedelta(days=2)).date(), 3, 0)


def test_a_list_starts_at_a_day_and_goes_on_both_ways(visitor: Visitor, workspace: Workspace) -> None:
    old, middle, new = add(workspace, 9, 2), add(workspace, 5, 2), add(workspace, 1, 2)
    day = (NOON - timedelta(days=5)).date()
    base = f"/w/{workspace.id}/pictures"
    page = visitor.get(f"{base}?before={day}").get_data(as_text=True)
    assert pictures_in(page) == shown(middle) + shown(old)
    assert f"newer={middle[-1]}" in page
    newer = visitor.get(f"{base}?newer={middle[-1]}").get_data(as_text=True)
    assert pictures_in(newer) == shown(new)
    assert "newer=" not in newer
    # A day without pictures starts at the one before it.
    empty = (NOON - timedelta(days=4)).date()
    assert pictures_in(visitor.get(f"/w/{workspace.id}?before={empty}").get_data(as_text=True)) == shown(
        middle
    ) + shown(old)


def test_far_rows_are_read_again_from_where_they_stood(visitor: Visitor, workspace: Workspace) -> None:
    ids = add(workspace, 1, 80)
    after = uuid.UUID(int=ids[50].int + 1)
    page = visitor.get(f"/w/{workspace.id}/pictures?after={after}&limit=5").get_data(as_text=True)
    assert pictures_in(page) == shown(ids[46:51])
    everything = visitor.get(f"/w/{workspace.id}/pictures?after={after}&limit=100000").get_data(as_text=True)
    assert len(pictures_in(everything)) == 51


@pytest.mark.parametrize(
    "query", ["before=yesterday", "before=9999-12-31", "after=x", "newer=x", "limit=-1", "image=x"]
)
def test_an_address_that_says_nothing_useful_shows_the_newest(
    visitor: Visitor, workspace: Workspace, query: str
) -> None:
    [only] = add(workspace, 1)
    answer = visitor.get(f"/w/{workspace.id}?{query}")
    assert answer.status_code == 200
    assert pictures_in(answer.get_data(as_text=True)) == [str(only)]


def test_the_rail_names_late_days_then_months_then_years(visitor: Visitor, workspace: Workspace) -> None:
    for days_ago in (*range(9), 100, 101, 900):
        add(workspace, days_ago)
    page = visitor.get(f"/w/{workspace.id}/days").get_data(as_text=True)
    texts = re.findall(r">([^<>]+)</a>", page)
    assert texts[0] == "Today"
    assert len(texts) <= 12
    assert f"{NOON - timedelta(days=100):%b}" in texts
    # A bare number is a day of this month or of the last week: nothing else could be meant.
    recent = [
        day
        for day in (NOON - timedelta(days=ago) for ago in range(31))
        if day.month == NOON.month or NOON - day < timedelta(days=7)
    ]
    assert {text for text in texts if len(text) < 3} <= {str(day.day) for day in recent}
    # Every day with pictures is on it, alone or in the span of a month or a year.
    spans = re.findall(r'data-day="([^"]+)" data-since="([^"]+)"', page)
    for days_ago in (0, 8, 101, 900):
        day = str((NOON - timedelta(days=days_ago)).date())
        assert sum(since <= day <= last for last, since in spans) == 1


def test_one_picture_stands_beside_the_canvas_with_its_recipe(
    visitor: Visitor, engine: Engine, workspace: Workspace
) -> None:
    form = {"prompt": "a {red|green} fox", "model": "sketch", "batch_size": "1", "idempotency_key": "k1"}
    visitor.post(f"/w/{workspace.id}/batches", form)
    engine.turn()
    picture = engine.assets()[0]
    page = visitor.get(f"/images/{picture.id}/inspector").get_data(as_text=True)
    taken = picture.recipe["choices"][0]["text"]
    assert f'<span class="macro">{taken}</span>' in page
    assert f"a {taken} fox" in page
    for words in ("Use prompt", "Run again", "Upscale", "To video", "Lineage", str(picture.recipe["seed"])):
        assert words in page
    canvas = visitor.get(f"/w/{workspace.id}?image={picture.id}").get_data(as_text=True)
    assert f'data-inspected data-id="{picture.id}"' in canvas


def test_running_again_asks_for_the_same_once_more(visitor: Visitor, engine: Engine, workspace: Workspace) -> None:
    form = {"prompt": "a fox", "model": "sketch", "batch_size": "2", "idempotency_key": "k1"}
    visitor.post(f"/w/{workspace.id}/batches", form)
    engine.turn()
    picture = engine.assets()[0]
    for _ in range(2):
        visitor.post(f"/images/{picture.id}/runs", {"idempotency_key": "again"})
    requests = db.session.scalars(sa.select(Batch.request)).all()
    assert len(requests) == 2
    assert requests[0] == requests[1]


def test_a_picture_leads_to_the_form(visitor: Visitor, workspace: Workspace) -> None:
    [picture] = add(workspace, 1)
    start = f"/images/{picture}/start"
    upscale = visitor.get(f"{start}?operation=upscale").headers["Location"]
    assert upscale.startswith(f"/w/{workspace.id}?")
    assert f"image_id={picture}" in upscale
    assert "operation=upscale" in upscale

    def canvas(use: str) -> str:
        return visitor.get(visitor.get(f"{start}?use={use}").headers["Location"]).get_data(as_text=True)

    for use in ("all", "modify", "seed"):
        assert re.search(r'name="seed"[^>]*value="7"', canvas(use)), use
    assert not re.search(r'name="seed"[^>]*value="7"', canvas("like"))
    for query in ("", "?operation=dance", "?use=force"):
        assert visitor.get(start + query).status_code == 422


def test_somebody_elses_picture_looks_like_a_missing_one(
    visitor: Visitor, workspace: Workspace, stranger: User
) -> None:
    theirs = add(queries.workspaces_of(stranger.id)[0], 1)[0]
    for path in (f"/images/{theirs}/inspector", f"/images/{theirs}/start?use=all"):
        assert visitor.get(path).status_code == 404
    assert visitor.post(f"/images/{theirs}/runs", {}).status_code == 404
    page = visitor.get(f"/w/{workspace.id}?image={theirs}")
    assert page.status_code == 200
    assert "data-inspected data-id" not in page.get_data(as_text=True)
