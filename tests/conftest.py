"""What most tests stand on: a migrated database of either kind, a real Valkey, and the app over both.

`app` runs each test that asks for it twice, on SQLite and on PostgreSQL. Where one of them, or a browser, cannot be
had, its tests are skipped; DARKROOM_TEST_REQUIRE=browser,postgres turns such a skip into a failure.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from jinja2 import FileSystemBytecodeCache

from app import create_app
from app.accounts import commands, security_settings
from app.accounts.models import User
from app.config import Settings
from app.db import db
from tests.support.engine import Engine
from tests.support.postgres import NoPostgres, temporary_postgres
from tests.support.quick_apps import compile_each_route_once, keep_engines
from tests.support.valkey import TemporaryServer, temporary_valkey

# Tests that share a running product stay in one process; in the order in which they should begin.
LONG_GROUPS = ("browser", "faults")
REQUIRED = frozenset(filter(None, os.environ.get("DARKROOM_TEST_REQUIRE", "").split(",")))


def pytest_configure() -> None:
    compile_each_route_once()
    keep_engines()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long groups first: what begins last would otherwise keep one process busy long after the others."""

    def turn(item: pytest.Item) -> int:
        group = item.get_closest_marker("xdist_group")
        return LONG_GROUPS.index(group.args[0]) if group else len(LONG_GROUPS)

    items.sort(key=turn)


def pytest_collection_finish() -> None:
    """What was imported so far stays: the collector need not walk it again and again."""
    gc.collect()
    gc.freeze()


def missing(what: str, why: str) -> None:
    """Skip a test for want of something, unless this run was told that it must be there."""
    if what in REQUIRED:
        pytest.fail(f"{what} is required here: {why}")
    pytest.skip(why)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[TemporaryServer]:
    with temporary_valkey() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with all tables, to be copied for each test."""
    from flask_migrate import upgrade

    home = tmp_path_factory.mktemp("template")
    app = create_app(_settings(home, f"sqlite:///{home / 'darkroom.db'}"))
    with app.app_context():
        upgrade()
        db.session.remove()
        db.engine.dispose()
    return home / "darkroom.db"


@pytest.fixture(scope="session")
def sqlite_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each test finds its database, at the same address as the one before it."""
    return tmp_path_factory.mktemp("sqlite")


@pytest.fixture(scope="session")
def migrated_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL database with all tables; emptied before each test."""
    from flask_migrate import upgrade

    try:
        with temporary_postgres() as url:
            app = create_app(_settings(tmp_path_factory.mktemp("postgres"), url))
            with app.app_context():
                upgrade()
                db.session.remove()
                db.engine.dispose()
            yield url
    except NoPostgres as reason:
        missing("postgres", str(reason))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("migrated_sqlite")
        return f"sqlite:///{_copied(template, request.getfixturevalue('sqlite_folder'))}"
    url: str = request.getfixturevalue("migrated_postgres")
    _empty(url)
    return url


@pytest.fixture
def settings_more(request: pytest.FixtureRequest) -> dict[str, str]:
    """Further settings of one test: parametrize it indirectly."""
    more: dict[str, str] = getattr(request, "param", {})
    return more


@pytest.fixture
def settings(
    tmp_path: Path, database_url: str, redis_server: TemporaryServer, settings_more: dict[str, str]
) -> Settings:
    redis_server.flush()
    return _settings(tmp_path, database_url, DARKROOM_REDIS_URL=redis_server.url, **settings_more)


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Each test makes an app of its own; the pages are compiled once for all of them."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password costs microseconds here; what it costs in earnest has a test of its own."""
    monkeypatch.setattr(
        security_settings, "ARGON2", dict.fromkeys(security_settings.ARGON2, 1) | {"argon2__memory_cost": 8}
    )


@pytest.fixture
def app(settings: Settings, compiled_templates: FileSystemBytecodeCache, cheap_hashes: None) -> Iterator[APIFlask]:
    """The app, with its context pushed."""
    app = create_app(settings)
    app.jinja_env.bytecode_cache = compiled_templates
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def owner(app: APIFlask) -> User:
    """A confirmed person with a first workspace."""
    return commands.create_user("owner@example.com", "a quite long pass phrase")


@pytest.fixture
def stranger(app: APIFlask) -> User:
    return commands.create_user("stranger@example.com", "another long pass phrase")


@pytest.fixture
def engine(app: APIFlask) -> Engine:
    """The engine turned by hand: what Celery would do, done when the test says so."""
    return Engine(app)


def _settings(home: Path, database_url: str, **more: str) -> Settings:
    environ = {
        "DARKROOM_ENV": "test",
        "DARKROOM_HOME": str(home),
        "DARKROOM_DATABASE_URL": database_url,
        "DARKROOM_SECRET_KEY": "a key for tests and nothing but tests",
        "DARKROOM_RATE_LIMITS": "false",
        "DARKROOM_SKETCH_FAST": "true",
        **more,
    }
    return Settings.from_environ(environ)


def _copied(template: Path, folder: Path) -> Path:
    for left in folder.iterdir():
        left.unlink()
    return Path(shutil.copy(template, folder / template.name))


def _empty(url: str) -> None:
    """Deleting from tables that are mostly empty takes a tenth of truncating them; neither keys nor triggers mind."""
    engine = _superuser(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql(_deletions(engine))


@cache
def _superuser(url: str) -> sa.Engine:
    return sa.create_engine(url, poolclass=sa.NullPool)


@cache
def _deletions(engine: sa.Engine) -> str:
    tables = sa.inspect(engine).get_table_names()
    return "; ".join(f"DELETE FROM {name}" for name in tables if name != "alembic_version")  # noqa: S608 - our own names
