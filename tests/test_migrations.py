"""The way up and down through all migrations, on a fresh database of each kind."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from apiflask import APIFlask

from app import create_app
from app.accounts import commands
from app.config import Settings
from app.db import db, new_id
from app.library.models import Asset, AssetParent
from app.product import ROOT
from app.workspaces.queries import workspaces_of

VERSIONS = sorted((ROOT / "migrations" / "versions").glob("*.py"))
# Kind or table, name, and definition of what is there.
SCHEMA = {
    "sqlite": ["SELECT type, tbl_name, name, sql FROM sqlite_master"],
    "postgresql": [
        """SELECT 'column', table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
        FROM information_schema.columns WHERE table_schema = 'public'""",
        "SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        """SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
        """SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid)
        FROM pg_trigger WHERE NOT tgisinternal""",
        "SELECT 'routine', routine_name FROM information_schema.routines WHERE routine_schema = 'public'",
    ],
}
DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=DATABASES)
def empty_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[APIFlask]:
    """The app over a database with nothing in it, its context pushed."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        url = _new_database(request.getfixturevalue("migrated_postgres"))
    environ = {"DARKROOM_ENV": "test", "DARKROOM_HOME": str(tmp_path), "DARKROOM_DATABASE_URL": url}
    app = create_app(Settings.from_environ(environ))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def config(empty_app: APIFlask) -> Config:
    found: Config = empty_app.extensions["migrate"].migrate.get_config()
    return found


def test_the_models_are_what_the_migrations_make(config: Config) -> None:
    command.upgrade(config, "head")
    command.check(config)  # raises, naming the differences


@pytest.mark.parametrize("empty_app", DATABASES[1:], indirect=True)
def test_the_models_make_what_the_migrations_make_to_the_letter(config: Config) -> None:
    """Alembic compares neither the conditions of indexes and checks nor triggers; PostgreSQL spells them all out."""
    command.upgrade(config, "head")
    migrated = _schema()
    command.downgrade(config, "base")
    db.create_all()
    assert _schema() == migrated


def test_every_step_can_be_taken_back_and_taken_again(config: Config) -> None:
    seen = [_schema()]
    for revision in _revisions(config):
        command.upgrade(config, revision)
        seen.append(_schema())
        command.downgrade(config, "-1")
        assert _schema() == seen[-2], f"{revision} leaves something behind"
        command.upgrade(config, revision)
        assert _schema() == seen[-1], f"{revision} is another the second time"
    for before in reversed(seen[:-1]):
        command.downgrade(config, "-1")
        assert _schema() == before
    assert _schema() == []


def test_who_is_at_the_newest_revision_already_stays_there(config: Config) -> None:
    command.upgrade(config, "head")
    before = _schema()
    command.upgrade(config, "head")
    assert _schema() == before


def test_migrations_stand_in_one_numbered_row() -> None:
    directory = ScriptDirectory(str(ROOT / "migrations"))
    assert len(directory.get_heads()) == 1
    row = [script.revision for script in reversed(list(directory.walk_revisions()))]
    assert row == [f"{number:04}" for number in range(1, len(VERSIONS) + 1)]
    assert [path.name.partition("_")[0] for path in VERSIONS] == row


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_knows_nothing_of_the_app_that_will_change_after_it(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").partition(".")[0] != "app"
        elif isinstance(node, ast.Import):
            assert all(alias.name.partition(".")[0] != "app" for alias in node.names)


def _revisions(config: Config) -> list[str]:
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    return [script.revision for script in reversed(list(scripts))]


def _schema() -> list[tuple[str, ...]]:
    """Everything in the database but its rows, as it spells it; Alembic's own table aside."""
    db.session.remove()
    dialect = db.engine.dialect.name
    with db.engine.connect() as connection:
        rows = [tuple(map(str, row)) for query in SCHEMA[dialect] for row in connection.execute(sa.text(query))]
    db.engine.dispose()
    return sorted(row for row in rows if "alembic_version" not in row)


def _new_database(server_url: str) -> str:
    """A database of its own beside the one that other tests share."""
    engine = sa.create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text("DROP DATABASE IF EXISTS migrations"))
        connection.execute(sa.text("CREATE DATABASE migrations"))
    engine.dispose()
    return sa.make_url(server_url).set(database="migrations").render_as_string(hide_password=False)


def test_lines_filled_afterwards_are_those_filled_at_once(config: Config) -> None:
    command.upgrade(config, "head")
    workspace = workspaces_of(commands.create_user("anna@example.com", "a quite long pass phrase").id)[0]
    made: list[Asset] = []
    for number, parents in enumerate(((), (), (0, 1), (2,), ())):
        asset = Asset(
            id=new_id(),
            owner_id=workspace.owner_id,
            workspace_id=workspace.id,
            kind="image",
            source="uploaded" if number == 4 else "generated",
            batch_id=None if number == 4 else new_id(),
            mime="image/png",
            key="ab/cd/abcd.png",
            sha256="0" * 64,
            size_bytes=1,
            width_px=1,
            height_px=1,
            recipe={"template": f"a {{red|grey}} fox {number} “ä”"},
        )
        if parents:
            first = made[parents[0]]
            asset.line_id, asset.line_batch_id, asset.line_prompt_id = (
                first.line_id,
                first.line_batch_id,
                first.line_prompt_id,
            )
        db.session.add(asset)
        db.session.flush()
        # What was painted with the first one as a mask does not come of it.
        roles = [("image", made[at]) for at in parents] or [("mask", other) for other in made[:1]]
        db.session.add_all(AssetParent(asset_id=asset.id, parent_id=each.id, role=role) for role, each in roles)
        db.session.commit()
        made.append(asset)
    lines = sa.select(Asset.id, Asset.line_id, Asset.line_batch_id, Asset.line_prompt_id).order_by(Asset.id)
    at_once = db.session.execute(lines).all()
    assert len({row.line_id for row in at_once}) == 3
    db.session.remove()
    command.downgrade(config, "0015")
    command.upgrade(config, "0016")
    assert db.session.execute(lines).all() == at_once
