"""The library's pages, as a browser without scripts uses them."""

from __future__ import annotations

import contextvars
import io
import re
import zipfile
from collections.abc import Mapping
from html import unescape
from typing import Any

import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from app import limits
from app.accounts.models import User
from app.db import db
from app.extensions import storage
from app.library import archive, marks
from app.library.marks import Marks
from app.library.models import Asset, SavedSearch
from app.workspaces import queries
from app.workspaces.models import Workspace
from tests.support.engine import Engine
from tests.support.visitor import Visitor


class Elsewhere(Visitor):
    """A second browser: its requests share nothing with the first one's, nor with the test."""

    def get(self, path: str, **more: Any) -> TestResponse:
        return contextvars.Context().run(super().get, path, **more)

    def post(self, path: str, form: Mapping[str, Any] | None = None, **more: Any) -> TestResponse:
        return contextvars.Context().run(super().post, path, form, **more)


@pytest.fixture
def workspace(owner: User) -> Workspace:
    return queries.workspaces_of(owner.id)[0]


@pytest.fixture
def visitor(app: APIFlask, owner: User, workspace: Workspace) -> Visitor:
    visitor = Visitor(app, owner.email)
    visitor.get(f"/w/{workspace.id}")
    return visitor


@pytest.fixture
def pictures(engine: Engine, workspace: Workspace) -> list[Asset]:
    """Two foxes of one batch and an owl of another, newest first."""
    engine.submit(workspace, "a {red|grey} fox", seed=5)
    engine.turn()
    engine.submit(workspace, "an owl at night", seed=6)
    engine.turn()
    return sorted(engine.assets(), key=lambda asset: asset.id, reverse=True)


