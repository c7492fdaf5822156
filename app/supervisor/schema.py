"""Whether a SQLite database is at the newest migration already, asked without loading the product.

Loading it takes two seconds of every start, and nearly every start finds nothing to migrate.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

# As Alembic writes them into every migration file.
REVISION = re.compile(r"^revision(?:: str)? = ['\"](\w+)['\"]", re.MULTILINE)
DOWN_REVISION = re.compile(r"^down_revision[^=\n]* = ['\"](\w+)['\"]", re.MULTILINE)
SQLITE_FILE = re.compile(r"sqlite(?:\+pysqlite)?:///(?P<path>[^?]+)")


def newest(versions: Path) -> set[str]:
    """The revisions of the folder that no other one builds on; one, unless branches were left unmerged."""
    texts = [path.read_text(encoding="utf-8") for path in versions.glob("*.py")]
    built_on = {found[1] for text in texts for found in DOWN_REVISION.finditer(text)}
    return {found[1] for text in texts for found in REVISION.finditer(text)} - built_on


def is_current(database_url: str, versions: Path) -> bool:
    """True only when it is certain; other databases, absent and unreadable ones are for Alembic to judge."""
    found = SQLITE_FILE.fullmatch(database_url)
    if found is None or not Path(found["path"]).is_file():
        return False
    try:
        with closing(sqlite3.connect(found["path"], timeout=1)) as connection:
            rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.Error:
        return False
    return {row[0] for row in rows} == newest(versions)
