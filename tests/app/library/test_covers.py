"""What workspaces show of themselves on the pages that list them."""

from __future__ import annotations

from app.accounts.models import User
from app.db import db
from app.library.models import Asset
from app.library.queries import covers_of
from app.workspaces import service
from app.workspaces.forms import WorkspaceBody
from app.workspaces.queries import workspaces_of
from tests.support.engine import Engine
from tests.support.statements import counted_queries


def test_each_workspace_shows_its_newest_pictures_and_counts_so_far(engine: Engine, owner: User) -> None:
    workspace = workspaces_of(owner.id)[0]
    other, empty = (service.create_workspace(workspace.owner_id, WorkspaceBody(name=name)) for name in ("B", "C"))
    engine.submit(workspace, "a {red|green|blue|grey} fox")
    engine.submit(other)
    engine.turn()
    made = engine.assets()
    made[0].deleted_at = made[0].created_at
    db.session.commit()
    shown = sorted((asset for asset in made[1:] if asset.workspace_id == workspace.id), key=_id, reverse=True)
    ids = [workspace.id, other.id, empty.id]
    with counted_queries() as statements:
        covers = covers_of(ids, each=2, count_to=3)
    assert len(statements) == 2
    assert covers[workspace.id] == (shown[:2], min(len(shown), 3))
    assert [asset.workspace_id for asset in covers[other.id].newest] == [other.id]
    assert covers[empty.id] == ([], 0)
    assert covers_of([workspace.id], count_to=1)[workspace.id].number == 1


def _id(asset: Asset) -> str:
    return str(asset.id)
