"""marks, tags, full-text search and saved searches of pictures"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SEARCH_INDEX = {
    "postgresql": ("CREATE INDEX ix_asset_texts_words ON asset_texts USING gin (to_tsvector('simple', text))",),
    "sqlite": (
        """CREATE VIRTUAL TABLE asset_search USING fts5(text, content='asset_texts', content_rowid='id',
        tokenize='unicode61 remove_diacritics 2')""",
        """CREATE TRIGGER asset_texts_added AFTER INSERT ON asset_texts BEGIN
        INSERT INTO asset_search(rowid, text) VALUES (new.id, new.text); END""",
        """CREATE TRIGGER asset_texts_gone AFTER DELETE ON asset_texts BEGIN
        INSERT INTO asset_search(asset_search, rowid, text) VALUES ('delete', old.id, old.text); END""",
        """CREATE TRIGGER asset_texts_changed AFTER UPDATE ON asset_texts BEGIN
        INSERT INTO asset_search(asset_search, rowid, text) VALUES ('delete', old.id, old.text);
        INSERT INTO asset_search(rowid, text) VALUES (new.id, new.text); END""",
    ),
}


def upgrade() -> None:
    # Column by column: a copy of the whole table, as SQLite would need for more, would take the lineage with it.
    op.add_column("assets", sa.Column("rejected", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("assets", sa.Column("rating", sa.SmallInteger(), nullable=False, server_default="0"))
    op.add_column("assets", sa.Column("batch_id", sa.Uuid(), nullable=True))
    op.add_column("assets", sa.Column("model", sa.String(64), nullable=True))
    op.add_column("assets", sa.Column("operation", sa.String(12), nullable=True))
    op.add_column("assets", sa.Column("style", sa.String(80), nullable=True))
    op.create_index("ix_assets_batch_id", "assets", ["batch_id"])
    op.create_table(
        "asset_tags",
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], op.f("fk_asset_tags_asset_id_assets"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("asset_id", "name", name=op.f("pk_asset_tags")),
    )
    op.create_index("ix_asset_tags_name_asset_id", "asset_tags", ["name", "asset_id"])
    op.create_table(
        "asset_texts",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=True),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["assets.id"], op.f("fk_asset_texts_asset_id_assets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset_texts")),
        sa.UniqueConstraint("asset_id", name=op.f("uq_asset_texts_asset_id")),
    )
    op.create_table(
        "saved_searches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("query", sa.String(2000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], op.f("fk_saved_searches_owner_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_searches")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_saved_searches_owner_id_name")),
    )
    for statement in SEARCH_INDEX[op.get_bind().dialect.name]:
        op.execute(statement)
    _describe_what_is_there()


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE asset_search")
    op.drop_table("saved_searches")
    op.drop_table("asset_texts")
    op.drop_table("asset_tags")
    op.drop_index("ix_assets_batch_id", "assets")
    for name in ("style", "operation", "model", "batch_id", "rating", "rejected"):
        op.drop_column("assets", name)


def _describe_what_is_there() -> None:
    """Fill the new columns and the search from the recipes that the rows hold already."""
    bind = op.get_bind()
    assets = sa.table(
        "assets",
        sa.column("id", sa.Uuid()),
        sa.column("job_id", sa.Uuid()),
        sa.column("recipe", sa.JSON()),
        sa.column("shown_name", sa.String()),
        sa.column("batch_id", sa.Uuid()),
        sa.column("model", sa.String()),
        sa.column("operation", sa.String()),
        sa.column("style", sa.String()),
    )
    jobs = sa.table("jobs", sa.column("id", sa.Uuid()), sa.column("batch_id", sa.Uuid()))
    texts = sa.table("asset_texts", sa.column("asset_id", sa.Uuid()), sa.column("text", sa.Text()))
    known = sa.select(assets.c.id, assets.c.recipe, assets.c.shown_name, jobs.c.batch_id).select_from(
        assets.outerjoin(jobs, jobs.c.id == assets.c.job_id)
    )
    after = None
    while True:
        page = known if after is None else known.where(assets.c.id > after)
        rows = bind.execute(page.order_by(assets.c.id).limit(1000)).all()
        if not rows:
            return
        after = rows[-1].id
        for row in rows:
            recipe = row.recipe if isinstance(row.recipe, dict) else json.loads(row.recipe or "{}")
            values = {"batch_id": row.batch_id} | {
                name: _text(recipe.get(name)) or None for name in ("model", "operation")
            }
            style = recipe.get("style")
            chosen = style.get("style") if isinstance(style, dict) else None
            values["style"] = _text(chosen.get("name")) or None if isinstance(chosen, dict) else None
            bind.execute(assets.update().where(assets.c.id == row.id).values(**values))
            words = [_text(recipe.get(name)) for name in ("template", "prompt", "negative_prompt")]
            text = "\n".join(dict.fromkeys(part for part in [*words, row.shown_name or ""] if part))
            bind.execute(texts.insert().values(asset_id=row.id, text=text))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
