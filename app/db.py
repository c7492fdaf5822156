"""The database: session, base model, time-ordered ids, after-commit hooks and the settings both dialects need."""

from __future__ import annotations

import os
import sqlite3
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

T = TypeVar("T")

_HOOKS = "darkroom_after_commit"
_TOGETHER = "darkroom_after_commit_together"


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on both dialects (SQLite alone would hand it back naive)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime was given to the database; use app.db.utc_now()")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    registry = registry(
        metadata=sa.MetaData(naming_convention=NAMING),
        type_annotation_map={
            datetime: UTCDateTime(),
            uuid.UUID: sa.Uuid(),
            dict[str, Any]: sa.JSON(),
            list[Any]: sa.JSON(),
        },
    )


db = SQLAlchemy(model_class=Base, disable_autonaming=True)

if TYPE_CHECKING:

    class Model(Base):
        """What every table derives from."""

        __abstract__ = True
else:
    Model = db.Model


def new_id() -> uuid.UUID:
    """A version 7 UUID: 48 bits of milliseconds, then 74 random bits (RFC 9562, section 5.7).

    Time-ordered, so that rows made together lie together in an index; not guessable, so that it may stand in a URL
    (where it still is no substitute for an owner check).
    """
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


def utc_now() -> datetime:
    return datetime.now(UTC)


def database_now() -> datetime:
    """The one clock that leases and limits go by: the database's, which every machine shares.

    With SQLite that is this machine's own, so nothing is asked.
    """
    if db.engine.dialect.name == "sqlite":
        return utc_now()
    now: datetime = db.session.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return now


def table_of(model: type[Base]) -> sa.Table:
    """The table itself, for statements that run too often to pay for the mapper's part in them."""
    return cast(sa.Table, model.__table__)


def rows_changed(statement: sa.Update | sa.Delete, parameters: Mapping[str, Any] | None = None) -> int:
    """Execute a compare-and-set and return how many rows it changed: 0 means that someone else was first.

    parameters: for a statement that was built beforehand, its bound values; of an update also the columns to set.
    The session's own objects are not refreshed; whoever holds one looks again.
    """
    result = db.session.execute(statement, parameters, execution_options={"synchronize_session": False})
    return int(result.rowcount)  # type: ignore[attr-defined]  # every DML result has it; the stub's base class does not


def pass_turnstile(name: str) -> None:
    """Begin the transaction by writing one named row, so that transactions of that name take turns.

    On SQLite the write takes the database's one write lock, on Postgres the row's; both are held until the commit.
    """
    turnstiles = Base.metadata.tables["turnstiles"]
    passing = turnstiles.update().where(turnstiles.c.name == name).values(passes=turnstiles.c.passes + 1)
    if not rows_changed(passing):
        insert_once(turnstiles, name=name, passes=0)
        rows_changed(passing)


def insert_once(table: sa.FromClause, **values: Any) -> None:
    """Insert a row unless one with its key is there already, on either dialect."""
    insert_missing(table, [values])


def insert_missing(table: sa.FromClause, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert those rows whose keys are not there yet: somebody else may be adding the same ones."""
    if rows:
        insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
        db.session.execute(insert(cast(sa.Table, table)).on_conflict_do_nothing(), [dict(row) for row in rows])


def after_commit(hook: Callable[[], None]) -> None:
    """Run `hook` once the current transaction is durable; forget it if it is rolled back.

    For messages only: a worker must not race an unseen row. The hook must not touch the session.
    """
    db.session().info.setdefault(_HOOKS, []).append(hook)


def after_commit_together(hook: Callable[[list[T]], None], item: T) -> None:
    """As `after_commit`, but the hook runs once, with all that was left for it in this transaction, in order."""
    left: dict[Callable[[list[T]], None], list[T]] = db.session().info.setdefault(_TOGETHER, {})
    if hook not in left:
        items = left[hook] = []
        after_commit(lambda: hook(items))
    left[hook].append(item)


@event.listens_for(Session, "after_commit")
def _run_hooks(session: Session) -> None:
    # A released savepoint is not durable yet.
    if session.in_nested_transaction():
        return
    session.info.pop(_TOGETHER, None)
    for hook in session.info.pop(_HOOKS, ()):
        hook()


@event.listens_for(Session, "after_soft_rollback")
def _forget_hooks(session: Session, previous: Any) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_HOOKS, None)
        session.info.pop(_TOGETHER, None)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA cache_size=-16000")
    cursor.close()


def engine_options(database_url: str) -> dict[str, Any]:
    """How to connect, by dialect.

    SQLite begins IMMEDIATE at the first write, so that a read never upgrades and never meets "database is locked";
    the price is that reads before it are no snapshot, which is why states move by compare-and-set.
    """
    if database_url.startswith("sqlite"):
        return {
            "hide_parameters": True,  # what people type belongs in no log
            "connect_args": {"isolation_level": "IMMEDIATE", "timeout": 15, "check_same_thread": False},
            # A connection is an open file and little more; what waits is the write lock, and that by itself.
            "pool_size": 20,
            "max_overflow": 100,
        }
    return {
        "hide_parameters": True,
        "pool_pre_ping": True,
        "pool_size": 10,
        "max_overflow": 20,
        "pool_timeout": 5,
        "connect_args": {"connect_timeout": 3, "options": "-c timezone=utc -c lock_timeout=10000"},
    }
