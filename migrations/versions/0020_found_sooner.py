"""indexes of the few pictures that somebody marked or that are no ordinary output; words kept as search reads them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TRAITS = [
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
    "line_id",
    "line_batch_id",
    "line_prompt_id",
]
SOME = {
    "ix_assets_marked": "favourite OR rejected OR rating > 0",
    "ix_assets_unusual": "kind <> 'image' OR source <> 'generated'",
}


def upgrade() -> None:
    for name, condition in SOME.items():
        op.create_index(name, "assets", TRAITS, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX ix_asset_texts_words")
        op.execute(
            "ALTER TABLE asset_texts ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('simple', text)) STORED"
        )
        op.execute("CREATE INDEX ix_asset_texts_words ON asset_texts USING gin (words)")
    else:
        _new_search(", prefix='1 2 3'")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX ix_asset_texts_words")
        op.execute("ALTER TABLE asset_texts DROP COLUMN words")
        op.execute("CREATE INDEX ix_asset_texts_words ON asset_texts USING gin (to_tsvector('simple', text))")
    else:
        _new_search("")
    for name in SOME:
        op.drop_index(name, "assets")


def _new_search(more: str) -> None:
    """The triggers name the table and need not change with it."""
    op.execute("DROP TABLE asset_search")
    op.execute(
        f"""CREATE VIRTUAL TABLE asset_search USING fts5(text, content='asset_texts', content_rowid='id',
        tokenize='unicode61 remove_diacritics 2'{more})"""
    )
    op.execute("INSERT INTO asset_search(asset_search) VALUES ('rebuild')")
