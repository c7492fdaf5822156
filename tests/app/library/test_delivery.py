"""Pictures reach their owner and nobody else, under headers that make even a hostile file harmless."""

from __future__ import annotations

import io
import os
import time
import uuid

import pytest
from apiflask import APIFlask
from PIL import Image

from app.accounts.models import User
from app.db import db
from app.extensions import storage
from app.library import sweeping
from app.library.models import Asset
from app.workspaces import queries
from tests.support.engine import Engine
from tests.support.visitor import Visitor


@pytest.fixture
def asset(engine: Engine, owner: User) -> Asset:
    engine.submit(queries.workspaces_of(owner.id)[0], width=640, height=384, seed=5)
    engine.turn()
    return engine.assets()[0]


def test_the_owner_sees_original_preview_and_thumbnail(app: APIFlask, owner: User, asset: Asset) -> None:
    visitor = Visitor(app, owner.email)
    sizes = {}
    for what in ("file", "preview", "thumb"):
        answer = visitor.get(f"/api/images/{asset.id}/{what}")
        assert answer.status_code == 200
        sizes[what] = Image.open(io.BytesIO(answer.get_data())).size
    assert sizes == {"file": (640, 384), "preview": (640, 384), "thumb": (256, 154)}


def test_a_delivered_file_can_do_nothing_but_be_seen(app: APIFlask, owner: User, asset: Asset) -> None:
    headers = Visitor(app, owner.email).get(f"/api/images/{asset.id}/file").headers
    assert headers["Content-Type"] == "image/png"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert f"darkroom-5-{asset.id.hex[-8:]}.png" in headers["Content-Disposition"]


@pytest.mark.parametrize("what", ["file", "preview", "thumb"])
def test_somebody_elses_picture_looks_like_a_missing_one(
    app: APIFlask, stranger: User, asset: Asset, what: str
) -> None:
    visitor = Visitor(app, stranger.email, "another long pass phrase")
    theirs = visitor.get(f"/api/images/{asset.id}/{what}")
    missing = visitor.get(f"/api/images/{uuid.uuid4()}/{what}")
    assert theirs.status_code == missing.status_code == 404
    assert theirs.get_json()["error"]["message"] == missing.get_json()["error"]["message"]


def test_a_visitor_gets_no_picture(app: APIFlask, asset: Asset) -> None:
    assert Visitor(app).get(f"/api/images/{asset.id}/file").status_code == 401


def test_a_part_of_a_file_can_be_asked_for(app: APIFlask, owner: User, asset: Asset) -> None:
    answer = Visitor(app, owner.email).get(f"/api/images/{asset.id}/file", headers={"Range": "bytes=0-7"})
    assert (answer.status_code, answer.get_data()) == (206, b"\x89PNG\r\n\x1a\n")


def test_an_unchanged_file_is_not_sent_again(app: APIFlask, owner: User, asset: Asset) -> None:
    visitor = Visitor(app, owner.email)
    tag = visitor.get(f"/api/images/{asset.id}/thumb").headers["ETag"]
    assert visitor.get(f"/api/images/{asset.id}/thumb", headers={"If-None-Match": tag}).status_code == 304


def test_a_lost_thumbnail_is_replaced_by_the_original(app: APIFlask, owner: User, asset: Asset) -> None:
    assert asset.thumb_key is not None
    storage().delete(asset.thumb_key)
    answer = Visitor(app, owner.email).get(f"/api/images/{asset.id}/thumb")
    assert Image.open(io.BytesIO(answer.get_data())).size == (640, 384)


def test_the_sweep_removes_what_no_row_names_and_nothing_else(app: APIFlask, asset: Asset) -> None:
    orphan = storage().put(b"nobody's", "png").key
    fresh = storage().put(b"somebody's, in a moment", "png").key
    old = time.time() - 2 * sweeping.ORPHAN_AGE_S
    for key in (orphan, asset.key):
        os.utime(storage().path(key), (old, old))
    sweeping.sweep_files()
    assert [storage().exists(key) for key in (orphan, fresh, asset.key)] == [False, True, True]


def test_the_sweep_forgets_pictures_of_deleted_workspaces(engine: Engine, owner: User, asset: Asset) -> None:
    from app.workspaces import service
    from app.workspaces.forms import WorkspaceBody

    workspace = service.workspace_for(owner.id, asset.workspace_id)
    service.create_workspace(owner.id, WorkspaceBody(name="Other"))
    service.delete_workspace(workspace, typed_name=workspace.name)
    sweeping.sweep_files()
    assert engine.assets() == []
    db.session.rollback()
