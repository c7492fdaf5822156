"""one index that holds every trait the library filters by; texts folded for full-text search"""

from __future__ import annotations

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COLUMNS = [
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

_SIGN = re.compile("([\u3041-\u30fa\u3400-\u9fff\U00020000-\U0003ffff])")
_NO_WORD = re.compile(r"[\W_]+")


def upgrade() -> None:
    op.create_index("ix_assets_library", "assets", COLUMNS)
    # The same beginning: whatever used it can use the new one.
    op.drop_index("ix_assets_owner_id_deleted_at_id", "assets")
    _fold_texts()


def downgrade() -> None:
    """Folded texts stay: nobody reads them, and words are found in them as before."""
    op.create_index("ix_assets_owner_id_deleted_at_id", "assets", ["owner_id", "deleted_at", "id"])
    op.drop_index("ix_assets_library", "assets")


def _fold_texts() -> None:
    bind = op.get_bind()
    texts = sa.table("asset_texts", sa.column("id", sa.Integer()), sa.column("text", sa.Text()))
    after = 0
    while rows := bind.execute(
        sa.select(texts.c.id, texts.c.text).where(texts.c.id > after).order_by(texts.c.id).limit(1000)
    ).all():
        after = rows[-1].id
        for row in rows:
            if (folded := _folded(row.text)) != row.text:
                bind.execute(texts.update().where(texts.c.id == row.id).values(text=folded))


def _folded(text: str) -> str:
    bare = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(char for char in bare if not unicodedata.category(char).startswith("M"))
    return " ".join(_SIGN.sub(r" \1 ", _NO_WORD.sub(" ", bare)).split())
