"""What a page costs the server when there is very much to show, and what it weighs."""

from __future__ import annotations

import gzip
import posixpath
import re
from datetime import timedelta
from html import unescape
from time import perf_counter

import sqlalchemy as sa
from flask.testing import FlaskClient

from app.db import db, utc_now
from app.library.models import Asset
from bench.ground import EMAIL, PASSWORD, add_pictures, ground, person
from bench.measurement import Row, row
from tests.support.postgres import NoPostgres, temporary_postgres

PICTURES = 100_000
# What is asked of the library: words that all have, that few and that none have; traits; and both at once.
LIBRARY = {
    "first page": ("", 60),
    "a word all pictures have": ("?q=fox", 150),
    "a rare word": ("?q=walrus", 150),
    "no hit": ("?q=xylophone", 150),
    "a begun letter": ("?q=f", 150),
    "a tag": ("?tag=keepers", 60),
    "a rating": ("?rating=4", 60),
    "three days": ("?since={first}&until={last}", 60),
    "a trait no picture has": ("?kind=video", 60),
    "a common word and a tag": ("?q=fox&tag=keepers", 150),
    "by batch": ("?group=batch", 60),
    "by batch, at the far end": ("?group=batch&after={deep}", 60),
    "by batch, a word all pictures have": ("?group=batch&q=fox", 150),
    "by batch, a rare word": ("?group=batch&q=walrus", 150),
    "by batch, a tag": ("?group=batch&tag=keepers", 60),
    "by prompt": ("?group=prompt", 60),
    "by prompt, further down": ("?group=prompt&after={hundreds}", 60),
    "by prompt, a word all pictures have": ("?group=prompt&q=fox", 150),
    "by prompt, a rare word": ("?group=prompt&q=walrus", 150),
    "by prompt, a rating": ("?group=prompt&rating=4", 60),
    "in no groups": ("?group=none", 60),
    "in no groups, a word all pictures have": ("?group=none&q=fox", 150),
    "at the far end": ("?after={deep}", 60),
    "the numbers beside it": ("/shelves?at=library", None),
    "sessions": ("/sessions", None),
}


def run() -> list[Row]:
    return [*_canvas(), *_library("SQLite"), *_on_postgres()]


def _on_postgres() -> list[Row]:
    try:
        with temporary_postgres() as url:
            return _library("PostgreSQL", DARKROOM_DATABASE_URL=url)
    except NoPostgres as reason:
        print(f"  PostgreSQL left out: {reason}")
        return []


def _library(database: str, **settings: str) -> list[Row]:
    with ground(**settings) as base:
        workspace = person()
        add_pictures(workspace, PICTURES)
        if database == "PostgreSQL":
            # As its own housekeeping would in the time that so many pictures take.
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(sa.text("VACUUM ANALYZE"))
        client = base.app.test_client()
        _sign_in(client)
        today = utc_now().date()
        filled = {
            "first": today - timedelta(days=32),
            "last": today - timedelta(days=30),
            "deep": _cursor(workspace.id, PICTURES - 200),
            "hundreds": _cursor(workspace.id, 1_000),
        }
        note = f"{PICTURES:,} pictures, {database}, in process"
        rows = [
            row(
                f"library, {name}",
                _times(client, "/library" + address.format(**filled)),
                "ms",
                budget=budget,
                note=note,
            )
            for name, (address, budget) in LIBRARY.items()
        ]
        db.session.remove()
    return rows


def _canvas() -> list[Row]:
    with ground() as base:
        workspace = person()
        add_pictures(workspace, PICTURES)
        workspace_id = workspace.id
        deep = _cursor(workspace_id, PICTURES - 200)
        client = base.app.test_client()
        _sign_in(client)
        canvas, grid = f"/w/{workspace_id}", f"/w/{workspace_id}/pictures"
        note = f"{PICTURES:,} pictures, SQLite, in process"
        rows = [
            row("canvas, first page", _times(client, canvas), "ms", budget=40, note=note),
            row("canvas, at the far end", _times(client, f"{canvas}?after={deep}"), "ms", budget=40, note=note),
            row("next page of pictures, at the far end", _times(client, f"{grid}?after={deep}"), "ms", note=note),
        ]
        weight, files = _first_load(client, canvas)
        rows.append(
            row(
                "first load of the canvas, compressed, without pictures",
                [weight],
                "kB",
                budget=200,
                note=f"{files} files",
            )
        )
        db.session.remove()
    return rows


def _cursor(workspace_id: object, skip: int) -> object:
    """The id a page deep down starts after."""
    newest_first = sa.select(Asset.id).where(Asset.workspace_id == workspace_id).order_by(Asset.id.desc())
    return db.session.scalar(newest_first.offset(skip).limit(1))


def _sign_in(client: FlaskClient) -> None:
    page = client.get("/auth/login").get_data(as_text=True)
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token is not None
    form = {"csrf_token": token.group(1), "email": EMAIL, "password": PASSWORD}
    answer = client.post("/auth/login", data=form, headers={"Origin": "http://localhost"})
    assert answer.status_code == 302, answer.get_data(as_text=True)


def _times(client: FlaskClient, path: str, rounds: int = 40) -> list[float]:
    found = []
    for number in range(rounds + 3):
        start = perf_counter()
        answer = client.get(path)
        spent = (perf_counter() - start) * 1000
        assert answer.status_code == 200, answer.status
        if number >= 3:
            found.append(spent)
    return found


def _first_load(client: FlaskClient, path: str) -> tuple[float, int]:
    """Kilobytes of the page and of all it leads a browser to before somebody touches it, as they travel: style sheets,
    icons, the font, scripts with those they import, and what htmx asks for when the page is there; and how many."""
    seen: dict[str, int] = {}
    page = _travel(client, path, seen).decode()
    todo = re.findall(r'(?:href|src)="(/static/[^"#]+)', page)
    todo += [unescape(url) for url in re.findall(r'hx-get="([^"]+)"[^>]* hx-trigger="load"', page)]
    while todo:
        address = todo.pop()
        if address in seen:
            continue
        body = _travel(client, address, seen)
        if address.endswith(".js"):
            script = body.decode()
            wanted = re.findall(r'\b(?:from|import)\s*"(\.[^"]+)"', script)
            todo += [posixpath.normpath(posixpath.join(posixpath.dirname(address), each)) for each in wanted]
    return sum(seen.values()) / 1000, len(seen)


def _travel(client: FlaskClient, address: str, seen: dict[str, int]) -> bytes:
    """Fetch as a browser does; notes the bytes on the way and gives what arrives."""
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    sent = answer.get_data()
    seen[address] = len(sent)
    return gzip.decompress(sent) if answer.headers.get("Content-Encoding") == "gzip" else sent