def shown(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.text
    return re.findall(r'data-picture data-id="([^"]+)"', answer.text)


def ids(assets: list[Asset]) -> list[str]:
    return [str(asset.id) for asset in assets]


def test_everything_is_shown_newest_first_under_its_session(
    visitor: Visitor, workspace: Workspace, pictures: list[Asset]
) -> None:
    page = visitor.get("/library")
    assert shown(page) == ids(pictures)
    assert f"Today · {workspace.name}" in page.text
    assert "3 found" in page.text


def test_the_address_says_what_is_shown_and_chips_lead_out_of_it(visitor: Visitor, pictures: list[Asset]) -> None:
    page = visitor.get("/library?q=fox&kind=image&group=batch")
    assert shown(page) == ids(pictures[1:])
    assert "2 found" in page.text
    chip = re.search(r'id="chip-kind" href="([^"]+)" aria-current', page.text)
    assert chip is not None
    assert unescape(chip.group(1)) == "/library?q=fox&group=batch"
    assert '<input type="hidden" name="kind" value="image" form="library-search">' in page.text
    assert "a {red|grey} fox" in page.text


def test_values_of_one_trait_are_taken_off_one_by_one(visitor: Visitor, owner: User, pictures: list[Asset]) -> None:
    marks.set_marks(owner.id, [pictures[0].id], Marks(add_tags=["night", "cover"]))
    page = visitor.get("/library?model=sketch&model=flux&tag=night&tag=cover")
    assert shown(page) == ids(pictures[:1])
    chips = {unescape(each) for each in re.findall(r'href="([^"]+)" aria-current="true">[^<]*<svg', page.text)}
    assert chips == {
        "/library?model=flux&tag=night&tag=cover",
        "/library?model=sketch&tag=night&tag=cover",
        "/library?model=sketch&model=flux&tag=cover",
        "/library?model=sketch&model=flux&tag=night",
    }
    assert page.text.count('<input type="hidden" name="tag"') >= 4, "with the search, and with one more tag"


def test_nothing_found_offers_to_start_again(visitor: Visitor, pictures: list[Asset]) -> None:
    page = visitor.get("/library?q=walrus")
    assert shown(page) == []
    assert "Nothing found" in page.text
    assert 'href="/library"' in page.text


@pytest.mark.parametrize(
    "address", ["rating=9", "since=yesterday", "favourite=maybe", "since=2026-11-20&until=2026-01-01"]
)
def test_an_address_that_makes_no_sense_says_so_on_the_page(visitor: Visitor, address: str) -> None:
    answer = visitor.get(f"/library?{address}")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "Start again" in answer.text


def test_words_of_people_are_text(visitor: Visitor, engine: Engine, workspace: Workspace) -> None:
    engine.submit(workspace, "<script>alert(1)</script> fox")
    engine.turn()
    for by in ("session", "batch", "prompt", "none"):
        page = visitor.get(f"/library?group={by}&q=%3Cscript%3E").text
        assert "<script>alert" not in page
        assert 'value="&lt;script&gt;"' in page


def test_iterations_stand_under_their_original(
    visitor: Visitor, engine: Engine, workspace: Workspace, pictures: list[Asset]
) -> None:
    engine.submit(workspace, "a fox in snow", operation="img2img", image=pictures[1].id)
    engine.turn()
    child = next(asset for asset in engine.assets() if asset.operation == "img2img")
    for by in ("session", "batch", "prompt"):
        page = visitor.get(f"/library?group={by}")
        lot = page.text.split('class="lot"')[1].split("</ul>")
        assert str(pictures[1].id) in lot[0]
        assert str(child.id) in lot[1]
        assert "1 iteration" in page.text
        assert sorted(shown(page)) == sorted([*ids(pictures), str(child.id)])
    flat = visitor.get("/library?group=none")
    assert shown(flat)[0] == str(child.id)
    assert 'class="lot"' not in flat.text


def test_an_original_that_is_not_found_is_not_shown(
    visitor: Visitor, engine: Engine, workspace: Workspace, pictures: list[Asset]
) -> None:
    engine.submit(workspace, "a hare", operation="img2img", image=pictures[1].id)
    engine.turn()
    page = visitor.get("/library?q=hare&group=prompt")
    assert len(shown(page)) == 1
    assert str(pictures[1].id) not in shown(page)
    assert ">a {red|grey} fox</h2>" in page.text, "it stands under the prompt it goes back to"


def test_groups_go_on_by_a_link_and_by_themselves(
    visitor: Visitor, pictures: list[Asset], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.library.groups._PAGE_GROUPS", 1)
    first = visitor.get("/library?group=batch")
    assert shown(first) == ids(pictures[:1])
    older = re.search(r'data-older="([^"]+)"><a class="button" href="([^"]+)" rel="next"', first.text)
    assert older
    part, link = map(unescape, older.groups())
    page = visitor.get(link)
    assert shown(page) == ids(pictures[1:])
    assert 'href="/library?group=batch">Newest pictures' in page.text
    more = visitor.get(part, headers={"HX-Request": "true"})
    assert shown(more) == ids(pictures[1:])
    assert "<html" not in more.text
    assert "data-older" not in more.text
    again = re.search(r'data-groups="([^"]+)"', more.text)
    assert again
    assert shown(visitor.get(unescape(again.group(1)), headers={"HX-Request": "true"})) == ids(pictures[1:])


def test_a_group_too_large_for_a_page_says_so_and_leads_to_the_rest(
    visitor: Visitor, pictures: list[Asset], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.library.groups.SHOWN", 1)
    for by, query in (("session", ""), ("batch", "&q=fox"), ("prompt", "&kind=image")):
        page = visitor.get(f"/library?group={by}{query}")
        number = 3 if by == "session" else 2
        assert f"{number} pictures" in page.text
        rest = re.search(rf'class="group__rest" href="([^"]+)" aria-label="{number - 1} more of: ', page.text)
        assert rest
        assert shown(visitor.get(unescape(rest.group(1)))) == ids(pictures[-number:])
        assert "Select the 1 shown of: " in page.text


def test_a_list_without_groups_goes_on_and_gives_any_part_of_itself(
    visitor: Visitor, pictures: list[Asset], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.library.shelves._PAGE", 1)
    first = visitor.get("/library?group=none&q=fox")
    assert shown(first) == ids(pictures[1:2])
    on = unescape(re.findall(r'data-older="([^"]+)"><a class="button" href="([^"]+)" rel="next"', first.text)[0][0])
    more = visitor.get(on, headers={"HX-Request": "true"})
    assert shown(more) == ids(pictures[2:])
    assert "<html" not in more.text
    assert "data-older" not in more.text
    anywhere = unescape(re.findall(r'data-pictures="(/library[^"]+)"', first.text)[0])
    again = visitor.get(f"{anywhere}&after={pictures[0].id}&limit=2", headers={"HX-Request": "true"})
    assert shown(again) == ids(pictures[1:])
    for limit in ("0", "-1", "x", "9999999999"):
        assert visitor.get(f"{anywhere}&limit={limit}").status_code == 200
    page = visitor.get(f"/library?group=none&q=fox&after={pictures[1].id}")
    assert 'href="/library?q=fox&amp;group=none">Newest pictures' in page.text


@pytest.mark.parametrize("query", ["q=fox", "tag=night&tag=cover", "q=fox&tag=night"])
def test_a_picture_opened_from_a_list_leads_to_its_neighbours_there(
    visitor: Visitor, engine: Engine, workspace: Workspace, owner: User, pictures: list[Asset], query: str
) -> None:
    engine.submit(workspace, "a fox and an owl", seed=7)
    engine.turn()
    newest = max(engine.assets(), key=lambda asset: asset.id)
    marks.set_marks(owner.id, [newest.id, *(each.id for each in pictures[1:])], Marks(add_tags=["night", "cover"]))
    here = f"/images/{pictures[1].id}?in=library&{query}"
    assert f'href="{here}"' in unescape(visitor.get(f"/library?{query}").text)
    page = unescape(visitor.get(here).text)
    steps = dict(re.findall(r'href="([^"]+)"[^>]* data-step="(newer|older)"', page))
    expected = {
        f"/images/{asset.id}?in=library&{query}": way for asset, way in ((newest, "newer"), (pictures[2], "older"))
    }
    assert steps == expected
    assert visitor.get(f"/images/{pictures[1].id}?in=library&rating=none").status_code == 200


def test_htmx_gets_only_what_changes(visitor: Visitor, pictures: list[Asset]) -> None:
    answer = visitor.get("/library?q=owl", headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith('<div class="library__results"')
    assert shown(answer) == ids(pictures[:1])


def test_the_shelves_tell_how_many_there_are(visitor: Visitor, owner: User, pictures: list[Asset]) -> None:
    marks.set_marks(owner.id, [pictures[0].id], Marks(favourite=True, add_tags=["night & day"]))
    marks.trash(owner.id, [pictures[2].id])
    side = visitor.get("/library/shelves?at=library&tag=night+%26+day").text
    counts = re.findall(r'truncate">([^<]+)</span><span class="side__count">([^<]+)<', side)
    assert dict(counts) == {
        "Everything": "2",
        "Favourites": "1",
        "Uploads": "0",
        "Videos": "0",
        "Rejected": "0",
        "Trash": "1",
        "night &amp; day": "1",
    }
    assert re.search(r'href="/library\?tag=night\+%26\+day" aria-current="page"', side)


class TestSavedSearches:
    def test_are_saved_listed_and_deleted(self, visitor: Visitor) -> None:
        saved = visitor.post("/library/searches", {"name": "Night owls", "query": "q=owl&group=batch&x=1&tag=a&tag=b"})
        assert (saved.status_code, saved.location) == (302, "/library?q=owl&tag=a&tag=b")
        page = visitor.get("/library").text
        assert 'href="/library?q=owl&amp;tag=a&amp;tag=b"' in page
        action = re.search(r'action="(/library/searches/[^"]+/deletion)"', page)
        assert action
        visitor.post(action.group(1))
        assert "Night owls</span>" not in visitor.get("/library").text

    def test_of_the_same_name_are_one(self, visitor: Visitor, owner: User) -> None:
        for query in ("q=owl", "q=fox"):
            visitor.post("/library/searches", {"name": "Animals", "query": query})
        assert [each.query for each in db.session.query(SavedSearch)] == ["q=fox"]

    @pytest.mark.parametrize(
        "form", [{"name": "", "query": "q=a"}, {"name": "A", "query": ""}, {"name": "A", "query": "rating=77"}]
    )
    def test_of_nothing_or_nonsense_are_refused(self, visitor: Visitor, form: dict[str, str]) -> None:
        assert visitor.post("/library/searches", form).status_code == 422
        assert db.session.query(SavedSearch).count() == 0

    def test_of_others_cannot_be_deleted(self, app: APIFlask, visitor: Visitor, stranger: User) -> None:
        visitor.post("/library/searches", {"name": "Mine", "query": "q=owl"})
        mine = db.session.query(SavedSearch).one().id
        other = Elsewhere(app, stranger.email, "another long pass phrase")
        other.get("/library")
        assert other.post(f"/library/searches/{mine}/deletion").status_code == 404


class TestTheTrash:
    @pytest.fixture(autouse=True)
    def _aside(self, owner: User, pictures: list[Asset]) -> None:
        marks.trash(owner.id, ids_of := [asset.id for asset in pictures[:2]])
        assert len(ids_of) == 2

    def test_shows_what_is_in_it_and_when_it_goes(self, app: APIFlask, visitor: Visitor, pictures: list[Asset]) -> None:
        page = visitor.get("/library/trash")
        assert sorted(shown(page)) == sorted(ids(pictures[:2]))
        assert "in 30 days" in page.text
        assert visitor.get(f"/api/images/{pictures[0].id}/thumb").status_code == 200

    def test_lets_its_owner_look_closely_and_nobody_else(
        self, app: APIFlask, visitor: Visitor, stranger: User, pictures: list[Asset]
    ) -> None:
        gone, also_gone, kept = pictures
        page = visitor.get(f"/images/{gone.id}")
        assert page.status_code == 200
        assert f'action="/images/{gone.id}/restoration"' in page.text
        assert 'href="/library/trash"' in page.text
        for absent in (f"/images/{gone.id}/lineage", f"/images/{gone.id}/trash", "/compare?", str(kept.id)):
            assert absent not in page.text
        assert str(also_gone.id) in page.text, "its neighbour in the trash"
        assert visitor.get(f"/api/images/{gone.id}/file").status_code == 200
        other = Elsewhere(app, stranger.email, "another long pass phrase")
        for path in (f"/images/{gone.id}", f"/api/images/{gone.id}/file"):
            assert other.get(path).status_code == 404
        visitor.post(f"/images/{gone.id}/restoration", {"next": f"/images/{gone.id}"})
        assert f'action="/images/{gone.id}/trash"' in visitor.get(f"/images/{gone.id}").text

    def test_gives_one_or_all_back(self, visitor: Visitor, pictures: list[Asset]) -> None:
        visitor.get("/library/trash")
        visitor.post(f"/images/{pictures[0].id}/restoration")
        assert shown(visitor.get("/library/trash")) == ids(pictures[1:2])
        visitor.post("/library/trash/restoration")
        assert shown(visitor.get("/library")) == ids(pictures)

    def test_is_emptied_only_by_a_typed_word(self, visitor: Visitor, pictures: list[Asset]) -> None:
        keys = [pictures[0].key, pictures[1].key, pictures[2].key]
        visitor.get("/library/trash")
        refused = visitor.post("/library/trash/deletion", {"typed_word": "yes"})
        assert (refused.status_code, "Type “empty” exactly." in refused.text) == (422, True)
        assert len(shown(visitor.get("/library/trash"))) == 2
        visitor.post("/library/trash/deletion", {"typed_word": "Empty "})
        db.session.rollback()
        assert shown(visitor.get("/library/trash")) == []
        assert [storage().exists(key) for key in keys] == [False, False, True]
        assert shown(visitor.get("/library?q=fox")) == ids(pictures[2:])

    def test_of_others_is_out_of_reach(self, app: APIFlask, stranger: User, pictures: list[Asset], owner: User) -> None:
        other = Elsewhere(app, stranger.email, "another long pass phrase")
        assert shown(other.get("/library/trash")) == []
        assert other.post(f"/images/{pictures[0].id}/restoration").status_code == 404
        other.post("/library/trash/restoration")
        other.post("/library/trash/deletion", {"typed_word": "empty"})
        db.session.expire_all()
        assert db.session.get_one(Asset, pictures[0].id).deleted_at is not None


def test_sessions_tell_their_size_and_go_to_the_trash(
    visitor: Visitor, workspace: Workspace, pictures: list[Asset]
) -> None:
    page = visitor.get("/library/sessions").text
    assert workspace.name in page
    assert re.search(r'is-number">3</td>', page)
    day = pictures[0].created_at.date()
    visitor.post("/library/sessions/trash", {"workspace_id": str(workspace.id), "day": str(day)})
    assert shown(visitor.get("/library")) == []
    assert len(shown(visitor.get("/library/trash"))) == 3


def test_nobody_sees_or_trashes_sessions_of_others(
    app: APIFlask, stranger: User, workspace: Workspace, pictures: list[Asset]
) -> None:
    other = Elsewhere(app, stranger.email, "another long pass phrase")
    assert shown(other.get("/library")) == []
    assert other.get(f"/library?workspace_id={workspace.id}").status_code == 404
    day = str(pictures[0].created_at.date())
    form = {"workspace_id": str(workspace.id), "day": day}
    assert other.post("/library/sessions/trash", form).status_code == 404
    assert db.session.get_one(Asset, pictures[0].id).deleted_at is None


@pytest.mark.parametrize("path", ["/library", "/library/trash", "/library/sessions", "/library/shelves"])
def test_strangers_are_asked_to_sign_in(app: APIFlask, path: str) -> None:
    assert Visitor(app).get(path).status_code in {302, 401}


class TestTheArchive:
    def packed(self, answer: TestResponse) -> zipfile.ZipFile:
        assert answer.status_code == 200, answer.text
        assert answer.mimetype == "application/zip"
        assert re.fullmatch(r"attachment; filename=darkroom-\d{8}-\d{6}\.zip", answer.headers["Content-Disposition"])
        archive = zipfile.ZipFile(io.BytesIO(answer.get_data()))
        assert archive.testzip() is None
        return archive

    def test_holds_the_files_with_their_recipes(self, visitor: Visitor, pictures: list[Asset]) -> None:
        visitor.get("/library")
        archive = self.packed(visitor.post("/images/zip", {"id": ids(pictures)}))
        assert archive.namelist() == [f"darkroom-{each.recipe['seed']}-{each.id.hex[-8:]}.png" for each in pictures]
        assert all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist())
        for asset, name in zip(pictures, archive.namelist(), strict=True):
            assert archive.read(name) == storage().read(asset.key)
            assert b"parameters" in archive.read(name)

    def test_says_what_is_missing_and_packs_the_rest(
        self, visitor: Visitor, owner: User, stranger: User, pictures: list[Asset]
    ) -> None:
        gone, trashed, kept = pictures
        storage().delete(gone.key)
        marks.trash(owner.id, [trashed.id])
        visitor.get("/library")
        archive = self.packed(visitor.post("/images/zip", {"id": ids(pictures)}))
        assert len(archive.namelist()) == 2
        missing = archive.read("missing.txt").decode()
        assert gone.id.hex[-8:] in missing
        assert str(trashed.id) in missing
        assert kept.id.hex[-8:] not in missing

    def test_holds_nothing_of_others(self, app: APIFlask, stranger: User, pictures: list[Asset]) -> None:
        other = Elsewhere(app, stranger.email, "another long pass phrase")
        other.get("/library")
        archive = self.packed(other.post("/images/zip", {"id": ids(pictures)}))
        assert archive.namelist() == ["missing.txt"]

    def test_is_written_after_the_request_is_over_and_never_whole_in_memory(
        self, app: APIFlask, owner: User, pictures: list[Asset], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(archive, "_PIECE_BYTES", 1000)
        entries, missing = archive.entries_of(owner.id, [asset.id for asset in pictures])
        stream = archive.stream(entries, missing)
        # As a server does it: nothing of the app's context is left.
        pieces = contextvars.Context().run(list, stream)
        assert len(pieces) > 10
        assert max(map(len, pieces)) < 2000
        assert zipfile.ZipFile(io.BytesIO(b"".join(pieces))).testzip() is None

    def test_takes_some_ids_but_no_more_than_can_be_selected(self, visitor: Visitor, pictures: list[Asset]) -> None:
        visitor.get("/library")
        too_many = [str(pictures[0].id)] * (limits.SELECTED_IMAGES + 1)
        for chosen in ([], ["x"], too_many):
            assert visitor.post("/images/zip", {"id": chosen}).status_code == 422
        assert len(self.packed(visitor.post("/images/zip", {"id": too_many[:-1]})).namelist()) == 1
