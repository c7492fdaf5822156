"""What benchmarks stand on: an app over a fresh SQLite database and a Valkey, a person, and many rows at once."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from apiflask import APIFlask
from flask_migrate import upgrade

from app import create_app
from app.accounts import commands
from app.config import Settings
from app.db import db, new_id, utc_now
from app.generation.models import Batch, Job
from app.library.models import Asset, AssetTag, AssetText
from app.library.words import fold
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
    """Rows of finished pictures, without files: pages never open them. Each is a minute younger than the one before.

    All have the words "red fox"; one in 1,000 "walrus", a tag and a model of its own; one in 100 three stars or more.
    Four are a batch, the last of them made from the one before. A tenth is of one prompt, the rest of 900 in turn.
    """
    now = utc_now()
    for start in range(0, count, _CHUNK):
        numbers = range(start, min(start + _CHUNK, count))
        rows = [_picture(workspace, number, now - timedelta(minutes=count - number)) for number in numbers]
        rare = [row for number, row in zip(numbers, rows, strict=True) if number % 1000 == 7]
        for row in rare:
            row["recipe"] = {**row["recipe"], "prompt": "a red fox and a walrus in snow"}
            row["model"] = "rare"
        db.session.execute(sa.insert(Asset), rows)
        texts = [{"asset_id": row["id"], "text": fold(_words_of(row["recipe"]))} for row in rows]
        db.session.execute(sa.insert(AssetText), texts)
        db.session.execute(sa.insert(AssetTag), [{"asset_id": row["id"], "name": "keepers"} for row in rare])
        db.session.commit()


def _picture(workspace: Workspace, number: int, made_at: datetime) -> dict[str, Any]:
    milliseconds = int(made_at.timestamp() * 1000)
    template = "a {red|blue} fox in snow" if number % 10 == 1 else f"a {{red|blue}} fox in snow no {number % 1000}"
    recipe = {"prompt": "a red fox in snow", "template": template, "seed": number, "model": "sketch"}
    # A time-ordered id of that moment.
    image_id = uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | 0x2 << 62 | number)
    return {
        "id": image_id,
        "line_id": uuid.UUID(int=image_id.int - (60_000 << 80) - 1) if number % 4 == 3 else image_id,
        "batch_id": uuid.UUID(int=0x7 << 76 | 0x2 << 62 | number // 4),
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
        "recipe": recipe,
        "model": "sketch",
        "operation": "txt2img",
        "rating": 3 + number % 3 if number % 100 == 42 else 0,
        "created_at": made_at,
    }


def _words_of(recipe: dict[str, Any]) -> str:
    # With what a prompt has beside its subject, and a number, as no two texts of real people are the same.
    return f"{recipe['template']} {recipe['prompt']} golden hour, detailed fur, 85mm, {recipe['seed']}"


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
