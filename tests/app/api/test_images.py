from __future__ import annotations

import io
import uuid
from typing import Any

import pytest
from PIL import Image

from app import limits
from app.api import images
from app.api.idempotency import REPLAYED
from app.db import db
from app.fetch import FetchFailed
from app.workspaces import service
from app.workspaces.forms import WorkspaceBody
from app.workspaces.models import Workspace
from tests.app.api.conftest import Caller
from tests.support.engine import Engine


def picture(colour: str = "red", size: tuple[int, int] = (48, 32)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


def upload(call: Caller, data: bytes, name: str = "fox.png", **further: Any) -> Any:
    form = {"file": (io.BytesIO(data), name), **further.pop("form", {})}
    return call("POST", "/api/images", data=form, **further)


def test_a_picture_is_uploaded_and_can_be_read_back(call: Caller, workspace: Workspace) -> None:
    answer = upload(call, picture(), "../secret/fox.png", form={"workspace_id": str(workspace.id)})
    assert answer.status_code == 201
    image = answer.json
    assert (image["width"], image["height"], image["kind"], image["source"]) == (48, 32, "image", "uploaded")
    assert (image["prompt"], image["workspace_id"], image["job_id"]) == ("fox.png", str(workspace.id), None)
    stored = call("GET", image["url"])
    assert Image.open(io.BytesIO(stored.data)).size == (48, 32)
    assert stored.headers["X-Content-Type-Options"] == "nosniff"
    detail = call.get(f"/api/images/{image['id']}")
    assert detail == {**image, "recipe": {}, "parents": []}


def test_what_is_no_picture_is_refused(call: Caller) -> None:
    for data in (b"no picture", b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture()[:60]):
        answer = upload(call, data)
        assert answer.status_code in {415, 422}, data
        assert set(answer.json["error"]["fields"]) == {"file"}, data
    assert call.get("/api/images")["items"] == []


def test_an_upload_needs_its_file_and_nothing_else(call: Caller) -> None:
    assert call.refused("POST", "/api/images", data={"workspace_id": str(uuid.uuid4())})[0] in {415, 422}
    assert upload(call, picture(), form={"owner_id": "x"}).json["error"]["code"] == "unknown_field"
    assert call.refused("POST", "/api/images", data={"file": "text", "x": (io.BytesIO(b"x"), "x")})[0] == 422
    assert call.refused("POST", "/api/images", {"file": "text"})[0] == 422


def test_a_mask_is_kept_out_of_the_lists_and_says_what_it_is(call: Caller) -> None:
    mask = upload(call, picture("white"), form={"purpose": "mask"}).json
    assert mask["source"] == "mask"
    assert call.get("/api/images")["items"] == []
    assert [each["id"] for each in call.get("/api/images?source=mask")["items"]] == [mask["id"]]
    assert upload(call, picture(), form={"purpose": "wallpaper"}).status_code == 422


def test_an_upload_sent_twice_with_a_key_is_stored_once(call: Caller) -> None:
    headers = {"Idempotency-Key": "fox"}
    first, again = (upload(call, picture(), headers=headers) for _ in range(2))
    assert (first.status_code, again.json) == (201, first.json)
    assert again.headers[REPLAYED] == "true"
    assert upload(call, picture("blue"), headers=headers).status_code == 409
    assert len(call.get("/api/images")["items"]) == 1


def test_pictures_are_listed_by_workspace_and_source(call: Caller, engine: Engine, workspace: Workspace) -> None:
    engine.submit(workspace, "a {red|green} fox")
    engine.turn()
    other = service.create_workspace(workspace.owner_id, WorkspaceBody(name="Other"))
    uploaded = upload(call, picture(), form={"workspace_id": str(other.id)}).json["id"]
    assert len(call.get("/api/images")["items"]) == 3
    assert call.get("/api/images")["items"][0]["id"] == uploaded
    assert [image["id"] for image in call.get(f"/api/images?workspace_id={other.id}")["items"]] == [uploaded]
    assert [image["id"] for image in call.get("/api/images?source=uploaded")["items"]] == [uploaded]
    made = [image["id"] for image in call.get("/api/images?model=sketch&model=flux")["items"]]
    assert made == [image["id"] for image in call.get("/api/images?source=generated")["items"]] != []
    assert call.get("/api/images?model=flux&model=none")["items"] == []
    assert call.get(f"/api/images?tag={'ß' * limits.TAG_CHARS}")["items"] == []
    first = call.get("/api/images?limit=2")
    assert len(call.get(f"/api/images?cursor={first['next']}")["items"]) == 1
    call.done("DELETE", f"/api/workspaces/{other.id}?typed_name=Other")
    assert len(call.get("/api/images")["items"]) == 2


def test_a_picture_tells_how_it_was_made(call: Caller, engine: Engine, workspace: Workspace) -> None:
    engine.submit(workspace, "a {red} fox", seed=9)
    engine.turn()
    (listed,) = call.get("/api/images")["items"]
    recipe = call.get(f"/api/images/{listed['id']}")["recipe"]
    assert (recipe["seed"], recipe["model"], listed["seed"]) == (9, "sketch", 9)


def test_a_picture_goes_to_the_trash_and_comes_back(call: Caller) -> None:
    image = upload(call, picture()).json
    path = f"/api/images/{image['id']}"
    assert call("DELETE", path).status_code == 204
    assert call.refused("GET", path) == (404, "not_found")
    assert call.refused("DELETE", path) == (404, "not_found")
    assert call.get("/api/images")["items"] == []
    assert call.post(f"{path}/restore") == image
    assert call.get("/api/images")["items"] == [image]


def test_a_favourite_is_marked(call: Caller) -> None:
    path = f"/api/images/{upload(call, picture()).json['id']}"
    assert call.done("PATCH", path, {"favourite": True})["favourite"] is True
    assert call.get(path)["favourite"] is True
    for body in ({"favourite": "yes"}, {"favourite": None}, {}, {"favourite": True, "seed": 1}):
        assert call.refused("PATCH", path, body)[0] == 422


class TestFetching:
    @pytest.fixture(autouse=True)
    def _elsewhere(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """One address that leads to a picture."""

        def fetch(url: str, **_: Any) -> bytes:
            assert not db.session().in_transaction()
            if url != "https://example.com/foxes/fox.png?size=2":
                raise FetchFailed
            return picture()

        monkeypatch.setattr(images, "fetch_image", fetch)

    def test_brings_a_picture_from_an_address(self, call: Caller, workspace: Workspace) -> None:
        answer = call("POST", "/api/images/fetch", {"url": "https://example.com/foxes/fox.png?size=2"})
        assert answer.status_code == 201
        assert (answer.json["prompt"], answer.json["workspace_id"]) == ("fox.png", str(workspace.id))

    def test_says_no_more_than_that_it_failed(self, call: Caller) -> None:
        answer = call("POST", "/api/images/fetch", {"url": "https://example.com/"})
        assert (answer.status_code, answer.json["error"]["code"]) == (422, "fetch_failed")
        assert set(answer.json["error"]["fields"]) == {"url"}

    @pytest.mark.parametrize("settings_more", [{"DARKROOM_RATE_LIMITS": "true"}], indirect=True)
    def test_has_an_allowance_of_its_own(self, call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
        answers = [call("POST", "/api/images/fetch", {"url": "https://example.com/"}).status_code for _ in range(11)]
        assert answers.count(422) <= 10
        assert answers[-1] == 429


def test_addresses_that_are_not_of_the_open_internet_are_refused(call: Caller) -> None:
    for url in (
        "http://127.0.0.1/x.png",
        "http://[::1]/",
        "file:///etc/passwd",
        "http://localhost/x.png",
        "ftp://example.com/x",
    ):
        assert call.refused("POST", "/api/images/fetch", {"url": url}) == (422, "url_not_allowed"), url


@pytest.mark.parametrize("settings_more", [{"DARKROOM_RATE_LIMITS": "true"}], indirect=True)
def test_the_bytes_of_pictures_have_no_allowance(call: Caller) -> None:
    image = upload(call, picture()).json
    assert {call("GET", image["thumbnail_url"]).status_code for _ in range(80)} == {200}
