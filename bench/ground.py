"""What benchmarks stand on: an app over a fresh SQLite database and a Valkey, a person, and many rows at once."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from apiflask import APIFlask
from flask_migrate import upgrade

from app import create_app
from app.accounts import commands
from app.config import Settings
from app.db import db, new_id, utc_now
from app.generation.models import Batch, Job
from app.library.models import Asset
from app.workspaces import queries
from app.workspaces.models import Workspace
from tests.support.valkey import temporary_valkey

EMAIL = "bench@example.com"
PASSWORD = "a quite long pass phrase"
_CHUNK = 5_000


@dataclass(frozen=True)
class Ground:
    app: APIFlask
    home: Path
    environ: dict[str, str]


@contextmanager
def ground(**settings: str) -> Iterator[Ground]:
    """An app with its context pushed; everything is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="darkroom-bench-") as folder, temporary_valkey() as valkey:
        environ = {
            "DARKROOM_ENV": "test",
            "DARKROOM_HOME": folder,
            "DARKROOM_REDIS_URL": valkey.url,
            "DARKROOM_RATE_LIMITS": "false",
            "DARKROOM_LOG_LEVEL": "ERROR",
            "DARKROOM_SKETCH_FAST": "true",
            **settings,
        }
        app = create_app(Settings.from_environ(environ))
        with app.app_context():
            upgrade()
            yield Ground(app, Path(folder), environ)
            db.session.remove()
            db.engine.dispose()


def person(email: str = EMAIL) -> Workspace:
    """The first workspace of a new account."""
    return queries.workspaces_of(commands.create_user(email, PASSWORD).id)[0]


def add_pictures(workspace: Workspace, count: int) -> None:
    """Rows of finished pictures, without files: pages never open them."""
    now = utc_now()
    recipe = {"prompt": "a red fox in snow", "template": "a {red|blue} fox in snow", "seed": 1, "model": "sketch"}
    for start in range(0, count, _CHUNK):
        rows = [
            {
                "id": new_id(),
                "owner_id": workspace.owner_id,
                "workspace_id": workspace.id,
                "ordinal": 0,
                "kind": "image",
                "source": "generated",
                "mime": "image/png",
                "key": "ab/cd/abcd" + "0" * 28 + ".png",
                "sha256": "0" * 64,
                "size_bytes": 100_000,
                "width_px": 768,
                "height_px": 512,
                "recipe": {**recipe, "seed": number},
                "created_at": now - timedelta(minutes=count - number),
            }
            for number in range(start, min(start + _CHUNK, count))
        ]
        db.session.execute(sa.insert(Asset), rows)
        db.session.commit()


def add_waiting(workspace: Workspace, count: int) -> None:
    """Rows of waiting jobs of one batch, whose owner has a job that never ends: the rest waits at the owner's cap."""
    batch = Batch(
        id=new_id(),
        owner_id=workspace.owner_id,
        workspace_id=workspace.id,
        idempotency_key=str(uuid.uuid4()),
        fingerprint="0" * 64,
        request={},
        template="a fox",
        job_count=count + 1,
    )
    db.session.add(batch)
    db.session.flush()
    now = utc_now()
    common = {
        "batch_id": batch.id,
        "owner_id": workspace.owner_id,
        "workspace_id": workspace.id,
        "operation": "txt2img",
        "model": "sketch",
        "width_px": 256,
        "height_px": 256,
        "template": "a fox",
        "prompt_sent": "a fox",
    }
    for start in range(0, count, _CHUNK):
        rows = [
            {**common, "id": new_id(), "ordinal": number, "seed": number, "position": float(number), "created_at": now}
            for number in range(start, min(start + _CHUNK, count))
        ]
        db.session.execute(sa.insert(Job), rows)
        db.session.commit()
    held = {
        **common,
        "id": new_id(),
        "ordinal": count,
        "seed": 0,
        "position": -1.0,
        "state": "running",
        "lane": "sketch",
        "handle": {},
        "placed_at": now,
        "submitted_at": now,
        "lease_owner": "elsewhere:1:1",
        "lease_until": now + timedelta(days=1),
    }
    db.session.execute(sa.insert(Job), [held])
    db.session.commit()
