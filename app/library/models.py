"""Tables of stored pictures and videos."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, new_id, utc_now
from app.library import lines


def _own_id(context: DefaultExecutionContext) -> uuid.UUID:
    found: uuid.UUID = _given(context)["id"]
    return found


def _own_batch_key(context: DefaultExecutionContext) -> uuid.UUID:
    row = _given(context)
    return lines.batch_key(row["id"], row["workspace_id"], row.get("batch_id"))


def _own_prompt_key(context: DefaultExecutionContext) -> uuid.UUID:
    row = _given(context)
    return lines.prompt_key(row["id"], row["workspace_id"], row["source"], row.get("recipe") or {})


def _given(context: DefaultExecutionContext) -> dict[str, Any]:
    found: dict[str, Any] = context.get_current_parameters()  # type: ignore[no-untyped-call]  # as SQLAlchemy left it
    return found


_COUNTED = ("workspace_id", "kind", "source", "line_id")
_LINE = ("line_id", "line_batch_id", "line_prompt_id")
_TRAITS = (
    *("owner_id", "deleted_at", "id", "workspace_id", "kind", "source", "model", "style", "operation"),
    *("favourite", "rejected", "rating", "batch_id"),
)
# What few pictures are; spelled as SQLite must find it in a query, to use the index of those (app/library/search.py).
MARKED = "favourite OR rejected OR rating > 0"
UNUSUAL = "kind <> 'image' OR source <> 'generated'"


def _index_of(name: str, condition: str) -> sa.Index:
    only = sa.text(condition)
    return sa.Index(name, *_TRAITS, *_LINE, sqlite_where=only, postgresql_where=only)


class Asset(Model):
    """One stored picture or video, made here or uploaded.

    `job_id` and `ordinal` are unique together: whatever crashes, a job's n-th output is stored once.
    `recipe` is what made it, as it is written into the file offered for download.
    """

    __tablename__ = "assets"
    __table_args__ = (
        sa.UniqueConstraint("job_id", "ordinal"),
        sa.Index(None, "workspace_id", "deleted_at", "id"),
        # Every trait the library filters by, so that a search without a hit reads no row (app/library/search.py).
        sa.Index("ix_assets_library", *_TRAITS, "size_bytes", "created_at", *_LINE),
        _index_of("ix_assets_marked", MARKED),
        _index_of("ix_assets_unusual", UNUSUAL),
        sa.Index(None, "batch_id"),
        # A group's pictures, with what is counted of them (app/library/groups.py).
        sa.Index("ix_assets_line_batch", "owner_id", "deleted_at", "line_batch_id", "id", *_COUNTED),
        sa.Index("ix_assets_line_prompt", "owner_id", "deleted_at", "line_prompt_id", "id", *_COUNTED),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    workspace_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("workspaces.id", ondelete="CASCADE"))
    job_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("jobs.id", ondelete="SET NULL"))
    ordinal: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str] = mapped_column(sa.String(8))
    source: Mapped[str] = mapped_column(sa.String(10))
    mime: Mapped[str] = mapped_column(sa.String(40))
    key: Mapped[str] = mapped_column(sa.String(80))
    thumb_key: Mapped[str | None] = mapped_column(sa.String(80))
    preview_key: Mapped[str | None] = mapped_column(sa.String(80))
    poster_key: Mapped[str | None] = mapped_column(sa.String(80))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    size_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    width_px: Mapped[int]
    height_px: Mapped[int]
    duration_s: Mapped[float | None]
    placeholder: Mapped[str | None] = mapped_column(sa.String(80))
    shown_name: Mapped[str] = mapped_column(sa.String(120), default="")
    recipe: Mapped[dict[str, Any]] = mapped_column(default=dict)
    late: Mapped[bool] = mapped_column(default=False)
    favourite: Mapped[bool] = mapped_column(default=False)
    rejected: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    rating: Mapped[int] = mapped_column(sa.SmallInteger, default=0, server_default="0")
    # What made it, for the filters; no key into another table, for the picture may outlive its batch.
    batch_id: Mapped[uuid.UUID | None]
    model: Mapped[str | None] = mapped_column(sa.String(64))
    operation: Mapped[str | None] = mapped_column(sa.String(12))
    style: Mapped[str | None] = mapped_column(sa.String(80))
    # The first picture of the line it belongs to (itself, if it was made from none), and the batch and prompt of that
    # one. No keys into other tables, for a line outlives its beginning. Always filled; SQLite cannot be told so later.
    line_id: Mapped[uuid.UUID] = mapped_column(nullable=True, default=_own_id)
    line_batch_id: Mapped[uuid.UUID] = mapped_column(nullable=True, default=_own_batch_key)
    line_prompt_id: Mapped[uuid.UUID] = mapped_column(nullable=True, default=_own_prompt_key)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    deleted_at: Mapped[datetime | None]


class AssetParent(Model):
    """Lineage: which pictures went into which, and as what."""

    __tablename__ = "asset_parents"

    asset_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True)
    parent_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[str] = mapped_column(sa.String(12), primary_key=True)


class AssetTag(Model):
    """A word a person put on a picture, in lower case."""

    __tablename__ = "asset_tags"
    __table_args__ = (sa.Index(None, "name", "asset_id"),)

    asset_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)


class AssetText(Model):
    """What full-text search finds a picture by: prompts as typed and as sent, its name, as app.library.words folds
    them. Numbered in order of arrival, so that the newest matches come first without sorting them all."""

    __tablename__ = "asset_texts"

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=True)
    asset_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("assets.id", ondelete="CASCADE"), unique=True)
    text: Mapped[str] = mapped_column(sa.Text)


# PostgreSQL keeps the words beside the text, so that no read splits it again; SQLite keeps a table of its own, which
# triggers hold in step, with the beginnings of words: who types sends those. The migration repeats these statements.
SEARCH_INDEX = {
    "postgresql": (
        "ALTER TABLE asset_texts ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('simple', text)) STORED",
        "CREATE INDEX ix_asset_texts_words ON asset_texts USING gin (words)",
    ),
    "sqlite": (
        """CREATE VIRTUAL TABLE asset_search USING fts5(text, content='asset_texts', content_rowid='id',
        tokenize='unicode61 remove_diacritics 2', prefix='1 2 3')""",
        """CREATE TRIGGER asset_texts_added AFTER INSERT ON asset_texts BEGIN
        INSERT INTO asset_search(rowid, text) VALUES (new.id, new.text); END""",
        """CREATE TRIGGER asset_texts_gone AFTER DELETE ON asset_texts BEGIN
        INSERT INTO asset_search(asset_search, rowid, text) VALUES ('delete', old.id, old.text); END""",
        """CREATE TRIGGER asset_texts_changed AFTER UPDATE ON asset_texts BEGIN
        INSERT INTO asset_search(asset_search, rowid, text) VALUES ('delete', old.id, old.text);
        INSERT INTO asset_search(rowid, text) VALUES (new.id, new.text); END""",
    ),
}

for _dialect, _statements in SEARCH_INDEX.items():
    for _statement in _statements:
        _ddl = sa.DDL(_statement)  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it unannotated
        sa.event.listen(AssetText.__table__, "after_create", _ddl.execute_if(dialect=_dialect))


class SavedSearch(Model):
    """A library view a person comes back to: its name and the query string of its filters."""

    __tablename__ = "saved_searches"
    __table_args__ = (sa.UniqueConstraint("owner_id", "name"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(80))
    query: Mapped[str] = mapped_column(sa.String(2000))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
