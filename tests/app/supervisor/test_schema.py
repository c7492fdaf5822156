from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from app.product import ROOT
from app.supervisor import schema


def make_versions(folder: Path, *revisions: tuple[str, str | None]) -> Path:
    folder.mkdir()
    for revision, down in revisions:
        (folder / f"{revision}.py").write_text(f"revision = {revision!r}\ndown_revision = {down!r}\n")
    return folder


def make_database(path: Path, *revisions: str) -> str:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
    connection.executemany("INSERT INTO alembic_version VALUES (?)", [(revision,) for revision in revisions])
    connection.commit()
    connection.close()
    return f"sqlite:///{path}"


def test_our_migrations_are_read_as_alembic_reads_them() -> None:
    assert schema.newest(ROOT / "migrations" / "versions") == set(ScriptDirectory(str(ROOT / "migrations")).get_heads())


@pytest.mark.parametrize(
    ("at", "current"), [(["0002"], True), (["0001"], False), (["0003"], False), ([], False), (["0002", "x"], False)]
)
def test_only_the_newest_revision_is_current(tmp_path: Path, at: list[str], current: bool) -> None:
    versions = make_versions(tmp_path / "versions", ("0001", None), ("0002", "0001"))
    assert schema.is_current(make_database(tmp_path / "db", *at), versions) is current


def test_unmerged_branches_are_both_newest(tmp_path: Path) -> None:
    versions = make_versions(tmp_path / "versions", ("0001", None), ("a", "0001"), ("b", "0001"))
    assert schema.newest(versions) == {"a", "b"}


def test_what_cannot_be_judged_is_not_current(tmp_path: Path) -> None:
    versions = make_versions(tmp_path / "versions", ("0001", None))
    (tmp_path / "text").write_text("no database at all, but long enough to look like one? " * 20)
    sqlite3.connect(tmp_path / "empty").close()
    for url in (
        "postgresql+psycopg://db/darkroom",
        f"sqlite:///{tmp_path / 'absent'}",
        f"sqlite:///{tmp_path / 'text'}",
        f"sqlite:///{tmp_path / 'empty'}",
    ):
        assert not schema.is_current(url, versions)
    assert not (tmp_path / "absent").exists()
