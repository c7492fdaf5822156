"""with each picture the line it belongs to, and the batch and prompt that line began with, for the library's groups"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

COUNTED = ["workspace_id", "kind", "source", "line_id"]
LIBRARY = [
    "owner_id",
    "deleted_at",
    "id",
    "workspace_id",
    "kind",
    "source",
    "model",
    "style",
    "operation",
    "favourite",
    "rejected",
    "rating",
    "batch_id",
    "size_bytes",
    "created_at",
]
LINE = ["line_id", "line_batch_id", "line_prompt_id"]
_DAY_MS = 86_400_000
_A_TIME = 1000
ASSETS = sa.table(
    "assets",
    sa.column("id", sa.Uuid()),
    sa.column("owner_id", sa.Uuid()),
    sa.column("workspace_id", sa.Uuid()),
    sa.column("source", sa.String()),
    sa.column("recipe", sa.JSON()),
    sa.column("batch_id", sa.Uuid()),
    *(sa.column(name, sa.Uuid()) for name in LINE),
)
PARENTS = sa.table(
    "asset_parents",
    sa.column("asset_id", sa.Uuid()),
    sa.column("parent_id", sa.Uuid()),
    sa.column("role", sa.String()),
)


def upgrade() -> None:
    for name in LINE:
        op.add_column("assets", sa.Column(name, sa.Uuid(), nullable=True))
    _fill()
    op.drop_index("ix_assets_library", "assets")
    op.create_index("ix_assets_library", "assets", [*LIBRARY, *LINE])
    op.create_index("ix_assets_line_batch", "assets", ["owner_id", "deleted_at", "line_batch_id", "id", *COUNTED])
    op.create_index("ix_assets_line_prompt", "assets", ["owner_id", "deleted_at", "line_prompt_id", "id", *COUNTED])


def downgrade() -> None:
    op.drop_index("ix_assets_line_prompt", "assets")
    op.drop_index("ix_assets_line_batch", "assets")
    op.drop_index("ix_assets_library", "assets")
    op.create_index("ix_assets_library", "assets", LIBRARY)
    for name in reversed(LINE):
        op.drop_column("assets", name)


def _fill() -> None:
    """Oldest first, so that a picture's parents are filled before it is."""
    bind = op.get_bind()
    update = (
        ASSETS.update()
        .where(ASSETS.c.id == sa.bindparam("of"))
        .values({name: sa.bindparam(f"its_{name}") for name in LINE})
    )
    wanted = sa.select(*(ASSETS.c[name] for name in ("id", "owner_id", "workspace_id", "source", "recipe", "batch_id")))
    after = uuid.UUID(int=0)
    while rows := bind.execute(wanted.where(ASSETS.c.id > after).order_by(ASSETS.c.id).limit(_A_TIME)).all():
        after = rows[-1].id
        parents = _oldest_parents([row.id for row in rows])
        known = _lines_of(list(set(parents.values())))
        for row in rows:
            of_parent = known.get(parents.get(row.id, row.id))
            begun = of_parent[1:] if of_parent and of_parent[0] == row.owner_id else (row.id, *_keys(row))
            known[row.id] = (row.owner_id, *begun)
        bind.execute(
            update,
            [
                {"of": row.id} | {f"its_{name}": key for name, key in zip(LINE, known[row.id][1:], strict=True)}
                for row in rows
            ],
        )


def _oldest_parents(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Of pictures made from others; a mask says where, not what."""
    rows = op.get_bind().execute(
        sa.select(PARENTS.c.asset_id, PARENTS.c.parent_id)
        .where(PARENTS.c.asset_id.in_(ids), PARENTS.c.role != "mask")
        .order_by(PARENTS.c.parent_id.desc())
    )
    return {row.asset_id: row.parent_id for row in rows}


def _lines_of(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[uuid.UUID, ...]]:
    rows = op.get_bind().execute(
        sa.select(ASSETS.c.id, ASSETS.c.owner_id, *(ASSETS.c[name] for name in LINE)).where(
            ASSETS.c.id.in_(ids), ASSETS.c.line_id.is_not(None)
        )
    )
    return {row[0]: tuple(row[1:]) for row in rows}


def _keys(row: Any) -> tuple[uuid.UUID, uuid.UUID]:
    brought = _digest(f"uploads {row.workspace_id} {(row.id.int >> 80) // _DAY_MS}")
    recipe = row.recipe if isinstance(row.recipe, dict) else json.loads(row.recipe or "{}")
    texts = (recipe.get("template"), recipe.get("prompt"))
    prompt = next((text for text in texts if isinstance(text, str) and text), "")
    return row.batch_id or brought, _digest(f"prompt {prompt}") if row.source == "generated" else brought


def _digest(text: str) -> uuid.UUID:
    return uuid.UUID(bytes=hashlib.sha256(text.encode()).digest()[:16])
