"""Runs migrations on the app's own engine. Numbered files, each small and reversible; none of them imports the app."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app

from app.db import UTCDateTime
from app.money import Money


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our column types as the plain ones they are stored as: a migration must not change when the app does."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Money):
        return "sa.BigInteger()"
    return False


def include_name(name: str | None, kind: str, within: Any) -> bool:
    """The full-text index is no model: on SQLite a table with shadow tables, on PostgreSQL a column and its index."""
    if kind == "index":
        return name != "ix_asset_texts_words"
    if kind == "column":
        return (within["table_name"], name) != ("asset_texts", "words")
    return not (kind == "table" and name is not None and name.startswith("asset_search"))


def run() -> None:
    database = current_app.extensions["migrate"].db
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=render_item,
            include_name=include_name,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                # Two starts at once: the second waits here and then finds nothing left to do.
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(7233146)"))
            context.run_migrations()


run()
