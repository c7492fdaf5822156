"""What was painted and never sent is forgotten after a day; what anything holds on to stays."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta

from PIL import Image
from werkzeug.datastructures import FileStorage

from app.db import db, utc_now
from app.generation.unused_masks import UNUSED_AGE, forget_unused_masks
from app.library import marks, uploads
from app.library.marks import Marks
from app.library.models import Asset
from app.workspaces.models import Workspace
from tests.support.engine import Engine


def painted(workspace: Workspace, *, source: str = "mask", age: timedelta = 2 * UNUSED_AGE) -> uuid.UUID:
    file = io.BytesIO()
    Image.new("L", (64, 64), 255).save(file, "PNG")
    file.seek(0)
    asset = uploads.add_file(workspace, FileStorage(file, "mask.png"), source=source)
    asset.created_at = utc_now() - age
    db.session.commit()
    return asset.id


def test_only_old_masks_that_nothing_holds_on_to_are_forgotten(engine: Engine, workspace: Workspace) -> None:
    picture, unused, fresh = (
        painted(workspace, source="uploaded"),
        painted(workspace),
        painted(workspace, age=timedelta()),
    )
    waiting, used, liked, tagged = (painted(workspace) for _ in range(4))
    engine.submit(workspace, operation="inpaint", image=picture, mask=used)
    engine.turn()
    engine.submit(workspace, operation="inpaint", image=picture, mask=waiting)
    marks.set_marks(workspace.owner_id, [liked], Marks(favourite=True))
    marks.set_marks(workspace.owner_id, [tagged], Marks(add_tags=("keep",)))
    forget_unused_masks()
    left = {asset.id for asset in engine.assets() if asset.source != "generated"}
    assert left == {picture, fresh, waiting, used, liked, tagged}
    assert db.session.get(Asset, unused) is None
